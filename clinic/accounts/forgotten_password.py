"""A forgotten password, changed by a link in an email: allauth’s pages, open only where a mail server is configured.

Every answer is the same whether or not an account has the address.
"""

from functools import wraps

from allauth.account import forms as allauth_forms
from allauth.account import views as allauth_views
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.shortcuts import render

from clinic.accounts.lockout import PASSWORD_HELP, label_fields
from clinic.accounts.models import User
from clinic.records import audit_log


def _if_email_is_set_up(view):
    @wraps(view)
    def answered(request, *args, **kwargs):
        if settings.EMAIL_URL:
            return view(request, *args, **kwargs)
        return render(request, "account/password_reset_off.html")

    return login_not_required(answered)


password_reset = _if_email_is_set_up(allauth_views.password_reset)
password_reset_done = _if_email_is_set_up(allauth_views.password_reset_done)
password_reset_from_key = _if_email_is_set_up(allauth_views.password_reset_from_key)
password_reset_from_key_done = _if_email_is_set_up(allauth_views.password_reset_from_key_done)


class AskForPasswordForm(allauth_forms.ResetPasswordForm):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        label_fields(self, {"email": "Your email address"})

    def save(self, request, **kwargs):
        # The audit trail never contains the typed address.
        for user in self.users:
            audit_log.record("asked for a new password", user, by=None)
        if not self.users:
            audit_log.record("asked for a new password", by=None, outcome="failed")
        return super().save(request, **kwargs)


class NewPasswordForm(allauth_forms.ResetPasswordKeyForm):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        label_fields(self, {"password1": "New password", "password2": "New password again"})
        self.fields["password1"].help_text = PASSWORD_HELP


def audit_password_reset(sender, request, user, **kwargs):
    audit_log.record("set a new password by email", User.objects.get(pk=user.pk), by=None)
