"""A login with a second factor: its codes, the failures that count, and what is stored."""

import datetime as dt

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet
from django.core import mail
from django.core.management import CommandError, call_command
from django.test import Client

from clinic.models import AuditEntry, LoginFailures
from tests.clinic.accounts.factor_steps import (
    SECRET,
    STEP,
    an_app,
    code_now,
    log_in_twofold,
    recovery_codes,
    second_step,
    wrong_code,
)
from tests.clinic.accounts.test_lockout import LOCKED
from tests.clinic.accounts.test_login import is_in, log_in, masked
from tests.passkeys import a_passkey

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("whole_step")]

REJECTED = "The passkey was not accepted. Try again."
WRONG = "This code is wrong or was used before."


def test_password_alone_does_not_log_in(client, neurologist):
    an_app(neurologist)
    assert log_in(client, neurologist.username)["Location"] == STEP
    assert not is_in(client)
    assert AuditEntry.objects.filter(action="logged in").count() == 0


def test_password_and_code_log_in_and_lead_to_the_page(client, neurologist):
    an_app(neurologist)
    log_in(client, neurologist.username, next="/follow-ups/")
    assert second_step(client, code_now())["Location"] == "/follow-ups/"
    assert is_in(client)
    assert AuditEntry.objects.filter(action="logged in").count() == 1


def test_second_step_without_the_first_leads_to_the_login(client, neurologist):
    an_app(neurologist)
    assert client.get(STEP)["Location"] == second_step(client, code_now())["Location"] == "/accounts/login/"


@pytest.mark.engine
def test_code_works_once_and_for_thirty_seconds(neurologist):
    an_app(neurologist)
    with time_machine.travel(dt.datetime(2026, 5, 4, 9, tzinfo=dt.UTC), tick=False) as clock:
        code = code_now()
        log_in_twofold(first := Client(), neurologist)
        assert is_in(first)
        for seconds in (0, 31, 30):  # in sum 0, 31 and 61
            clock.shift(dt.timedelta(seconds=seconds))
            client = Client()
            log_in(client, neurologist.username)
            assert WRONG in second_step(client, code).content.decode()
            assert not is_in(client)


def test_unused_code_is_wrong_after_thirty_seconds(client, neurologist):
    an_app(neurologist)
    with time_machine.travel(dt.datetime(2026, 5, 4, 9, tzinfo=dt.UTC), tick=False) as clock:
        code = code_now()
        clock.shift(dt.timedelta(seconds=31))
        log_in(client, neurologist.username)
        assert WRONG in second_step(client, code).content.decode()


@pytest.mark.engine
def test_used_code_is_not_forgotten_with_the_cache(neurologist, settings):
    an_app(neurologist)
    with time_machine.travel(dt.datetime(2026, 5, 4, 9, tzinfo=dt.UTC), tick=False):
        log_in_twofold(Client(), neurologist)
        settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}
        client = Client()
        assert WRONG in log_in_twofold(client, neurologist).content.decode()


@pytest.mark.engine
def test_recovery_code_works_once_and_tells_the_user(client, neurologist, settings, django_capture_on_commit_callbacks):
    settings.EMAIL_URL = "smtp://mail.example"
    neurologist.email = "n@example.org"
    neurologist.save()
    an_app(neurologist)
    code, *_ = recovery_codes(neurologist)
    log_in(client, neurologist.username)
    with django_capture_on_commit_callbacks(execute=True):
        second_step(client, code)
    assert is_in(client)
    assert "A recovery code was used to log in. Unused codes left: 9." in mail.outbox[0].body
    assert AuditEntry.objects.filter(action="used a recovery code", object_id=neurologist.pk).exists()
    log_in(other := Client(), neurologist.username)
    assert WRONG in second_step(other, code).content.decode()


def test_failed_codes_count_with_failed_passwords(client, neurologist):
    # Given four wrong passwords and six wrong codes
    an_app(neurologist)
    for _ in range(4):
        log_in(client, neurologist.username, "not-the-password")
    log_in(client, neurologist.username)
    for _ in range(6):
        assert WRONG in second_step(client, wrong_code()).content.decode()

    # Then the right code and the right password are rejected
    assert LOCKED in second_step(client, code_now()).content.decode()
    assert LOCKED in log_in(Client(), neurologist.username).content.decode()
    assert not is_in(client)
    assert LoginFailures.objects.get().failures == 10
    failed = AuditEntry.objects.filter(action="second factor failed", outcome="failed", object_id=neurologist.pk)
    assert failed.count() == 6


def options(client):
    return client.get(STEP).context["passkey_options"]


def test_passkey_logs_in(client, neurologist):
    device = a_passkey(neurologist)
    log_in(client, neurologist.username)
    assert client.post(STEP, {"credential": device.used(options(client))}).status_code == 302
    assert is_in(client)


@pytest.mark.engine
def test_challenge_is_used_once(client, neurologist):
    device = a_passkey(neurologist)
    log_in(client, neurologist.username)
    answer = device.used(options(client), challenge=b"another challenge")
    right = device.used(options(client))
    client.post(STEP, {"credential": answer})
    assert REJECTED in client.post(STEP, {"credential": right}).content.decode()


def test_passkeys_that_fail_count_as_failures(client, neurologist, trainee):
    a_passkey(neurologist)
    others = a_passkey(trainee)
    bad = ["", "7", "{}", "[]", "{" * 5000, "[" * 5000, '{"id": 7, "response": {}}', '{"type": "public-key"}', "\x00"]
    log_in(client, neurologist.username)
    for answer in (*bad, others.used(options(client))):
        response = client.post(STEP, {"credential": answer})
        assert REJECTED in response.content.decode(), answer
    assert LoginFailures.objects.get().failures == 4
    assert not is_in(client)


def test_names_with_a_factor_are_not_revealed(client, neurologist, trainee):
    an_app(neurologist)
    known, unknown = log_in(client, neurologist.username, "wrong"), log_in(client, "nobody-here", "wrong")
    assert masked(known, neurologist.username) == masked(unknown, "nobody-here")
    for name in (neurologist.username, "nobody-here"):
        for _ in range(9):
            log_in(client, name, "wrong")
    known, unknown = log_in(client, neurologist.username), log_in(client, "nobody-here")
    assert masked(known, neurologist.username) == masked(unknown, "nobody-here")
    assert LOCKED in masked(known)


def test_another_login_in_between_begins_anew(client, neurologist, trainee):
    an_app(neurologist)
    log_in(client, neurologist.username)
    assert client.get("/accounts/login/")["Location"] == STEP
    log_in(client, trainee.username)
    assert is_in(client)
    assert second_step(client, code_now())["Location"] != "/follow-ups/"
    assert client.get("/account/session/").json()["person"] == str(trainee.pk)


def test_deactivated_between_the_steps_does_not_log_in(client, neurologist):
    an_app(neurologist)
    log_in(client, neurologist.username)
    neurologist.is_active = False
    neurologist.save()
    assert second_step(client, code_now())["Location"] == "/accounts/login/"
    assert not AuditEntry.objects.filter(action="logged in").exists()


def test_script_gets_the_second_step_as_data(client, neurologist):
    an_app(neurologist)
    log_in(client, neurologist.username)
    fetch = {"headers": {"X-Requested-With": "fetch"}}
    assert client.get(STEP, **fetch).json() == {"messages": [], "passkey_options": ""}
    assert WRONG in second_step(client, wrong_code(), **fetch).json()["messages"][0]
    assert second_step(client, code_now(), **fetch).json() == {"messages": []}
    assert is_in(client)


@pytest.mark.engine
def test_secrets_are_stored_encrypted(client, neurologist):
    an_app(neurologist)
    codes = recovery_codes(neurologist)
    stored = str(list(Authenticator.objects.values_list("data", flat=True)))
    assert SECRET not in stored
    assert not any(code in stored for code in codes)
    seeds = [
        data["seed"] for data in Authenticator.objects.filter(type="recovery_codes").values_list("data", flat=True)
    ]
    assert all(seed.startswith("gAAAA") for seed in seeds)


@pytest.mark.engine
def test_secret_of_a_set_up_is_encrypted_in_the_session(login, neurologist):
    client = login(neurologist)
    secret = client.get("/account/security/app/").context["secret"].replace(" ", "")
    assert secret not in str(dict(client.session))


@pytest.mark.engine
def test_keys_can_be_replaced(client, neurologist, settings):
    old, new = settings.SECOND_FACTOR_KEYS[0], Fernet.generate_key().decode()
    an_app(neurologist)
    recovery_codes(neurologist)
    settings.SECOND_FACTOR_KEYS = [new, old]
    log_in_twofold(client, neurologist)
    assert is_in(client)

    # When all is encrypted with the new key, then the old one is no longer needed
    call_command("second_factor", "--encrypt-again")
    settings.SECOND_FACTOR_KEYS = [new]
    assert len(recovery_codes(neurologist)) == 10
    settings.SECOND_FACTOR_KEYS = [old]
    with pytest.raises(CommandError, match="does not contain the key"):
        call_command("second_factor", "--encrypt-again")


@pytest.mark.engine
def test_secret_that_no_key_decrypts_is_reported(client, neurologist, settings, caplog):
    an_app(neurologist)
    settings.SECOND_FACTOR_KEYS = [Fernet.generate_key().decode()]
    log_in(client, neurologist.username)
    assert "cannot be read" in second_step(client, code_now()).content.decode()
    assert "SECOND_FACTOR_KEYS" in caplog.text
    assert not LoginFailures.objects.exists()


@pytest.mark.engine
def test_code_of_another_user_is_wrong(client, neurologist, trainee):
    an_app(neurologist)
    an_app(trainee, secret="KRSXG5CTMVRXEZLUKRSXG5CTMVRXEZLU")
    log_in(client, neurologist.username)
    assert WRONG in second_step(client, code_now("KRSXG5CTMVRXEZLUKRSXG5CTMVRXEZLU")).content.decode()


@pytest.mark.engine
def test_long_or_empty_code_is_rejected(client, neurologist):
    an_app(neurologist)
    log_in(client, neurologist.username)
    for bad in ("", "1" * 5000, "\x00", "１２３４５６", "12 34"):
        assert second_step(client, bad).status_code == 200
    assert not is_in(client)


def test_administrator_of_the_server_resets_a_factor(client, neurologist, capsys):
    an_app(neurologist)
    call_command("second_factor", "--reset", neurologist.username.upper())
    log_in(client, neurologist.username)
    assert is_in(client)
    with pytest.raises(CommandError, match="No user has the name nobody"):
        call_command("second_factor", "--reset", "nobody")
