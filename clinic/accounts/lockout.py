"""Login by allauth without sign-up, with one failure count for all entry points."""

import logging

from allauth.account import forms as allauth_forms
from allauth.account.adapter import DefaultAccountAdapter, get_adapter
from django.conf import settings
from django.contrib.auth import authenticate
from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse

from clinic.accounts import login_failures
from clinic.accounts.login_failures import LoginFailures
from clinic.accounts.models import User
from clinic.accounts.passwords import HELP
from clinic.records import audit_log
from clinic.records.locks import advisory_lock

logger = logging.getLogger(__name__)


class ClosedAccountAdapter(DefaultAccountAdapter):
    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "username_password_mismatch": "The user name or the password is wrong.",
        "too_many_login_attempts": "Too many failed attempts. Wait fifteen minutes, then try again.",
    }

    def is_open_for_signup(self, request):
        return False

    def authenticate(self, request, **credentials):
        """The user with these credentials, or None. Raises ValidationError if the user name is locked."""
        return counted(request, credentials.get("username"), lambda: authenticate(request, **credentials))

    def set_password(self, user, password):
        user.must_change_password = False
        super().set_password(user, password)

    def get_password_change_redirect_url(self, request):
        return reverse(settings.LOGIN_REDIRECT_URL)

    def send_mail(self, template_prefix, email, context):
        """A mail server that fails must not show that an account has this address."""
        try:
            super().send_mail(template_prefix, email, context)
        except (OSError, ValueError) as error:
            logger.error("An email about a password was not sent: %s", type(error).__name__)

    def send_notification_mail(self, *args, **kwargs):
        """Collum sends its own; see clinic.accounts.notices."""


def counted(request, username, check, *, failure="password failed"):
    """The result of `check`, or None, which counts as a failure. Raises ValidationError if the user name is locked.

    allauth's own limit counts an attempt before it checks the password, so that correct passwords that arrive at
    once lock a user out. Here only failures count. Attempts with one user name run one after the other, so that
    there are never more failures than the limit.
    """
    key = login_failures.key_of(username)
    with transaction.atomic():
        advisory_lock(f"login:{key}")
        is_locked = LoginFailures.objects.are_too_many(key)
        result = None if is_locked else check()
        if result is None:
            _record_failure(request, key, username, failure, is_locked=is_locked)
    if is_locked:
        raise get_adapter(request).validation_error("too_many_login_attempts")
    return result


def _record_failure(request, key, username, failure, *, is_locked):
    # The audit trail never contains the typed name.
    user = User.objects.filter(username=User.normalize_username(username or "")).first()
    if is_locked:
        audit_log.record("denied while locked", user, by=request.user, outcome="refused")
        return
    audit_log.record(failure, user, by=request.user, outcome="failed")
    if LoginFailures.objects.count_one(key) == login_failures.MOST:
        audit_log.record("locked for fifteen minutes", user, by=None)


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


PASSWORD_HELP = f"At least ten characters. Not a common password, not similar to your name, not only digits. {HELP}"


def label_fields(form, labels):
    for name, label in labels.items():
        field = form.fields[name]
        field.label = label
        field.widget.attrs.pop("placeholder", None)
        field.widget.attrs["class"] = "form-control"


class LoginForm(allauth_forms.LoginForm):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        label_fields(self, {"login": "User name", "password": "Password"})
        self.fields["password"].help_text = ""  # the page has the link, where email is set up
        # After a failure, the error message takes the focus.
        self.fields["login"].widget.attrs.update(autofocus=not self.is_bound, autocapitalize="none", spellcheck="false")


class ChangePasswordForm(allauth_forms.ChangePasswordForm):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        label_fields(
            self,
            {
                "oldpassword": "Current password",
                "password1": "New password",
                "password2": "New password again",
            },
        )
        self.fields["password1"].help_text = PASSWORD_HELP

    def clean_oldpassword(self):
        if not get_adapter().reauthenticate(self.user, self.cleaned_data["oldpassword"]):
            raise ValidationError("This is not your password.")
        return self.cleaned_data["oldpassword"]

    def clean(self):
        cleaned = super().clean()
        if cleaned.get("password1") and cleaned["password1"] == cleaned.get("oldpassword"):
            self.add_error("password1", "Choose a password that differs from your current one.")
        return cleaned
