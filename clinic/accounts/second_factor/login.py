"""The second step of a login: a code or a passkey, on a page or in the login dialog over one."""

import logging

from allauth.account import views as account_views
from allauth.account.internal.decorators import login_stage_required
from allauth.account.internal.stagekit import clear_login
from allauth.core import context
from allauth.mfa.base import views as mfa_views
from allauth.mfa.base.forms import AuthenticateForm
from allauth.mfa.stages import AuthenticateStage
from allauth.mfa.webauthn.forms import AuthenticateWebAuthnForm
from cryptography.fernet import InvalidToken
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.http import JsonResponse
from django.shortcuts import redirect
from django.utils.decorators import method_decorator
from django.views.decorators.debug import sensitive_post_parameters

from clinic.accounts.lockout import counted, label_fields
from clinic.accounts.second_factor.ceremonies import NOT_ACCEPTED, CredentialField, passkey_of, request_options
from clinic.accounts.second_factor.forms import CODE
from clinic.accounts.second_factor.rules import has_passkey, use_once
from clinic.web.middleware import wants_response_in_place

logger = logging.getLogger(__name__)

WRONG = "This code is wrong or was used before. Wait for the next code, or use a recovery code."
UNREADABLE = "The authenticator app’s key cannot be read. Use a passkey, or ask your administrator for a reset."


class CodeForm(AuthenticateForm):
    """A code of the app, or a recovery code."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, label_suffix="", **kwargs)
        label_fields(self, {"code": "Code"})
        self.fields["code"].max_length = 20
        self.fields["code"].widget.attrs.update(CODE, autofocus=not self.is_bound, maxlength=20)
        self.fields["code"].help_text = "Six digits from your authenticator app, or a recovery code."
        self.fields["code"].error_messages["required"] = "Type a code, or use a passkey."

    def clean_code(self):
        code = counted(context.request, self.user.username, self._matching_code, failure="second factor failed")
        if code is None:
            raise ValidationError(WRONG)
        return code

    def _matching_code(self):
        try:
            code = super().clean_code()
        except ValidationError:
            return None
        except InvalidToken as error:
            logger.error("SECOND_FACTOR_KEYS contains no key that decrypts the second factor of a user.")
            raise ValidationError(UNREADABLE) from error
        return code if use_once(self.authenticator) else None


class PasskeyLoginForm(AuthenticateWebAuthnForm):
    credential = CredentialField(message=NOT_ACCEPTED)

    def clean_credential(self):
        username = self.user.username
        passkey = counted(context.request, username, self._answering_passkey, failure="second factor failed")
        if passkey is None:
            raise ValidationError(NOT_ACCEPTED)
        return passkey

    def _answering_passkey(self):
        try:
            return passkey_of(self.user, self.cleaned_data["credential"])
        except ValidationError:
            return None


@method_decorator(sensitive_post_parameters(), name="dispatch")
@method_decorator(login_not_required, name="dispatch")
class LoginView(account_views.LoginView):
    def dispatch(self, request, *args, **kwargs):
        if request.method == "POST" and not request.user.is_authenticated:
            # A user name and a password begin a login anew, also between the two steps of another login.
            clear_login(request)
        return super().dispatch(request, *args, **kwargs)


class SecondStepView(mfa_views.AuthenticateView):
    """Scripts get what they need for the login dialog, and the messages, as data."""

    def dispatch(self, request, *args, **kwargs):
        user = request._login_stage.login.user
        if not user.is_active:
            clear_login(request)
            return redirect("account_login")
        return super().dispatch(request, *args, **kwargs)

    def form_valid(self, form):
        response = super().form_valid(form)
        return JsonResponse({"messages": []}) if wants_response_in_place(self.request) else response

    def render_to_response(self, context_data, **response_kwargs):
        if not wants_response_in_place(self.request):
            return super().render_to_response(context_data, **response_kwargs)
        bound = next((form for form in (self.auth_form, self.webauthn_form) if form.is_bound), None)
        messages = [message for errors in (bound.errors if bound else {}).values() for message in errors]
        return JsonResponse({"messages": messages, "passkey_options": context_data["passkey_options"]})

    def get_context_data(self, **kwargs):
        user = self.stage.login.user
        return {
            "form": self.auth_form,
            "passkey_form": self.webauthn_form,
            "passkey_options": request_options(user) if has_passkey(user) else "",
            "person": user,
        }


login = LoginView.as_view()
second_step = login_stage_required(stage=AuthenticateStage.key, redirect_urlname="account_login")(
    SecondStepView.as_view()
)
