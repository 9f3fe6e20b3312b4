"""Ten failures lock an account for fifteen minutes, on any login page."""

import datetime as dt
from concurrent.futures import ThreadPoolExecutor

import pytest
import time_machine
from django.contrib.auth.backends import ModelBackend
from django.db import connection
from django.test import Client

from clinic.models import AuditEntry, LoginFailures
from tests import builders
from tests.clinic.accounts.test_login import NEW, change_password, is_in, log_in, masked

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.clinic.records.urls"), pytest.mark.engine]

LOCKED = "Too many failed attempts. Wait fifteen minutes, then try again."


def fail(client, name, times, **headers):
    for _ in range(times):
        response = log_in(client, name, "not-the-password", **headers)
        assert LOCKED not in response.content.decode()


def test_ten_failures_lock_the_account_for_15_minutes(client, neurologist):
    with time_machine.travel(dt.datetime(2026, 5, 4, 9, tzinfo=dt.UTC), tick=False) as clock:
        # Given ten failures
        fail(client, neurologist.username, 10)

        # Then the right password is rejected
        assert LOCKED in log_in(client, neurologist.username).content.decode()
        clock.shift(dt.timedelta(minutes=14, seconds=59))
        assert LOCKED in log_in(client, neurologist.username).content.decode()

        # Until fifteen minutes are over
        clock.shift(dt.timedelta(seconds=2))
        log_in(client, neurologist.username)
        assert is_in(client)


def test_nine_failures_do_not_lock(client, neurologist):
    fail(client, neurologist.username, 9)
    log_in(client, neurologist.username)
    assert is_in(client)


def test_success_does_not_reset_the_failures(client, neurologist):
    fail(client, neurologist.username, 9)
    log_in(client, neurologist.username)
    client.post("/accounts/logout/")
    fail(client, neurologist.username, 1)
    assert LOCKED in log_in(client, neurologist.username).content.decode()


def test_failures_of_one_user_do_not_lock_others(client, neurologist, trainee):
    fail(client, neurologist.username, 10)
    log_in(client, trainee.username)
    assert is_in(client)


def test_many_users_can_log_in_from_one_address():
    for number in range(40):
        person = builders.a_person()
        assert log_in(Client(), person.username).status_code == 302, number


def test_locked_and_unknown_names_get_the_same_response(client, neurologist):
    fail(client, neurologist.username, 10)
    fail(client, "nobody-here", 10)
    locked, unknown = log_in(client, neurologist.username), log_in(client, "nobody-here")
    assert locked.status_code == unknown.status_code
    assert masked(locked, neurologist.username) == masked(unknown, "nobody-here")


def test_other_host_or_spelling_shares_the_failure_count(neurologist, settings):
    settings.ALLOWED_HOSTS = ["testserver", "localhost"]
    name = neurologist.username
    fail(Client(), name, 4)
    fail(Client(headers={"Host": "localhost:4444"}), name, 2)
    fail(Client(headers={"X-Forwarded-For": "203.0.113.9"}), name, 1)
    fail(Client(REMOTE_ADDR="203.0.113.7"), name, 1)
    fail(Client(), f"  {name.upper()} ", 2)
    assert LOCKED in log_in(Client(), name).content.decode()


def test_all_login_pages_share_the_failure_count(client, neurologist):
    # Given failures at the login page, at the change of the password, and where the password is asked again
    fail(client, neurologist.username, 4)
    log_in(client, neurologist.username)
    for _ in range(3):
        assert "not your password" in change_password(client, old="not-the-password").content.decode()
    for _ in range(3):
        response = client.post("/test/asks-password/", {"password": "not-the-password"}).content.decode()
        assert response == "This is not your password."

    # Then each of them is locked, even for the right password
    assert client.post("/test/asks-password/", {"password": builders.PASSWORD}).content.decode() == LOCKED
    assert LOCKED in change_password(client).content.decode()
    assert LOCKED in log_in(Client(), neurologist.username).content.decode()
    neurologist.refresh_from_db()
    assert not neurologist.check_password(NEW)


def test_right_password_is_accepted_at_the_second_prompt(client, neurologist):
    client.force_login(neurologist)
    assert client.post("/test/asks-password/", {"password": builders.PASSWORD}).content.decode() == "right"


def test_attempt_on_a_locked_account_is_audited(client, neurologist):
    fail(client, neurologist.username, 10)
    log_in(client, neurologist.username)
    entry = AuditEntry.objects.last()
    assert (entry.action, entry.outcome) == ("denied while locked", "refused")
    assert entry.object_id == neurologist.pk


def test_the_tenth_failure_leaves_an_entry(client, neurologist):
    fail(client, neurologist.username, 10)
    entry = AuditEntry.objects.last()
    assert (entry.action, entry.object_id) == ("locked for fifteen minutes", neurologist.pk)


def test_a_failure_in_another_case_is_attributed(client, neurologist):
    fail(client, neurologist.username.upper(), 1)
    entry = AuditEntry.objects.last()
    assert (entry.action, entry.object_id) == ("password failed", neurologist.pk)


def test_a_pause_of_fifteen_minutes_starts_a_new_count(client, neurologist):
    with time_machine.travel(dt.datetime(2026, 5, 4, 9, tzinfo=dt.UTC), tick=False) as clock:
        fail(client, neurologist.username, 9)
        clock.shift(dt.timedelta(minutes=15))
        fail(client, neurologist.username, 9)
        log_in(client, neurologist.username)
        assert is_in(client)


def test_counts_are_deleted_after_a_day(client, neurologist, trainee):
    with time_machine.travel(dt.datetime(2026, 5, 4, 9, tzinfo=dt.UTC), tick=False) as clock:
        fail(client, neurologist.username, 1)
        clock.shift(dt.timedelta(days=1, seconds=1))
        fail(client, trainee.username, 1)
    assert LoginFailures.objects.count() == 1


def test_the_typed_name_is_not_stored(client):
    fail(client, "a-password-in-the-wrong-field", 1)
    assert "wrong-field" not in str(LoginFailures.objects.values_list())


def test_an_attempt_that_is_cut_off_is_not_a_failure(client, neurologist, monkeypatch):
    # Given a server process that is stopped while it checks the password, twenty times
    def stopped(*args, **kwargs):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(ModelBackend, "authenticate", stopped)
        for _ in range(20):
            with pytest.raises(KeyboardInterrupt):
                log_in(client, neurologist.username)

    # Then the user can log in
    log_in(client, neurologist.username)
    assert is_in(client)


def at_once(times, attempt):
    def and_close(_):
        try:
            return attempt()
        finally:
            connection.close()

    with ThreadPoolExecutor(times) as attempts:
        return list(attempts.map(and_close, range(times)))


@pytest.mark.django_db(transaction=True)
def test_correct_passwords_at_once_do_not_lock_out(neurologist):
    clients = [Client() for _ in range(20)]
    assert at_once(20, lambda: log_in(clients.pop(), neurologist.username).status_code) == [302] * 20
    assert not LoginFailures.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_twenty_concurrent_attempts_check_at_most_ten_passwords(neurologist, monkeypatch):
    # Given a count of the passwords that are really looked at
    looked_at = []
    authenticate = ModelBackend.authenticate
    monkeypatch.setattr(
        ModelBackend, "authenticate", lambda *args, **kwargs: looked_at.append(1) or authenticate(*args, **kwargs)
    )

    # When twenty try at the same time
    statuses = at_once(20, lambda: log_in(Client(), neurologist.username, "not-the-password").status_code)

    # Then none crashed, ten were checked, and the account is locked
    assert set(statuses) == {200}
    assert len(looked_at) == 10
    assert LOCKED in log_in(Client(), neurologist.username).content.decode()
    assert len(looked_at) == 10
