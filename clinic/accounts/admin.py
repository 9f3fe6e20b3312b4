"""Users in the admin site, and what all admin pages share: permission checks, versions, audit
entries.
"""

from django import forms
from django.contrib import admin
from django.contrib.admin.utils import flatten_fieldsets
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import AdminPasswordChangeForm, BaseUserCreationForm
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.urls import reverse
from django.utils.html import format_html
from simple_history.admin import SimpleHistoryAdmin

from clinic.accounts.lockout import password_is_right
from clinic.accounts.models import User
from clinic.accounts.permissions import ROLES
from clinic.accounts.read_form import ReadForm
from clinic.records import audit_log
from clinic.records.exceptions import Refused
from clinic.records.numbers import Count, CountInput


class RestrictedAdmin(admin.ModelAdmin):
    """Access is decided by `is_open_to` only; Django's own permissions are ignored.

    Every write creates an audit entry.
    """

    form = ReadForm
    view_on_site = False
    list_per_page = 100
    formfield_overrides = {Count: {"widget": CountInput}}

    def is_open_to(self, user):
        raise NotImplementedError

    def has_module_permission(self, request):
        return self.is_open_to(request.user)

    def has_view_permission(self, request, obj=None):
        return self.is_open_to(request.user)

    has_change_permission = has_add_permission = has_delete_permission = has_view_permission

    def get_fieldsets(self, request, obj=None):
        fieldsets = super().get_fieldsets(request, obj)
        if obj is None or getattr(request, "shows_an_earlier_state", False):
            return fieldsets
        return [*fieldsets, (None, {"fields": ["version_read"]})]

    def get_object(self, request, object_id, from_field=None):
        obj = super().get_object(request, object_id, from_field)
        if obj is not None and request.method == "POST" and connection.in_atomic_block:
            obj = self.model._base_manager.select_for_update().filter(pk=obj.pk).first()
        return obj

    def changeform_view(self, request, *args, **kwargs):
        try:
            return super().changeform_view(request, *args, **kwargs)
        except (IntegrityError, ValidationError, Refused):
            return super().changeform_view(request, *args, **kwargs)

    def log_addition(self, request, obj, message):
        super().log_addition(request, obj, message)
        self.record_in_audit_log("added", obj, by=request.user)

    def log_change(self, request, obj, message):
        super().log_change(request, obj, message)
        self.record_in_audit_log("changed", obj, by=request.user)

    def record_in_audit_log(self, saved, obj, *, by):
        audit_log.record(saved, obj, by=by)

    def delete_model(self, request, obj):
        pk = obj.pk
        super().delete_model(request, obj)
        obj.pk = pk
        audit_log.record("deleted", obj, by=request.user)


class RestrictedHistoryAdmin(RestrictedAdmin, SimpleHistoryAdmin):
    """Shows earlier states. They are read-only: to restore a value, type it again."""

    def has_change_history_permission(self, request, obj=None):
        return False

    def revert_disabled(self, request, obj=None):
        return True

    def get_readonly_fields(self, request, obj=None):
        if getattr(request, "shows_an_earlier_state", False):
            return flatten_fieldsets(self.fieldsets)
        return super().get_readonly_fields(request, obj)

    def history_form_view(self, request, object_id, version_id, extra_context=None):
        if request.method == "POST" and self.has_view_permission(request):
            raise Refused("An earlier version is read-only. Open the current entry and change it there.")
        request.shows_an_earlier_state = True
        return super().history_form_view(request, object_id, version_id, extra_context)


class SuperuserAdmin(RestrictedAdmin):
    """Users and the clinic. They cannot be deleted, because records refer to them."""

    def is_open_to(self, user):
        return user.is_active and user.is_superuser

    def has_delete_permission(self, request, obj=None):
        return False


HELP = {
    "is_active": (
        "Clear this box instead of deleting the account. The user can no longer log in, and the name stays on records."
    ),
    "is_superuser": "Can change users, roles and the clinic’s details here. Cannot open clinical pages.",
}
ROLES_HELP = "What this user can do."
FIRST_PASSWORD_HELP = "The user must choose a new one at the next login."  # noqa: S105
NOT_YOURSELF = "You cannot remove this from your own account. Ask another administrator."


class _Confirmed(forms.Form):
    """Changes of accounts need the administrator's own password: an open browser is not enough."""

    request = None  # set before the form is made

    your_password = forms.CharField(
        strip=False,
        widget=forms.PasswordInput({"autocomplete": "current-password"}),
        label="Your own password",
        help_text="To confirm that it is you who changes this account.",
        error_messages={"required": "Type your own password to confirm this."},
    )

    def clean_your_password(self):
        password_is_right(self.request, self.cleaned_data["your_password"])
        return ""


class _PersonForm(_Confirmed, forms.ModelForm):
    def clean_username(self):
        username = self.cleaned_data["username"]
        if User.objects.filter(username=User.normalize_username(username)).exclude(pk=self.instance.pk).exists():
            raise ValidationError("Another user has this user name.")
        return username


class PersonForm(_PersonForm, ReadForm):
    def _not_own(self, name):
        if self.instance.pk == self.request.user.pk and not self.cleaned_data[name]:
            raise ValidationError(NOT_YOURSELF)
        return self.cleaned_data[name]

    def clean_is_active(self):
        return self._not_own("is_active")

    def clean_is_superuser(self):
        return self._not_own("is_superuser")


class NewPersonForm(_PersonForm, BaseUserCreationForm):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["password1"].label, self.fields["password2"].label = "First password", "First password again"
        self.fields["password2"].help_text = FIRST_PASSWORD_HELP


class SetPasswordForm(_Confirmed, AdminPasswordChangeForm):
    """Sets a password chosen by the superuser; the user must choose another at the next login."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.request = self.user.changed_in
        self.fields.pop("usable_password", None)
        self.order_fields(["password1", "password2", "your_password"])
        for name in ("password1", "password2"):
            self.fields[name].required = True
        self.fields["password2"].help_text = FIRST_PASSWORD_HELP

    def save(self, commit=True):
        self.user.must_change_password = True
        return super().save(commit)


CONFIRM = ("Confirm", {"fields": ["your_password"]})


@admin.register(User)
class PersonAdmin(SuperuserAdmin, UserAdmin):
    form, add_form, change_password_form = PersonForm, NewPersonForm, SetPasswordForm
    list_display = ["printed_name", "username", "roles", "is_superuser", "is_active", "last_login"]
    list_filter = ["is_active", "is_superuser", "groups"]
    search_fields = ["printed_name", "username"]
    ordering = ["printed_name"]
    filter_horizontal = []
    readonly_fields = ["password_link", "access_link", "must_change_password", "last_login"]
    fieldsets = [
        (None, {"fields": ["username", "printed_name", "email", "groups"]}),
        (
            "Access",
            {
                "fields": [
                    "is_active",
                    "is_superuser",
                    "password_link",
                    "access_link",
                    "must_change_password",
                    "last_login",
                ]
            },
        ),
        CONFIRM,
    ]
    add_fieldsets = [
        (None, {"fields": ["username", "printed_name", "email", "groups", "password1", "password2"]}),
        CONFIRM,
    ]

    def get_queryset(self, request):
        return super().get_queryset(request).prefetch_related("groups")

    def get_form(self, request, obj=None, **kwargs):
        form = super().get_form(request, obj, **kwargs)
        form.request = request
        return form

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        if db_field.name == "groups":
            return forms.ModelMultipleChoiceField(
                Group.objects.filter(name__in=ROLES).order_by("name"),
                label="Roles",
                required=False,
                widget=forms.CheckboxSelectMultiple,
                help_text=ROLES_HELP,
            )
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.name in HELP:
            field.help_text = HELP[db_field.name]
        return field

    @admin.display(description="roles")
    def roles(self, person):
        return ", ".join(person.role_names)

    @admin.display(description="password")
    def password_link(self, person):
        return format_html(
            '<a href="{}">Set another password</a>', reverse("admin:auth_user_password_change", args=[person.pk])
        )

    @admin.display(description="second factor, lock and logins")
    def access_link(self, person):
        return format_html('<a href="{}">Show and change</a>', reverse("clinic:person-access", args=[person.pk]))

    def get_object(self, request, object_id, from_field=None):
        person = super().get_object(request, object_id, from_field)
        if person is not None:
            person.changed_in = request  # the form for a password is made by Django, and gets nothing but the user
        return person

    @transaction.atomic
    def user_change_password(self, request, id, form_url=""):  # noqa: A002  (the name in Django's URL)
        return super().user_change_password(request, id, form_url)
