"""The page Security: a user's own factors, recovery codes and logins."""

import datetime as dt

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.core import mail
from django.test import Client

from clinic.accounts.hashed_sessions import stored_key
from clinic.accounts.login_sessions import browser_name
from clinic.models import AuditEntry, LoginSession
from tests import builders
from tests.clinic.accounts.factor_steps import (
    SECRET,
    SECURITY,
    STEP,
    an_app,
    code_now,
    recovery_codes,
    second_step,
    set_up,
    wrong_code,
)
from tests.clinic.accounts.test_login import NEW, change_password, is_in, log_in
from tests.passkeys import Device, a_passkey

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("whole_step")]

PASSWORD = {"password": builders.PASSWORD}
NOT_YOURS = "This is not your password."


def text(response):
    return response.content.decode()


def factors(person, kind=None):
    found = Authenticator.objects.filter(user=person)
    return found.filter(type=kind) if kind else found


@pytest.fixture
def logged_in(client, neurologist):
    """By the login page, without a factor."""
    log_in(client, neurologist.username)
    return client


@pytest.fixture
def with_app(client, neurologist):
    """Logged in with an app."""
    an_app(neurologist)
    with time_machine.travel(dt.datetime.now(dt.UTC) - dt.timedelta(minutes=5)):
        log_in(client, neurologist.username)
        second_step(client, code_now())
    return client


@pytest.mark.engine
def test_app_is_set_up_with_codes_that_are_shown_once(logged_in, neurologist):
    response, secret = set_up(logged_in)
    codes = response.context["codes"]
    assert len(codes) == len(set(codes)) == 10
    assert all(code in text(response) for code in codes)
    assert not any(
        code in text(logged_in.get(path)) for path in (SECURITY, f"{SECURITY}recovery-codes/") for code in codes
    )

    # Then the app is needed at the next login, and the code that proved it is used
    log_in(other := Client(), neurologist.username)
    second_step(other, code_now(secret))
    assert not is_in(other)
    second_step(other, codes[0])
    assert is_in(other)


@pytest.mark.parametrize(("code", "password"), [(None, "wrong"), ("000", builders.PASSWORD), ("", ""), ("\x00", "x")])
def test_app_needs_its_code_and_the_password(logged_in, neurologist, code, password):
    secret = logged_in.get(f"{SECURITY}app/").context["secret"]
    typed = code_now(secret.replace(" ", "")) if code is None else code
    response = logged_in.post(f"{SECURITY}app/", {"code": typed, "password": password})
    assert response.status_code == 200
    assert secret in text(response)  # the same key, so that the app need not scan again
    assert not factors(neurologist).exists()


def test_form_without_a_key_in_the_login_begins_anew(logged_in, neurologist):
    assert logged_in.post(f"{SECURITY}app/", {"code": "123456", **PASSWORD}).status_code == 200
    assert not factors(neurologist).exists()


def test_other_app_replaces_the_first(with_app, neurologist):
    response, secret = set_up(with_app)
    assert response["Location"] == SECURITY
    assert secret != SECRET
    assert factors(neurologist, "totp").count() == 1


@pytest.mark.engine
def test_first_factor_ends_the_other_logins(logged_in, neurologist):
    log_in(other := Client(), neurologist.username)
    set_up(logged_in)
    assert is_in(logged_in)
    assert not is_in(other)


def test_login_without_the_factor_cannot_add_another(login, neurologist):
    # Given a login that began before the factor, which no page leaves behind
    client = login(neurologist)
    app = an_app(neurologist)
    for path in ("app/", "passkeys/new/", "recovery-codes/", f"factors/{app.pk}/remove/", "logins/end/"):
        response = client.post(SECURITY + path, PASSWORD)
        assert response.status_code == 409, path
        assert "This login began before you had a second factor." in text(response), path
    assert factors(neurologist).count() == 1


def add_passkey(client, name="Phone", password=builders.PASSWORD, device=None, **differs):
    device = device or Device()
    options = client.get(f"{SECURITY}passkeys/new/").context["options"]
    sent = {"name": name, "password": password, "credential": device.created(options, **differs)}
    return client.post(f"{SECURITY}passkeys/new/", sent), device


@pytest.mark.engine
def test_passkey_is_added_and_logs_in(logged_in, neurologist):
    response, device = add_passkey(logged_in)
    assert len(response.context["codes"]) == 10
    assert "Phone" in text(logged_in.get(SECURITY))
    log_in(other := Client(), neurologist.username)
    other.post(STEP, {"credential": device.used(other.get(STEP).context["passkey_options"])})
    assert is_in(other)


def test_passkey_of_another_challenge_is_rejected(logged_in, neurologist):
    response, _ = add_passkey(logged_in, challenge=b"another challenge")
    assert "The passkey was not created." in text(response)
    assert not factors(neurologist).exists()


@pytest.mark.engine
@pytest.mark.parametrize(
    "credential", ["", "7", "{}", "[" * 5000, '{"id": "x", "response": []}', "\x00", '{"a":' * 2000, "x" * 60_000]
)
@pytest.mark.sample(3)
def test_malformed_passkey_is_rejected_with_a_message(logged_in, neurologist, credential):
    logged_in.get(f"{SECURITY}passkeys/new/")
    sent = {"name": "Phone", **PASSWORD, "credential": credential}
    response = logged_in.post(f"{SECURITY}passkeys/new/", sent)
    assert "The passkey was not created." in text(response)
    assert 'value="Phone"' in text(response)
    assert not factors(neurologist).exists()


def test_answer_of_an_origin_that_differs_is_rejected(logged_in, neurologist, settings):
    settings.MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = False
    response, _ = add_passkey(logged_in, origin="https://elsewhere.example")
    assert "The passkey was not created." in text(response)


def test_passkey_needs_the_password_and_a_new_name(with_app, neurologist):
    a_passkey(neurologist, name="Phone")
    assert NOT_YOURS in text(add_passkey(with_app, name="Other", password="wrong")[0])
    assert "You already have a passkey called phone." in text(add_passkey(with_app, name="phone")[0])
    assert "Enter a name for the passkey." in text(add_passkey(with_app, name=" ")[0])
    assert factors(neurologist, "webauthn").count() == 1


@pytest.mark.engine
def test_at_most_ten_passkeys(with_app, neurologist):
    for number in range(10):
        a_passkey(neurologist, name=f"Key {number}")
    assert "You already have 10 passkeys." in text(add_passkey(with_app)[0])


@pytest.mark.engine
def test_passkey_is_renamed(with_app, neurologist):
    a_passkey(neurologist)
    path = f"{SECURITY}passkeys/{factors(neurologist, 'webauthn').get().pk}/name/"
    assert with_app.post(path, {"name": "Desk"})["Location"] == SECURITY
    assert str(factors(neurologist, "webauthn").get()) == "Desk"
    with_app.post(path, {"name": "Desk"})
    assert AuditEntry.objects.filter(action="renamed a passkey").count() == 1


def test_factor_is_removed_with_the_password(with_app, neurologist):
    recovery_codes(neurologist)
    path = f"{SECURITY}factors/{factors(neurologist, 'totp').get().pk}/remove/"
    assert NOT_YOURS in text(with_app.post(path, {"password": "wrong"}))
    assert with_app.post(path, PASSWORD)["Location"] == SECURITY
    assert not factors(neurologist).exists()
    assert with_app.get(SECURITY).status_code == 200


def test_last_factor_stays_where_one_is_required(with_app, neurologist, settings):
    settings.SECOND_FACTOR_IS_REQUIRED = True
    path = f"{SECURITY}factors/{factors(neurologist, 'totp').get().pk}/remove/"
    response = with_app.post(path, PASSWORD)
    assert response.status_code == 409
    assert "This clinic requires a second factor. Add another one first, then remove this." in text(response)
    a_passkey(neurologist)
    assert with_app.post(path, PASSWORD).status_code == 302


def test_factors_of_others_are_not_found(with_app, trainee):
    an_app(trainee)
    a_passkey(trainee)
    for factor in factors(trainee):
        assert with_app.get(f"{SECURITY}factors/{factor.pk}/remove/").status_code == 404
        assert with_app.post(f"{SECURITY}passkeys/{factor.pk}/name/", {"name": "Mine"}).status_code == 404
    assert factors(trainee).count() == 2


@pytest.mark.engine
def test_new_recovery_codes_end_the_earlier_ones(with_app, neurologist):
    former = recovery_codes(neurologist)
    assert NOT_YOURS in text(with_app.post(f"{SECURITY}recovery-codes/", {"password": "wrong"}))
    codes = with_app.post(f"{SECURITY}recovery-codes/", PASSWORD).context["codes"]
    assert not set(codes) & set(former)
    log_in(other := Client(), neurologist.username)
    second_step(other, former[0])
    assert not is_in(other)


def test_recovery_codes_need_a_factor(logged_in, neurologist):
    response = logged_in.post(f"{SECURITY}recovery-codes/", PASSWORD)
    assert "Set up an authenticator app or a passkey first." in text(response)
    assert not factors(neurologist).exists()


def test_wrong_passwords_here_count_as_failures(logged_in, neurologist):
    for _ in range(10):
        set_up(logged_in, password="wrong")
    assert "Too many failed attempts." in text(set_up(logged_in)[0])


def test_the_user_is_notified_of_each_change(logged_in, neurologist, settings, django_capture_on_commit_callbacks):
    settings.EMAIL_URL = "smtp://mail.example"
    neurologist.email = "n@example.org"
    neurologist.save()
    with django_capture_on_commit_callbacks(execute=True):
        set_up(logged_in)
        add_passkey(logged_in, name="Phone")
        logged_in.post(f"{SECURITY}recovery-codes/", PASSWORD)
        logged_in.post(f"{SECURITY}factors/{factors(neurologist, 'webauthn').get().pk}/remove/", PASSWORD)
    assert [email.to for email in mail.outbox] == [["n@example.org"]] * 4
    expected = (
        "An authenticator app was set up",
        "A passkey was added",
        "New recovery codes",
        "passkey “Phone” was removed",
    )
    for email, words in zip(mail.outbox, expected, strict=True):
        assert words in email.body
        assert SECRET not in email.body


@pytest.mark.engine
def test_each_change_leaves_an_entry(logged_in, neurologist):
    set_up(logged_in)
    add_passkey(logged_in)
    logged_in.post(f"{SECURITY}factors/{factors(neurologist, 'webauthn').get().pk}/remove/", PASSWORD)
    logged_in.post(f"{SECURITY}recovery-codes/", PASSWORD)
    assert list(AuditEntry.objects.filter(object_id=neurologist.pk).values_list("action", flat=True)) == [
        "logged in", "set up an authenticator app", "ended the other logins", "created recovery codes",
        "added a passkey", "removed a factor", "created recovery codes",
    ]  # fmt: skip


# ---- Logins


def shown_logins(client):
    return [(login.browser, login.session_key) for login in client.get(SECURITY).context["logins"]]


@pytest.mark.engine
def test_logins_are_listed_with_their_browser(neurologist):
    one, other = Client(headers={"User-Agent": FIREFOX}), Client(headers={"User-Agent": "curl/8"})
    for client in (one, other):
        log_in(client, neurologist.username)
    assert [browser for browser, _ in shown_logins(one)] == ["Unknown browser", "Firefox on Windows"]


FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"
WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)"


@pytest.mark.parametrize(
    ("user_agent", "words"),
    [
        (FIREFOX, "Firefox on Windows"),
        (f"Mozilla/5.0 (X11; Linux x86_64) {WEBKIT} Chrome/130.0 Safari/537.36", "Chrome on Linux"),
        (f"Mozilla/5.0 (Windows NT 10.0) {WEBKIT} Chrome/130.0 Safari/537.36 Edg/130.0", "Edge on Windows"),
        (f"Mozilla/5.0 (Linux; Android 14) {WEBKIT} Chrome/130.0 Mobile Safari/537.36", "Chrome on Android"),
        (
            f"Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) {WEBKIT} Version/18.0 Safari/604.1",
            "Safari on iPhone",
        ),
        ("", "Unknown browser"),
        ("Firefox/" * 500, "Firefox"),
    ],
)
def test_browser_is_named(user_agent, words):
    assert browser_name(user_agent) == words


@pytest.mark.engine
def test_one_login_is_ended(neurologist):
    log_in(one := Client(), neurologist.username)
    log_in(other := Client(), neurologist.username)
    ended = LoginSession.objects.get(session_key=stored_key(other.session.session_key))
    one.post(f"{SECURITY}logins/{ended.pk}/end/")
    assert is_in(one)
    assert not is_in(other)
    assert len(shown_logins(one)) == 1


@pytest.mark.engine
def test_all_other_logins_are_ended(neurologist, trainee):
    clients = [Client() for _ in range(3)]
    for client in clients:
        log_in(client, neurologist.username)
    log_in(bystander := Client(), trainee.username)
    clients[0].post(f"{SECURITY}logins/end/")
    assert [is_in(client) for client in (*clients, bystander)] == [True, False, False, True]


def test_logins_of_others_are_not_found(logged_in, trainee):
    log_in(other := Client(), trainee.username)
    login = LoginSession.objects.get(person=trainee)
    assert logged_in.post(f"{SECURITY}logins/{login.pk}/end/").status_code == 404
    assert is_in(other)


@pytest.mark.engine
def test_ended_logins_are_not_listed(neurologist):
    log_in(client := Client(), neurologist.username)
    log_in(out := Client(), neurologist.username)
    out.post("/accounts/logout/")
    log_in(Client(), neurologist.username)
    assert len(shown_logins(client)) == 2

    # Nor those under the former password; the login that changed it has another session
    change_password(client)
    assert [key for _, key in shown_logins(client)] == [stored_key(client.session.session_key)]
    assert is_in(client)


@pytest.mark.engine
def test_idle_logins_are_not_listed(neurologist):
    with time_machine.travel(dt.datetime(2026, 5, 4, 9, tzinfo=dt.UTC), tick=False) as clock:
        log_in(Client(), neurologist.username)
        clock.shift(dt.timedelta(minutes=16))
        log_in(client := Client(), neurologist.username)
        assert len(shown_logins(client)) == 1
        clock.shift(dt.timedelta(hours=13))
        log_in(client := Client(), neurologist.username)
        assert LoginSession.objects.count() == 1
    assert NEW


def test_no_page_stores_the_wrong_code(logged_in):
    response = logged_in.post(f"{SECURITY}app/", {"code": wrong_code(), "password": "wrong"})
    assert "wrong" not in response.context["form"]["password"].as_widget()
