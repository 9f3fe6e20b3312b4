"""What a browser and a passkey exchange. The challenge is in the login session and is used once."""

import hashlib
import json
import secrets

from allauth.mfa.webauthn.internal import auth
from django import forms
from django.core.exceptions import ValidationError
from fido2.webauthn import UserVerificationRequirement

NOT_CREATED = "The passkey was not created. Select “Create the passkey” again."
NOT_ACCEPTED = "The passkey was not accepted. Try again."
PURPOSE = "passkey_purpose"
# What fido2 raises for an answer that a browser would not send.
MALFORMED = (ValidationError, ValueError, TypeError, KeyError, AttributeError, IndexError)


class _FilledOnce(forms.HiddenInput):
    """A form that was rejected needs another answer, because its challenge has been used."""

    def format_value(self, value):
        return None


class CredentialField(forms.CharField):
    """What the browser says about a passkey, as JSON; a script fills this field."""

    widget = _FilledOnce

    def __init__(self, *, message, **kwargs):
        super().__init__(max_length=50_000, error_messages=dict.fromkeys(("required", "max_length"), message), **kwargs)
        self.message = message

    def clean(self, value):
        if not (value or self.required):
            return None
        try:
            read = json.loads(super().clean(value))
        except (ValidationError, ValueError, RecursionError) as error:
            raise ValidationError(self.message) from error
        if not isinstance(read, dict):
            raise ValidationError(self.message)
        return read


def creation_options(user):
    return json.dumps(auth.begin_registration(user, passwordless=False), default=dict)


def request_options(user):
    return json.dumps(auth.begin_authentication(user), default=dict)


def require_created(credential):
    """Raises ValidationError unless the browser created this passkey for the challenge of the page."""
    try:
        auth.parse_registration_response(credential)
        auth.complete_registration(credential)
    except MALFORMED as error:
        raise ValidationError(NOT_CREATED) from error
    finally:
        auth.clear_state()


def passkey_of(user, credential):
    """The user's passkey that answered the challenge of the page. Raises ValidationError if none did."""
    try:
        auth.parse_authentication_response(credential)
        return auth.complete_authentication(user, credential)
    except MALFORMED as error:
        raise ValidationError(NOT_ACCEPTED) from error
    finally:
        auth.clear_state()


def options_for(request, purpose):
    """For the logged-in user, who confirms `purpose` with a passkey, and also shows the passkey who they are."""
    challenge = hashlib.sha256(secrets.token_bytes(32) + purpose.encode()).digest()
    options, state = auth.get_server().authenticate_begin(
        auth.get_credentials(request.user),
        user_verification=UserVerificationRequirement.REQUIRED,
        challenge=challenge,
    )
    request.session[PURPOSE] = {"purpose": purpose, "state": state}
    return json.dumps(dict(options), default=dict)


def is_confirmed(request, purpose, credential):
    """Whether one of the user's passkeys confirmed this purpose. Its challenge is used in any case."""
    pending = request.session.pop(PURPOSE, {})
    if pending.get("purpose") != purpose:
        return False
    try:
        used = auth.get_server().authenticate_complete(pending["state"], auth.get_credentials(request.user), credential)
    except MALFORMED:
        return False
    auth.get_authenticator_by_credential_id(request.user, used.credential_id).record_usage()
    return True
