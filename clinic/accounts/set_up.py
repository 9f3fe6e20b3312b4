"""What an administrator checks once in an installation: the time zone, email, and a backup that was restored."""

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import models
from django.utils import timezone

from clinic.accounts.models import User
from clinic.records import audit_log
from clinic.records.actions import action, store
from clinic.records.exceptions import Conflict, Refused
from clinic.records.models import Clinic
from clinic.records.text import Line


class CheckKind(models.TextChoices):
    TIME_ZONE = "time_zone", "Time zone"
    EMAIL = "email", "Test email"
    BACKUP = "backup", "Backup"


class SetUpCheckQuerySet(models.QuerySet):
    def latest_by_kind(self):
        return {check.kind: check for check in self.select_related("checked_by").order_by("pk")}


class SetUpCheck(models.Model):
    """One check by one administrator; the latest of its kind is the result. None is ever changed."""

    kind = models.CharField(max_length=20, choices=CheckKind)
    checked_at = models.DateTimeField(default=timezone.now)
    checked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    succeeded = models.BooleanField(default=True)
    time_zone = models.CharField(max_length=64, blank=True)
    day = models.DateField("restored on", null=True, blank=True)
    error = Line(max_length=200, blank=True)

    objects = SetUpCheckQuerySet.as_manager()

    def __str__(self):
        return f"{self.get_kind_display()} {self.pk}"


@action
def confirm_time_zone(*, by, seen):
    """`seen` is the time zone that the page showed. Repeating it succeeds."""
    if Clinic.ours().time_zone != seen:
        raise Conflict("Another user has changed the time zone. Read it again before you confirm it.")
    return _store("confirmed the time zone", SetUpCheck(kind=CheckKind.TIME_ZONE, checked_by=by, time_zone=seen), by)


@action
def record_restored_backup(*, by, day):
    if day > timezone.localdate():
        raise Refused("This date is in the future. Type the day on which you restored the backup.", field="day")
    return _store("recorded a restored backup", SetUpCheck(kind=CheckKind.BACKUP, checked_by=by, day=day), by)


def send_test_email(*, by):
    """Send an email to the administrator’s own address and store whether the mail server took it."""
    if not by.email:
        raise Refused("Your account has no email address. Add it under Users, then send the test email.")
    if not settings.EMAIL_URL:
        raise Refused("No mail server is configured. Set EMAIL_URL on the server, as its documentation says.")
    check = SetUpCheck(kind=CheckKind.EMAIL, checked_by=by)
    subject = f"Test email from Collum, {Clinic.ours().name}"
    body = "Collum can send email. You asked for this message on the page Set-up."
    try:
        EmailMessage(subject, body, settings.DEFAULT_FROM_EMAIL, [by.email]).send()
    # Errors of mail servers, of the connection to them, and of addresses that cannot be encoded.
    except (OSError, ValueError) as error:
        check.succeeded, check.error = False, type(error).__name__
    return _store_email_check(check=check, by=by)


@action
def _store_email_check(*, check, by):
    return _store("sent a test email" if check.succeeded else "could not send a test email", check, by)


def _store(what, check, by):
    store(check, by=by)
    audit_log.record(what, check, by=by)
    return check
