"""What an administrator does for a user who cannot log in, or whose device is lost."""

import pytest
from allauth.mfa.models import Authenticator
from django.core import mail
from django.test import Client

from clinic.models import AuditEntry
from tests import builders
from tests.clinic.accounts.factor_steps import an_app, log_in_twofold, recovery_codes
from tests.clinic.accounts.test_lockout import fail
from tests.clinic.accounts.test_login import is_in, log_in

pytestmark = [pytest.mark.django_db, pytest.mark.engine, pytest.mark.usefixtures("whole_step")]

PASSWORD = {"password": builders.PASSWORD}


@pytest.fixture
def administrator(client):
    person = builders.a_person(is_superuser=True)
    client.force_login(person)
    return person


def path(person, what=""):
    return f"/users/{person.pk}/{what}"


def text(response):
    return response.content.decode()


def test_second_factor_is_reset_and_logins_end(client, administrator, neurologist):
    an_app(neurologist)
    recovery_codes(neurologist)
    log_in_twofold(other := Client(), neurologist)
    assert "authenticator app" in text(client.get(path(neurologist)))

    assert client.post(path(neurologist, "second-factor/reset/"), PASSWORD).status_code == 302
    assert not Authenticator.objects.exists()
    assert not is_in(other)
    log_in(other, neurologist.username)
    assert is_in(other)
    actions = list(AuditEntry.objects.filter(actor=administrator).values_list("action", "object_id"))
    assert actions[-2:] == [("reset the second factor", neurologist.pk), ("ended all logins", neurologist.pk)]


def test_reset_asks_for_the_administrators_password(client, administrator, neurologist):
    an_app(neurologist)
    response = client.post(path(neurologist, "second-factor/reset/"), {"password": "wrong"})
    assert "This is not your password." in text(response)
    assert Authenticator.objects.exists()


def test_own_factor_is_not_reset_here(client, administrator):
    an_app(administrator)
    response = client.post(path(administrator, "second-factor/reset/"), PASSWORD)
    assert response.status_code == 409
    assert "You cannot reset your own second factor." in text(response)
    assert Authenticator.objects.exists()


def test_reset_repeated_changes_nothing(client, administrator, neurologist):
    assert client.post(path(neurologist, "second-factor/reset/"), PASSWORD).status_code == 302
    assert not AuditEntry.objects.filter(action="reset the second factor").exists()


def test_locked_login_is_unlocked(client, administrator, neurologist):
    fail(Client(), neurologist.username, 10)
    assert "locked for fifteen minutes" in text(client.get(path(neurologist)))
    client.post(path(neurologist, "unlock/"))
    client.post(path(neurologist, "unlock/"))
    log_in(other := Client(), neurologist.username)
    assert is_in(other)
    entry = AuditEntry.objects.get(action="unlocked the login")
    assert (entry.actor, entry.object_id) == (administrator, neurologist.pk)


def test_logins_of_a_user_are_ended(client, administrator, neurologist, trainee):
    clients = [Client(headers={"User-Agent": "Firefox/140 (Windows)"}) for _ in range(2)]
    for one in clients:
        log_in(one, neurologist.username)
    log_in(bystander := Client(), trainee.username)
    assert text(client.get(path(neurologist))).count("Firefox on Windows") == 2
    client.post(path(neurologist, "logins/end/"))
    assert [is_in(one) for one in (*clients, bystander)] == [False, False, True]
    assert AuditEntry.objects.filter(action="ended all logins", object_id=neurologist.pk).exists()


def test_own_login_stays_when_the_others_end(client, administrator):
    log_in(other := Client(), administrator.username)
    client.post(path(administrator, "logins/end/"))
    assert (is_in(client), is_in(other)) == (True, False)


def test_the_user_is_notified(client, administrator, neurologist, settings, django_capture_on_commit_callbacks):
    settings.EMAIL_URL = "smtp://mail.example"
    neurologist.email = "n@example.org"
    neurologist.save()
    an_app(neurologist)
    fail(Client(), neurologist.username, 10)
    with django_capture_on_commit_callbacks(execute=True):
        client.post(path(neurologist, "unlock/"))
        client.post(path(neurologist, "second-factor/reset/"), PASSWORD)
    assert [email.to for email in mail.outbox] == [["n@example.org"]] * 3
    for email, words in zip(mail.outbox, ("unlocked your login", "reset your second factor", "ended all"), strict=True):
        assert words in email.body


def test_a_mail_server_that_fails_stops_nothing(
    client, administrator, neurologist, settings, monkeypatch, django_capture_on_commit_callbacks
):
    def fails(email):
        raise OSError("no server")

    settings.EMAIL_URL = "smtp://mail.example"
    monkeypatch.setattr("clinic.accounts.notices.EmailMessage.send", fails)
    neurologist.email = "n@example.org"
    neurologist.save()
    an_app(neurologist)
    with django_capture_on_commit_callbacks(execute=True):
        assert client.post(path(neurologist, "second-factor/reset/"), PASSWORD).status_code == 302
    assert not Authenticator.objects.exists()


def test_user_page_of_the_admin_site_leads_there(client, administrator, neurologist):
    assert path(neurologist) in text(client.get(f"/admin/clinic/user/{neurologist.pk}/change/"))
