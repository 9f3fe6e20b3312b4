"""Getting in, staying in and getting out."""

import datetime as dt
import json

import pytest
import time_machine
from django.contrib.auth.hashers import MD5PasswordHasher
from django.contrib.auth.models import Group
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django.asserts import assertContains

from clinic.models import AuditEntry
from tests import builders

pytestmark = pytest.mark.django_db

LOGIN, CHANGE = "/accounts/login/", "/accounts/password/change/"
NEW = "quite-another-password"


def log_in(client, name, password=builders.PASSWORD, **more):
    return client.post(LOGIN, {"login": name, "password": password, **more})


def is_in(client):
    """Whether the start page lets this client pass."""
    return not client.get(reverse("clinic:start"))["Location"].startswith(LOGIN)


def change_password(client, old=builders.PASSWORD, new=NEW, again=None):
    return client.post(CHANGE, {"oldpassword": old, "password1": new, "password2": again or new})


def masked(response, *texts):
    """The body without what differs from request to request."""
    body = response.content.decode()
    for text in (response.context["csrf_token"] if response.context else "", *texts):
        body = body.replace(str(text), "…") if text else body
    return body


def test_right_password_logs_in(client, neurologist):
    response = log_in(client, neurologist.username)
    assert response.status_code == 302
    assert response["Location"] == reverse("clinic:start")
    assert is_in(client)


def test_failed_logins_get_the_same_response(client, neurologist, trainee):
    # Given a deactivated user
    trainee.is_active = False
    trainee.save()

    # When each of three tries to log in
    wrong = log_in(client, neurologist.username, "not-the-password")
    unknown = log_in(client, "nobody-here", "not-the-password")
    gone = log_in(client, trainee.username)

    # Then the response does not reveal which names exist
    assert wrong.status_code == unknown.status_code == gone.status_code == 200
    assert "The user name or the password is wrong." in masked(wrong)
    assert masked(wrong, neurologist.username) == masked(unknown, "nobody-here") == masked(gone, trainee.username)
    assert not is_in(client)


def test_unknown_name_takes_as_long_as_a_known_one(client, neurologist, monkeypatch):
    hashed = []
    encode = MD5PasswordHasher.encode
    monkeypatch.setattr(MD5PasswordHasher, "encode", lambda *args: hashed.append(1) or encode(*args))

    log_in(client, neurologist.username, "not-the-password")
    known = len(hashed)
    log_in(client, "nobody-here", "not-the-password")
    assert known == len(hashed) - known == 1


@pytest.mark.parametrize(
    "address",
    ["signup/", "password/set/", "email/", "confirm-email/", "reauthenticate/", "login/code/", ""],
)
def test_other_pages_of_the_login_package_are_not_found(client, neurologist, address):
    assert client.get(f"/accounts/{address}").status_code == 404
    client.force_login(neurologist)
    assert client.get(f"/accounts/{address}").status_code == 404


@pytest.mark.parametrize(
    "elsewhere",
    ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)", "http:///evil.example"],
)
def test_login_does_not_redirect_to_another_site(client, neurologist, elsewhere):
    response = log_in(client, neurologist.username, next=elsewhere)
    assert response["Location"] == reverse("clinic:start")


def test_login_redirects_to_the_requested_page(client, neurologist):
    asked = client.get(reverse("planning:muscle-list"))
    assert asked["Location"] == f"{LOGIN}?next=/muscles/"
    assertContains(client.get(asked["Location"]), '<input type="hidden" name="next" value="/muscles/">', html=True)
    assert log_in(client, neurologist.username, next="/muscles/")["Location"] == "/muscles/"


@pytest.mark.parametrize("headers", [{"HX-Request": "true"}, {"X-Requested-With": "fetch"}])
def test_script_gets_a_response_that_the_login_ended(client, headers):
    response = client.get(reverse("planning:today"), headers=headers)
    assert response.status_code == 401
    assert json.loads(response.content) == {"message": "Your login has ended.", "login": LOGIN}


def test_first_password_must_be_changed(client):
    # Given a user whose password the administrator chose
    person = builders.a_person("neurologist", must_change_password=True)
    log_in(client, person.username)

    # Then every page redirects to the change, and a script gets a response
    assert client.get(reverse("planning:today"))["Location"] == CHANGE
    assert client.get(reverse("admin:index"))["Location"] == CHANGE
    assert client.get(reverse("planning:today"), headers={"HX-Request": "true"}).status_code == 401
    assert "Another user chose your password" in client.get(CHANGE).content.decode()

    # And the same password again does not count as a change
    again = change_password(client, new=builders.PASSWORD)
    assert "Choose a password that differs" in again.content.decode()
    assert client.get(reverse("planning:today"))["Location"] == CHANGE

    # When it is changed, the person stays logged in
    assert change_password(client).status_code == 302
    assert client.get(reverse("planning:today")).status_code == 200
    person.refresh_from_db()
    assert person.check_password(NEW)
    assert not person.must_change_password


@pytest.mark.parametrize("weak", ["short", "1234567890123", "password1234"])
def test_weak_password_is_rejected(client, neurologist, weak):
    client.force_login(neurologist)
    assert change_password(client, new=weak).status_code == 200
    neurologist.refresh_from_db()
    assert neurologist.check_password(builders.PASSWORD)


def test_new_passwords_must_match(client, neurologist):
    client.force_login(neurologist)
    assert change_password(client, again=NEW + "x").status_code == 200
    neurologist.refresh_from_db()
    assert neurologist.check_password(builders.PASSWORD)


def test_changed_password_ends_every_other_login(client, neurologist):
    other_browser = Client()
    log_in(client, neurologist.username)
    log_in(other_browser, neurologist.username)
    change_password(client)
    assert is_in(client)
    assert not is_in(other_browser)


def test_deactivation_applies_from_the_next_request(client, neurologist):
    log_in(client, neurologist.username)
    assert is_in(client)
    neurologist.is_active = False
    neurologist.save()
    assert not is_in(client)


def test_changed_role_applies_from_the_next_request(client, catalogue_manager):
    log_in(client, catalogue_manager.username)
    assert client.get("/api/v1/muscles/").status_code == 200
    catalogue_manager.groups.set(Group.objects.filter(name="auditor"))
    assert client.get("/api/v1/muscles/").status_code == 403


def test_fifteen_idle_minutes_end_a_login(client, neurologist):
    with time_machine.travel(dt.datetime(2026, 5, 4, 9, tzinfo=dt.UTC), tick=False) as clock:
        log_in(client, neurologist.username)
        for _ in range(2):
            clock.shift(dt.timedelta(minutes=14, seconds=59))
            assert is_in(client)
        clock.shift(dt.timedelta(minutes=15, seconds=1))
        assert not is_in(client)


def test_login_session_is_saved_at_most_twice_a_minute(client, neurologist):
    with time_machine.travel(dt.datetime(2026, 5, 4, 9, tzinfo=dt.UTC), tick=False) as clock:
        log_in(client, neurologist.username)
        assert is_in(client)
        saved = []
        for _ in range(12):
            clock.shift(dt.timedelta(seconds=5))
            with CaptureQueriesContext(connection) as asked:
                assert is_in(client)
            saved += [query["sql"] for query in asked if query["sql"].startswith('UPDATE "django_session"')]
        assert len(saved) == 1


def test_twelve_hours_end_an_active_login(client, neurologist):
    with time_machine.travel(dt.datetime(2026, 5, 4, 9, tzinfo=dt.UTC), tick=False) as clock:
        log_in(client, neurologist.username)
        assert is_in(client)
        for _ in range(12 * 6):
            clock.shift(dt.timedelta(minutes=10))
            assert is_in(client)
        clock.shift(dt.timedelta(seconds=1))
        assert not is_in(client)


def test_logout_ends_the_login_session(client, neurologist):
    log_in(client, neurologist.username)
    cookie = client.cookies["sessionid"].value
    assert client.get("/accounts/logout/").status_code == 200
    assert is_in(client)
    assert client.post("/accounts/logout/")["Location"] == LOGIN

    thief = Client()
    thief.cookies["sessionid"] = cookie
    assert not is_in(thief)


def test_logins_and_logouts_are_audited_without_typed_text(client, neurologist):
    # When a user mistypes, logs in, changes the password and logs out
    log_in(client, "nobody-here", "typed-secret")
    log_in(client, neurologist.username, "typed-secret")
    log_in(client, neurologist.username)
    change_password(client, old="typed-secret")
    change_password(client)
    client.post("/accounts/logout/")

    # Then each is in the audit trail, with the user and the account
    me = neurologist.pk
    entries = AuditEntry.objects.values_list("action", "actor_id", "object_id", "outcome", "route")
    assert list(entries) == [
        ("password failed", None, None, "failed", "account_login"),
        ("password failed", None, me, "failed", "account_login"),
        ("logged in", me, me, "done", "account_login"),
        ("password failed", me, me, "failed", "account_change_password"),
        ("password changed", me, me, "done", "account_change_password"),
        ("logged out", me, me, "done", "account_logout"),
    ]
    everything = str(list(AuditEntry.objects.values()))
    assert not any(text in everything for text in ("typed-secret", "nobody-here", builders.PASSWORD, NEW))


@pytest.mark.parametrize("stored", ["Ingrid", "SØREN"])
def test_the_case_of_a_user_name_does_not_matter(stored, client):
    builders.a_person(username=stored)
    for typed in (stored, stored.lower(), stored.upper(), f" {stored} "):
        log_in(client, typed)
        assert is_in(client), typed
        client.post("/accounts/logout/")
