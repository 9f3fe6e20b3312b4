"""The text and sending of reminders, and calendar URLs."""

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import IntegrityError, transaction
from django.utils import timezone

from clinic.accounts.secret import hashed, new_secret
from clinic.models import Clinic, User
from clinic.records import audit_log
from clinic.records.actions import action, assign, is_repeat, store
from clinic.records.dates import day_in_words
from clinic.records.exceptions import Conflict, Refused
from patients.diary.models.reminders import CalendarFeed, Reminder, ReminderText


@action
def change_reminder_text(*, by, version, **text):
    """Repeating it succeeds."""
    stored = ReminderText.objects.locked(1)
    if is_repeat(stored, text, version=version):
        return stored
    assign(stored, text)
    store(stored, by=by)
    audit_log.record("changed the reminder text", stored, by=by)
    return stored


def send_reminder(visit, *, text):
    """Send it once, even if several processes try: store the start, send, then store that it was sent.

    Returns False if another process has started it. If the mail server rejects it, the start is removed and the
    error is raised.
    """
    try:
        with transaction.atomic():
            reminder = Reminder.objects.create(visit=visit)
    except IntegrityError:
        return False
    try:
        reminder_of(visit, text=text).send()
    except Exception:
        reminder.delete()
        raise
    _store_as_sent(reminder=reminder)
    return True


@action
def _store_as_sent(*, reminder):
    reminder.sent_at = timezone.now()
    reminder.save()
    audit_log.record("sent a reminder", reminder, by=None, patients=[reminder.visit.patient_id])


def reminder_of(visit, *, text):
    clinic, patient = Clinic.ours(), visit.patient
    starts_at = timezone.localtime(visit.starts_at)
    subject, body = text.filled(
        first_name=patient.given_name or patient.family_name,
        day=f"{starts_at:%A} {day_in_words(starts_at)}",
        time=f"{starts_at:%H:%M}",
        clinic=clinic.name,
        phone=clinic.phone,
    )
    return EmailMessage(subject, body, settings.DEFAULT_FROM_EMAIL, [patient.email])


@action
def create_calendar_feed(*, clinician, by, seen):
    """The secret of a new URL, which cannot be read again; the previous URL ends.

    `seen` is the id of the previous URL; 0 if there was none.
    """
    if not clinician.is_clinician:
        raise Refused("Only a neurologist or a trainee has a calendar.")
    User.objects.locked(clinician.pk)
    former = CalendarFeed.objects.active().filter(clinician=clinician)
    if (former.values_list("pk", flat=True).first() or 0) != seen:
        raise Conflict("Your calendar link changed after this page was opened. Open the page again.")
    former.update(revoked_at=timezone.now())
    secret = new_secret()
    feed = store(CalendarFeed(clinician=clinician, token_hash=hashed(secret)), by=by)
    audit_log.record("created a calendar link", feed, by=by)
    return secret


@action
def revoke_calendar_feed(*, clinician, by, seen):
    """Repeating it succeeds. Raises Conflict if another URL than the one with the id `seen` is active."""
    feed = CalendarFeed.objects.active().filter(clinician=clinician).select_for_update().first()
    if feed is not None:
        if feed.pk != seen:
            raise Conflict("Your calendar link changed after this page was opened. Open the page again.")
        feed.revoked_at = timezone.now()
        store(feed, by=by)
        audit_log.record("revoked a calendar link", feed, by=by)
    return feed
