"""The forms of a user's own second factor. Each asks for the password again."""

from allauth.mfa.totp.internal.auth import validate_totp_code
from django import forms
from django.core.exceptions import ValidationError

from clinic.accounts.lockout import password_is_right
from clinic.accounts.second_factor.ceremonies import NOT_CREATED, CredentialField, require_created
from clinic.records.text import Line
from clinic.web.forms import ActionForm

CODE = {"autocomplete": "one-time-code", "inputmode": "numeric", "spellcheck": "false"}
WRONG_CODE = "This code is wrong or was used before. Type the code that the app shows now."


class PasswordForm(ActionForm):
    """Confirms a change of the user's own second factor."""

    password = forms.CharField(
        strip=False,
        widget=forms.PasswordInput({"autocomplete": "current-password"}),
        label="Your password",
        error_messages={"required": "Type your password to confirm this change."},
    )

    def __init__(self, *args, request, **kwargs):
        self.request = request
        super().__init__(*args, **kwargs)

    def clean_password(self):
        password_is_right(self.request, self.cleaned_data["password"])
        return self.cleaned_data["password"]

    def values(self):
        return {name: value for name, value in super().values().items() if name != "password"}


class AppForm(PasswordForm):
    code = forms.CharField(
        max_length=20,
        widget=forms.TextInput(CODE),
        label="Code that the app shows now",
        error_messages={"required": "Type the code of six digits that the app shows now."},
    )

    field_order = ["code", "password"]

    def __init__(self, *args, secret, **kwargs):
        self.secret = secret
        super().__init__(*args, **kwargs)

    def clean_code(self):
        if not validate_totp_code(self.secret, self.cleaned_data["code"]):
            raise ValidationError(WRONG_CODE)
        return self.cleaned_data["code"]

    def values(self):
        return {"secret": self.secret}


def name_field():
    return Line(max_length=40).formfield(
        label="Name of the passkey",
        help_text="For example the device: work laptop, phone.",
        error_messages={"required": "Enter a name for the passkey."},
    )


class PasskeyForm(PasswordForm):
    name = name_field()
    credential = CredentialField(message=NOT_CREATED)

    field_order = ["name", "password", "credential"]

    def clean(self):
        """A rejected name or password needs another passkey too: its challenge was for this form."""
        cleaned = super().clean()
        if not self.errors:
            require_created(cleaned["credential"])
        return cleaned

    def add_error(self, field, error):
        """The field is hidden, and a script fills it."""
        super().add_error(None if field == "credential" else field, NOT_CREATED if field == "credential" else error)


class PasskeyNameForm(ActionForm):
    name = name_field()
