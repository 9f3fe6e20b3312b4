"""A forgotten password is changed by a link in an email, and no answer shows who has an account."""

import datetime as dt
import re
import smtplib

import pytest
import time_machine
from django.core import mail
from django.core.cache import cache
from django.urls import reverse

from clinic.models import AuditEntry
from tests.patients.people.pages import text_of

pytestmark = pytest.mark.django_db

ASK, LOGIN = reverse("account_reset_password"), reverse("account_login")
NEW = "another-password-of-mine-7"


@pytest.fixture
def person(neurologist, settings):
    settings.EMAIL_URL = "smtp://mail.example"
    neurologist.email = "morgan@example.org"
    neurologist.save()
    cache.clear()
    return neurologist


def actions():
    return list(AuditEntry.objects.filter(object_type="clinic.user").values_list("action", "object_id"))


def test_link_in_the_email_sets_a_new_password(person, client):
    # Given a user who asks for a new password
    person.must_change_password = True
    person.save()
    client.post(ASK, {"email": "morgan@example.org"})
    link = re.search(r"http://testserver(/\S+)", mail.outbox[0].body)[1]

    # When the user opens the link and chooses one
    form = client.get(link, follow=True)
    done = client.post(form.request["PATH_INFO"], {"password1": NEW, "password2": NEW}, follow=True)

    # Then it is the password of the account, the link no longer works, and both are audited
    assert "Your new password is saved" in text_of(done)
    person.refresh_from_db()
    assert (person.check_password(NEW), person.must_change_password) == (True, False)
    assert actions() == [("asked for a new password", person.pk), ("set a new password by email", person.pk)]
    assert "used already" in text_of(client.get(link, follow=True))


def test_old_or_altered_link_changes_nothing(person, client):
    with time_machine.travel(dt.datetime(2026, 5, 4, 9, tzinfo=dt.UTC), tick=False) as clock:
        client.post(ASK, {"email": "morgan@example.org"})
        link = re.search(r"http://testserver(/\S+)", mail.outbox[0].body)[1]
        altered = link[:-2] + ("a" if link[-2] != "a" else "b") + "/"
        assert "used already" in text_of(client.get(altered, follow=True))
        clock.shift(dt.timedelta(hours=2, seconds=1))
        assert "used already" in text_of(client.get(link, follow=True))


def test_unknown_address_gets_the_same_answer_and_no_email(person, client):
    known = client.post(ASK, {"email": "morgan@example.org"}, follow=True)
    unknown = client.post(ASK, {"email": "nobody@example.org"}, follow=True)
    assert text_of(known) == text_of(unknown)
    assert len(mail.outbox) == 1
    assert AuditEntry.objects.filter(action="asked for a new password").last().outcome == "failed"


def test_mail_server_that_fails_gives_the_same_answer(person, client, monkeypatch):
    def fails(*args, **kwargs):
        raise smtplib.SMTPException

    monkeypatch.setattr("django.core.mail.EmailMultiAlternatives.send", fails)
    monkeypatch.setattr("django.core.mail.EmailMessage.send", fails)
    assert client.post(ASK, {"email": "morgan@example.org"}).status_code == 302


def test_address_can_ask_only_a_few_times_an_hour(person, client):
    responses = [client.post(ASK, {"email": "nobody@example.org"}).status_code for _ in range(6)]
    assert responses == [302] * 5 + [429]


def test_without_email_the_page_says_who_can_help(person, client, settings):
    assert ASK in client.get(LOGIN).content.decode()
    settings.EMAIL_URL = ""
    assert ASK not in client.get(LOGIN).content.decode()
    assert "Your administrator can give you" in text_of(client.post(ASK, {"email": "morgan@example.org"}))
    assert mail.outbox == []
