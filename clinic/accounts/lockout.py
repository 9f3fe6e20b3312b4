"""Login by allauth without sign-up, with one failure count for all entry points."""

from allauth.account import forms as allauth_forms
from allauth.account.adapter import DefaultAccountAdapter, get_adapter
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError

from clinic.records import audit_log


class ClosedAccountAdapter(DefaultAccountAdapter):
    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "username_password_mismatch": "The user name or the password is wrong.",
        "too_many_login_attempts": "Too many failed attempts. Wait fifteen minutes, then try again.",
    }

    def is_open_for_signup(self, request):
        return False

    def _get_login_attempts_cache_key(self, request, **credentials):
        # allauth's own key begins with the Host header, which a client chooses.
        return "login:" + (credentials.get("username") or "").strip().lower()

    def pre_authenticate(self, request, **credentials):
        try:
            super().pre_authenticate(request, **credentials)
        except ValidationError:
            audit_log.record("denied while locked", _user_named(credentials), by=request.user, outcome="refused")
            raise

    def authentication_failed(self, request, **credentials):
        audit_log.record("password failed", _user_named(credentials), by=request.user, outcome="failed")

    def set_password(self, user, password):
        user.must_change_password = False
        super().set_password(user, password)

    def send_notification_mail(self, *args, **kwargs):
        """Collum does not send email about logins."""


def password_is_right(request, password):
    """Check the logged-in user's password again; failures count like those of the login page.

    Raises ValidationError with the message to show. Call it outside a transaction, because a rollback would undo the
    count.
    """
    if not get_adapter(request).reauthenticate(request.user, password):
        raise ValidationError("This is not your password.")


def audit_login(sender, request, user, **kwargs):
    audit_log.record("logged in", user, by=user)


def audit_logout(sender, request, user, **kwargs):
    if user is not None:
        audit_log.record("logged out", user, by=user)


def audit_password_change(sender, request, user, **kwargs):
    audit_log.record("password changed", user, by=user)


def _user_named(credentials):
    """The user with this user name, if there is one. The audit trail never contains the typed name."""
    return get_user_model().objects.filter(username=credentials.get("username") or "").first()


def _label_fields(form, labels):
    for name, label in labels.items():
        field = form.fields[name]
        field.label = label
        field.widget.attrs.pop("placeholder", None)
        field.widget.attrs["class"] = "form-control"


class LoginForm(allauth_forms.LoginForm):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        _label_fields(self, {"login": "User name", "password": "Password"})
        # After a failure, the error message takes the focus.
        self.fields["login"].widget.attrs.update(autofocus=not self.is_bound, autocapitalize="none", spellcheck="false")


class ChangePasswordForm(allauth_forms.ChangePasswordForm):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        _label_fields(
            self,
            {
                "oldpassword": "Current password",
                "password1": "New password",
                "password2": "New password again",
            },
        )
        self.fields[
            "password1"
        ].help_text = "At least ten characters. Not a common password, not similar to your name, not only digits."

    def clean_oldpassword(self):
        if not get_adapter().reauthenticate(self.user, self.cleaned_data["oldpassword"]):
            raise ValidationError("This is not your password.")
        return self.cleaned_data["oldpassword"]

    def clean(self):
        cleaned = super().clean()
        if cleaned.get("password1") and cleaned["password1"] == cleaned.get("oldpassword"):
            self.add_error("password1", "Choose a password that differs from your current one.")
        return cleaned
