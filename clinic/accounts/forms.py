"""The forms of a user's own tokens and preferences."""

from django import forms
from django.core.exceptions import ValidationError

from clinic.accounts.actions import LIFETIMES
from clinic.accounts.lockout import password_is_right
from clinic.accounts.models import User
from clinic.accounts.permissions import READING, WRITING, Permission, grantable
from clinic.accounts.tokens import ApiToken
from clinic.web.forms import ActionForm, CreationForm

READ_ALL, TICKED = "read", "ticked"
SCOPES = {READ_ALL: "Read only: everything that you can read", TICKED: "Only the permissions selected below"}
TICKED_UNUSED = f"You selected some permissions. Choose “{SCOPES[TICKED]}”, or clear them."


class TokenForm(CreationForm):
    """Offers only permissions that the user has, and asks for their password again."""

    name = ApiToken._meta.get_field("name").formfield(
        label="Name of the program", error_messages={"required": "Enter the name of the program."}
    )
    days = forms.TypedChoiceField(
        choices=[(days, f"{days} days") for days in LIFETIMES], coerce=int, initial=30, label="Ends after"
    )
    scope = forms.ChoiceField(
        choices=SCOPES,
        widget=forms.RadioSelect,
        initial=READ_ALL,
        label="What it can do",
        error_messages={"required": "Select what the token can do."},
    )
    permissions = forms.TypedMultipleChoiceField(
        coerce=lambda name: Permission[name],
        widget=forms.CheckboxSelectMultiple,
        required=False,
        label="Permissions that you can give",
        error_messages={"invalid_choice": "You do not have one of these permissions. Select only from the list."},
    )
    password = forms.CharField(
        strip=False,
        widget=forms.PasswordInput({"autocomplete": "current-password"}),
        label="Your password",
        error_messages={"required": "Type your password to create a token."},
    )

    def __init__(self, *args, request, **kwargs):
        self.request = request
        self.readable = grantable(request.user, READING)
        super().__init__(*args, **kwargs)
        self.fields["permissions"].choices = [
            (permission.name, permission.token_label())
            for permission in (*self.readable, *grantable(request.user, WRITING))
        ]

    def clean_password(self):
        password_is_right(self.request, self.cleaned_data["password"])
        return self.cleaned_data["password"]

    def clean(self):
        cleaned = super().clean()
        if cleaned.get("scope") == READ_ALL and cleaned.get("permissions"):
            raise ValidationError({"scope": TICKED_UNUSED})
        return cleaned

    def values(self):
        typed = super().values()
        permissions = self.readable if typed["scope"] == READ_ALL else typed["permissions"]
        return {"name": typed["name"], "days": typed["days"], "permissions": permissions}


class PreferencesForm(ActionForm):
    class Meta:
        model = User
        fields = ["appearance", "single_keys"]
        widgets = {"appearance": forms.RadioSelect}
