"""Users in the admin site, and what all admin pages share: permission checks, versions, audit
entries.
"""

import hashlib

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

from clinic.accounts.models import User
from clinic.accounts.permissions import ROLES
from clinic.records import audit_log
from clinic.records.actions import name_who_changed
from clinic.records.exceptions import Refused
from clinic.records.models import Versioned
from clinic.records.numbers import Count, CountInput


class ReadForm(forms.ModelForm):
    """Contains the version that was read, so that a stale save is rejected and shows stored and typed values."""

    version_read = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial["version_read"] = self._version()

    def clean(self):
        cleaned = super().clean()
        if self.instance.pk and cleaned.get("version_read") != self._version():
            self._add_conflict()
        return cleaned

    def _version(self):
        if isinstance(self.instance, Versioned):
            return str(self.instance.version)
        stored = {name: self._stored(name) for name in self._own_fields()}
        return hashlib.sha256(repr(sorted(stored.items())).encode()).hexdigest()

    def _own_fields(self):
        known = {field.name for field in (*self.instance._meta.fields, *self.instance._meta.many_to_many)}
        return [name for name in self.fields if name in known]

    def _stored(self, name):
        return self.initial.get(name) if not self._is_several(name) else sorted(map(str, self.initial.get(name, [])))

    def _is_several(self, name):
        return isinstance(self.fields[name], forms.ModelMultipleChoiceField)

    def _add_conflict(self):
        self.data = self.data.copy()
        self.data[self.add_prefix("version_read")] = self._version()
        self.add_error(None, name_who_changed(self.instance))
        for name in self._own_fields():
            if name in self.cleaned_data and self.fields[name].has_changed(self.initial.get(name), self._typed(name)):
                self.add_error(
                    name,
                    f"Stored now: {self._stored_in_words(name)}. Saving again replaces it with what is shown here.",
                )

    def _typed(self, name):
        return self[name].data

    def _stored_in_words(self, name):
        if self._is_several(name):
            return ", ".join(sorted(map(str, self.initial.get(name, [])))) or "(none)"
        display = getattr(self.instance, f"get_{name}_display", None)
        value = display() if display else getattr(self.instance, name)
        return {True: "yes", False: "no", "": "(empty)", None: "(none)"}.get(value, value)


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


class _PersonForm(forms.ModelForm):
    editor = None  # who completes the form

    def clean_username(self):
        username = self.cleaned_data["username"]
        if User.objects.filter(username=User.normalize_username(username)).exclude(pk=self.instance.pk).exists():
            raise ValidationError("Another user has this user name.")
        return username


class PersonForm(_PersonForm, ReadForm):
    def _not_own(self, name):
        if self.instance.pk == self.editor.pk and not self.cleaned_data[name]:
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


class SetPasswordForm(AdminPasswordChangeForm):
    """Sets a password chosen by the superuser; the user must choose another at the next login."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields.pop("usable_password", None)
        for name in ("password1", "password2"):
            self.fields[name].required = True
        self.fields["password2"].help_text = FIRST_PASSWORD_HELP

    def save(self, commit=True):
        self.user.must_change_password = True
        return super().save(commit)


@admin.register(User)
class PersonAdmin(SuperuserAdmin, UserAdmin):
    form, add_form, change_password_form = PersonForm, NewPersonForm, SetPasswordForm
    list_display = ["printed_name", "username", "roles", "is_superuser", "is_active", "last_login"]
    list_filter = ["is_active", "is_superuser", "groups"]
    search_fields = ["printed_name", "username"]
    ordering = ["printed_name"]
    filter_horizontal = []
    readonly_fields = ["password_link", "must_change_password", "last_login"]
    fieldsets = [
        (None, {"fields": ["username", "printed_name", "email", "groups"]}),
        (
            "Access",
            {"fields": ["is_active", "is_superuser", "password_link", "must_change_password", "last_login"]},
        ),
    ]
    add_fieldsets = [(None, {"fields": ["username", "printed_name", "email", "groups", "password1", "password2"]})]

    def get_queryset(self, request):
        return super().get_queryset(request).prefetch_related("groups")

    def get_form(self, request, obj=None, **kwargs):
        form = super().get_form(request, obj, **kwargs)
        form.editor = request.user
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

    @transaction.atomic
    def user_change_password(self, request, id, form_url=""):  # noqa: A002  (the name in Django's address)
        return super().user_change_password(request, id, form_url)
