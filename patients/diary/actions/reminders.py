"""Emails about a visit: their text and sending. Calendar URLs."""

import datetime as dt

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import IntegrityError, transaction
from django.utils import timezone

from clinic.accounts.secret import hashed, new_secret
from clinic.models import Clinic, User
from clinic.records import audit_log
from clinic.records.actions import action, assign, is_repeat, store
from clinic.records.dates import format_date
from clinic.records.exceptions import Conflict, Refused
from patients.diary.models.reminders import (
    CalendarFeed,
    ChangeMessage,
    Reminder,
    ReminderText,
    clock_time_of,
    filled,
    last_announced,
)
from patients.diary.models.visit import Visit


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
    """Returns False if another process has started it. Raises the error of a mail server that rejects it."""
    reminder = Reminder(visit=visit, clock_time=clock_time_of(visit), **_written(visit, text.subject, text.body))
    return _send_once(reminder, "sent a reminder")


def send_change_message(visit, *, text):
    """Tells the patient that the visit was cancelled or moved, or takes place after all or at another clock time.

    Returns as send_reminder().
    """
    new_visit, takes_place = _last_of_moves(visit), visit.is_active
    if takes_place:
        taking_place, written = visit, _written_again(visit, text)
        new_visit = None
    elif new_visit is not None and new_visit.is_active:
        written = _written(visit, text.changed_subject, text.moved_body, new_visit=new_visit)
        taking_place = new_visit
    else:
        taking_place = new_visit = None
        written = _written(visit, text.changed_subject, text.cancelled_body)
    message = ChangeMessage(
        visit=visit, visit_version=visit.version, takes_place=takes_place, new_visit=new_visit,
        clock_time=clock_time_of(taking_place) if taking_place else "", **written,
    )  # fmt: skip
    return _send_once(message, "sent a message about a change")


def _written_again(visit, text):
    """It takes place after all, or at another clock time than the last email says."""
    announced = last_announced([visit.pk]).get(visit.pk, "")
    if announced in ("", clock_time_of(visit)):
        return _written(visit, text.subject, text.body)
    former = dt.datetime.fromisoformat(announced)
    return _written(visit, text.changed_subject, text.moved_body, new_visit=visit, starts_at=former)


def _last_of_moves(visit):
    """The visit that replaced it in the end, if it was moved."""
    last = None
    while following := Visit.objects.filter(moved_from=last or visit).first():
        last = following
    return last


def _send_once(message, what):
    """Store the start, send, then store that it was sent: so it is sent once, even if several processes try.

    If the mail server rejects it, the start is removed.
    """
    try:
        with transaction.atomic():
            message.save()
    except IntegrityError:
        return False
    try:
        EmailMessage(message.subject, message.body, settings.DEFAULT_FROM_EMAIL, [message.recipient]).send()
    except Exception:
        message.delete()
        raise
    _store_as_sent(message, what)
    return True


@action
def _store_as_sent(message, what):
    message.sent_at = timezone.now()
    message.save()
    audit_log.record(what, message, by=None, patients=[message.visit.patient_id])


def _written(visit, subject, body, *, new_visit=None, starts_at=None):
    clinic, patient = Clinic.ours(), visit.patient
    places = {"first_name": patient.given_name or patient.family_name, "clinic": clinic.name, "phone": clinic.phone}
    places["day"], places["time"] = _date_and_time(starts_at or timezone.localtime(visit.starts_at))
    if new_visit is not None:
        places["new_day"], places["new_time"] = _date_and_time(timezone.localtime(new_visit.starts_at))
    return {"recipient": patient.email, "subject": filled(subject, places), "body": filled(body, places)}


def _date_and_time(starts_at):
    return f"{starts_at:%A} {format_date(starts_at)}", f"{starts_at:%H:%M}"


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
