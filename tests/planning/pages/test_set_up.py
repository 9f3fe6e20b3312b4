"""The administrator's start page: what a new clinic needs, who is logged in, and whether the reminders run."""

import datetime as dt
import smtplib

import pytest
from django.core import mail
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from clinic.accounts.login_failures import MOST, key_of
from clinic.models import AuditEntry, BackupRun, Clinic, LoginFailures, SetUpCheck
from patients.models import ReminderRun, WorkingHours
from planning.pages.administration import steps_of_set_up
from tests import builders
from tests.access import PEOPLE
from tests.patients.people.pages import text_of

pytestmark = pytest.mark.django_db
PAGE = reverse("planning:set-up")
PASSWORD, OWN = "a-password-by-somebody-else", "a-password-of-my-own-2"


def to_do():
    return [step.name for step in steps_of_set_up(BackupRun.objects.latest_by_kind()) if not step.is_done]


def test_set_up_is_complete_when_every_step_is(login, superuser, neurologist, staff, settings):
    # Given a new clinic with a neurologist and a front desk
    Clinic.objects.update(name="Example Clinic", address="")
    settings.EMAIL_URL = "smtp://mail.example"
    superuser.email = "admin@example.org"
    superuser.save()
    client = login(superuser)
    assert to_do() == ["clinic", "time_zone", "hours", "email", "backup"]

    # When the administrator does every step
    Clinic.objects.update(address="1 Sample Street")
    builders.hours(neurologist)
    client.post(reverse("planning:time-zone-confirm"), {"time_zone": Clinic.ours().time_zone})
    client.post(reverse("planning:test-email"))
    client.post(reverse("planning:backup-restored"), {"day": timezone.localdate().isoformat()})

    # Then nothing is left to do, and the page says so
    assert to_do() == []
    assert "Set-up complete" in text_of(client.get(PAGE))
    assert [(sent.to, "Test email" in sent.subject) for sent in mail.outbox] == [(["admin@example.org"], True)]
    written = ["confirmed the time zone", "sent a test email", "recorded a restored backup"]
    assert list(AuditEntry.objects.filter(action__in=written).values_list("action", flat=True)) == written


def test_another_time_zone_is_to_be_confirmed_again(superuser, login):
    client = login(superuser)
    client.post(reverse("planning:time-zone-confirm"), {"time_zone": Clinic.ours().time_zone})
    Clinic.objects.update(time_zone="Asia/Tokyo")
    assert "time_zone" in to_do()
    stale = client.post(reverse("planning:time-zone-confirm"), {"time_zone": "Europe/London"})
    assert (stale.status_code, "time_zone" in to_do()) == (409, True)


def test_email_that_is_not_sent_is_recorded_as_failed(superuser, login, settings, monkeypatch):
    def fails(message):
        raise smtplib.SMTPException

    settings.EMAIL_URL = "smtp://mail.example"
    superuser.email = "admin@example.org"
    superuser.save()
    monkeypatch.setattr("django.core.mail.EmailMessage.send", fails)
    login(superuser).post(reverse("planning:test-email"))
    assert (SetUpCheck.objects.get().succeeded, "email" in to_do()) == (False, True)


@pytest.mark.parametrize(("address", "url"), [("", "smtp://mail.example"), ("admin@example.org", "")])
def test_email_without_address_or_server_says_what_to_do(address, url, superuser, login, settings):
    settings.EMAIL_URL, superuser.email = url, address
    superuser.save()
    response = login(superuser).post(reverse("planning:test-email"))
    assert (response.status_code, mail.outbox, SetUpCheck.objects.count()) == (409, [], 0)


def test_backup_of_tomorrow_shows_a_message(superuser, login):
    tomorrow = timezone.localdate() + dt.timedelta(days=1)
    response = login(superuser).post(reverse("planning:backup-restored"), {"day": tomorrow.isoformat()})
    assert "This date is in the future." in text_of(response)
    assert "backup" in to_do()


def test_page_shows_logins_and_locked_users(superuser, neurologist, login):
    Client().force_login(neurologist)
    LoginFailures.objects.create(key=key_of(neurologist.username), failures=MOST, last_at=timezone.now())
    lines = login(superuser).get(PAGE).context["lines"]
    found = {str(line.user): (line.logins, line.is_locked) for line in lines}
    assert found[str(neurologist)] == (1, True)


def test_page_shows_the_last_run_of_the_reminders(superuser, login):
    client = login(superuser)
    assert "have never run" in text_of(client.get(PAGE))
    call_command("remind", verbosity=0)
    run = ReminderRun.objects.get()
    assert (run.sent, run.failed, run.ended_at is None) == (0, 0, False)
    assert "Last run" in text_of(client.get(PAGE))
    call_command("remind", "--dry-run", verbosity=0)
    assert ReminderRun.objects.count() == 1


def a_run(kind, *, hours, succeeded=True):
    at = timezone.now() - dt.timedelta(hours=hours)
    problem = "" if succeeded else "The disk is full."
    return BackupRun.objects.create(
        kind=kind, started_at=at, ended_at=at, succeeded=succeeded, path="/backups/x", problem=problem
    )


def test_page_shows_the_age_of_the_last_backup_and_drill(superuser, login):
    client = login(superuser)
    assert "Last backup none recorded Last restore drill none recorded" in text_of(client.get(PAGE))
    a_run("drill", hours=41 * 24)
    a_run("backup", hours=49)
    a_run("backup", hours=3)
    a_run("restore", hours=1)
    text = text_of(client.get(PAGE))
    assert "Last backup 3 hours ago" in text
    assert "Last restore drill 41 days ago" in text
    assert text.count("too old") == 1
    assert "backup" not in to_do()


def test_page_shows_that_the_last_backup_failed(superuser, login):
    a_run("backup", hours=3)
    client, failed = login(superuser), a_run("backup", hours=0, succeeded=False)
    assert "The disk is full." in text_of(client.get(PAGE))
    a_run("backup", hours=0)
    assert failed.problem not in text_of(client.get(PAGE))


def test_administrator_sets_hours_without_seeing_the_diary(superuser, neurologist, login):
    client, page = login(superuser), reverse("patients:hours-change", args=[neurologist.pk])
    response = client.post(page, {"version": "0", "monday": "9:00–12:00"})
    assert response.status_code == 302
    assert WorkingHours.objects.filter(clinician=neurologist).exists()
    body = client.get(reverse("patients:opening-hours")).content.decode()
    assert reverse("patients:diary") not in body.replace(reverse("patients:opening-hours"), "")


STARTS = {"N": "planning:today", "T": "planning:today", "S": "planning:today", "C": "planning:muscle-list",
          "A": "clinic:audit", "U": "planning:set-up"}  # fmt: skip


@pytest.mark.parametrize("letter", STARTS)
def test_first_password_leads_to_the_start_page(letter, client, request):
    # Given a user whose password was chosen by an administrator
    person = request.getfixturevalue(PEOPLE[letter])
    person.set_password(PASSWORD)
    person.must_change_password = True
    person.save()
    client.post(reverse("account_login"), {"login": person.username, "password": PASSWORD})

    # When the user chooses their own, then their start page opens
    typed = {"oldpassword": PASSWORD, "password1": OWN, "password2": OWN}
    response = client.post(reverse("account_change_password"), typed, follow=True)
    assert response.resolver_match.view_name == STARTS[letter]
