"""Second factors as tests set them up and use them."""

import datetime as dt
import time

import time_machine
from allauth.mfa import app_settings
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value

from clinic.accounts.second_factor.rules import current_step
from tests import builders
from tests.clinic.accounts.test_login import log_in

STEP, SECURITY = "/accounts/login/second-step/", "/account/security/"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def an_app(person, secret=SECRET):
    return TOTP.activate(person, secret).instance


def recovery_codes(person):
    return RecoveryCodes.activate(person).get_unused_codes()


def a_whole_step():
    """Travel to the beginning of the next thirty seconds, so that no code ends between its calculation and its use."""
    seconds = app_settings.TOTP_PERIOD
    begins = (time.time() // seconds + 1) * seconds
    return time_machine.travel(dt.datetime.fromtimestamp(begins, dt.UTC), tick=True)


def code_now(secret=SECRET):
    return format_hotp_value(hotp_value(secret, current_step()))


def wrong_code(secret=SECRET):
    return f"{(int(code_now(secret)) + 1) % 10**6:06}"


def second_step(client, code, **headers):
    return client.post(STEP, {"code": code}, **headers)


def log_in_twofold(client, person, secret=SECRET):
    log_in(client, person.username)
    return second_step(client, code_now(secret))


def set_up(client, *, password=builders.PASSWORD):
    """An app, on the page; returns the response and the key."""
    page = client.get(f"{SECURITY}app/")
    secret = page.context["secret"].replace(" ", "")
    response = client.post(f"{SECURITY}app/", {"code": code_now(secret), "password": password})
    return response, secret
