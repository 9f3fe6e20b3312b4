"""Who needs a second factor, whether a login has passed it, and which factors a user has."""

import time

from allauth.account.internal.flows.login import (
    clear_authentication_records,
    get_authentication_records,
    record_authentication,
)
from allauth.mfa import app_settings
from allauth.mfa.models import Authenticator
from django.conf import settings

from clinic.accounts.permissions import can_reach_patients

APP, PASSKEY, CODES = Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN, Authenticator.Type.RECOVERY_CODES


def is_required_for(user):
    return settings.SECOND_FACTOR_IS_REQUIRED and can_reach_patients(user)


def has_passed(request):
    """Whether this login used a second factor, or added one. It is in the login session, so it costs no query."""
    return any(each.get("method") == "mfa" for each in get_authentication_records(request, request.user))


def note_passed(request, authenticator):
    record_authentication(request, request.user, "mfa", id=authenticator.pk, type=authenticator.type)


def forget_passed(request):
    clear_authentication_records(request)


def factors_of(user):
    """Without the recovery codes, which are no factor by themselves."""
    return Authenticator.objects.filter(user=user).exclude(type=CODES).order_by("created_at", "pk")


def has_passkey(user):
    return factors_of(user).filter(type=PASSKEY).exists()


def codes_left(user):
    """How many recovery codes are unused; 0 if there are none."""
    found = Authenticator.objects.filter(user=user, type=CODES).first()
    return app_settings.RECOVERY_CODE_COUNT - found.data["used_mask"].bit_count() if found else 0


def factor_label(authenticator):
    return f"passkey “{authenticator.wrap().name}”" if authenticator.type == PASSKEY else "authenticator app"


def current_step():
    """The number of the thirty seconds in which a code of the app is valid."""
    return int(time.time()) // app_settings.TOTP_PERIOD


def use_once(authenticator):
    """Whether the code that has just been accepted was not used before. Call it while the user's login is locked.

    allauth notes used codes in the cache, which anyone can empty. Here the last step is part of the factor.
    """
    if authenticator.type != APP:
        return True
    step = current_step()
    if step <= authenticator.data.get("used_step", -1):
        return False
    authenticator.data["used_step"] = step
    authenticator.save(update_fields=["data"])
    return True
