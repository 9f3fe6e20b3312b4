"""Emails about a visit, and calendar URLs. Neither contains clinical information."""

import datetime as dt
import re

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Exists, OuterRef, Q, Subquery, Value
from django.utils import timezone
from simple_history.models import HistoricalRecords

from clinic.accounts.secret import hashed
from clinic.models import LockingQuerySet, User, Versioned
from clinic.records.dates import start_of
from clinic.records.numbers import Count
from clinic.records.text import Line, Lines
from patients.diary.models.visit import Visit, VisitState

PLACES = ("first_name", "day", "time", "clinic", "phone")
PLACES_OF_A_MOVE = (*PLACES, "new_day", "new_time")
_PLACE = re.compile(r"\{([^{}]*)\}")

CHANGED_SUBJECT = "Your visit at {clinic} has changed"
CANCELLED_BODY = (
    "Dear {first_name},\n\nyour visit at {clinic} on {day} at {time} is cancelled.\n\n"
    "If you have questions, please call {phone}."
)
MOVED_BODY = (
    "Dear {first_name},\n\nyour visit at {clinic} on {day} at {time} was moved to {new_day} at {new_time}.\n\n"
    "If you cannot come then, please call {phone}."
)


def only_known_places(text):
    """Validator: braces contain only the names of placeholders that a reminder can fill."""
    _require_known_places(text, PLACES)


def only_known_places_of_a_move(text):
    """Validator: as only_known_places(), with the new date and time."""
    _require_known_places(text, PLACES_OF_A_MOVE)


def _require_known_places(text, places):
    for name in _PLACE.findall(text):
        if name not in places:
            known = ", ".join(f"{{{place}}}" for place in places)
            raise ValidationError(f"{{{name}}} is not a known field. Use {known}.")
    if set("{}") & set(_PLACE.sub("", text)):
        raise ValidationError("A brace is missing here. Write {first_name} with both braces.")


def filled(text, places):
    """The text with all placeholders filled; placeholders inside a value are not filled."""
    return _PLACE.sub(lambda match: places[match[1]], text)


class ReminderText(Versioned):
    """The texts of all reminders and of messages about changed visits, and how many days before a visit they are
    sent.
    """

    days_before = Count("days before the visit", validators=[MinValueValidator(1), MaxValueValidator(60)])
    subject = Line(max_length=150, validators=[only_known_places])
    body = Lines(max_length=2000, validators=[only_known_places])
    changed_subject = Line(
        "subject of a change", max_length=150, validators=[only_known_places], default=CHANGED_SUBJECT
    )
    cancelled_body = Lines("if cancelled", max_length=2000, validators=[only_known_places], default=CANCELLED_BODY)
    moved_body = Lines("if moved", max_length=2000, validators=[only_known_places_of_a_move], default=MOVED_BODY)

    objects = LockingQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        constraints = [models.CheckConstraint(name="patients_there_is_one_reminder_text", condition=Q(pk=1))]

    def __str__(self):
        return self.subject

    @classmethod
    def ours(cls):
        return cls.objects.get(pk=1)


class VisitMessage(models.Model):
    """An email to a patient as it was sent. Its start is stored first, so that only one of two processes sends it."""

    begun_at = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(null=True, blank=True)
    recipient = models.CharField(max_length=254, blank=True)
    clock_time = models.CharField(
        max_length=16, blank=True, help_text="The date and time that it announces, as 2026-12-01 09:30; empty if none."
    )
    subject = models.TextField(blank=True)
    body = models.TextField(blank=True)

    class Meta:
        abstract = True


class Reminder(VisitMessage):
    """The reminder of a visit."""

    visit = models.OneToOneField(Visit, on_delete=models.PROTECT, related_name="reminder")

    def __str__(self):
        return f"Reminder of visit {self.visit_id}"


class ChangeMessage(VisitMessage):
    """A message that a visit of which the patient knows was cancelled or moved, or takes place after all."""

    visit = models.ForeignKey(Visit, on_delete=models.PROTECT, related_name="change_messages")
    visit_version = models.PositiveIntegerField()
    takes_place = models.BooleanField()
    new_visit = models.ForeignKey(Visit, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["visit", "visit_version"], name="patients_a_change_of_a_visit_is_reported_once"
            )
        ]

    def __str__(self):
        return f"Message about the change of visit {self.visit_id}"


def visits_to_remind(today, days):
    """Booked from tomorrow up to that many days ahead, for patients who agreed and have not had a reminder.

    A message that the visit was moved to this time replaces the reminder, if it was sent within these days.
    """
    first, end = (start_of(today + dt.timedelta(days=number)) for number in (1, days + 1))
    announced = _announcements().filter(begun_at__gte=OuterRef("starts_at") - dt.timedelta(days=days + 1))
    return (
        Visit.objects.of_patients_who_agreed()
        .filter(~Exists(announced), state=VisitState.BOOKED, reminder=None, starts_at__gte=first, starts_at__lt=end)
        .select_related("patient")
        .order_by("starts_at", "pk")
    )


def _announcements():
    return ChangeMessage.objects.order_by().filter(new_visit=OuterRef("pk"))


def clock_time_of(visit):
    return f"{timezone.localtime(visit.starts_at):%Y-%m-%d %H:%M}"


def last_announced(visits):
    """By id, the clock time in the last email about each of these visits: empty if it does not take place."""
    changes = ChangeMessage.objects.order_by()
    announced = [
        *Reminder.objects.filter(visit__in=visits).values_list("begun_at", "visit", "clock_time"),
        *changes.filter(visit__in=visits, takes_place=True).values_list("begun_at", "visit", "clock_time"),
        *changes.filter(visit__in=visits, takes_place=False).values_list("begun_at", "visit", Value("")),
        *changes.filter(new_visit__in=visits).values_list("begun_at", "new_visit", "clock_time"),
    ]
    return {visit: clock_time for _, visit, clock_time in sorted(announced)}


def visits_at_another_clock_time(now):
    """The ids of booked visits that the last email announces for another clock time: the time zone has changed."""
    visits = Visit.objects.of_patients_who_agreed().filter(state=VisitState.BOOKED, starts_at__gt=now)
    announced = last_announced(visits.values("pk"))
    return [
        visit.pk for visit in visits.filter(pk__in=announced) if announced[visit.pk] not in ("", clock_time_of(visit))
    ]


def visits_changed_after_message(now):
    """Upcoming visits that differ from the last email about them.

    A reminder, or a message about a moved visit, announces that the visit takes place. A message about a change
    announces what it says. The announced clock time can also be another one.
    """
    earlier = ChangeMessage.objects.filter(visit=OuterRef("pk")).order_by("-pk").values("takes_place")[:1]
    expected = Q(announced=True) | (Q(announced=None) & (Q(reminder__isnull=False) | Q(Exists(_announcements()))))
    cancelled = Q(state__in=(VisitState.CANCELLED, VisitState.ENTERED_IN_ERROR))
    return (
        Visit.objects.of_patients_who_agreed()
        .alias(announced=Subquery(earlier))
        .filter(
            (expected & cancelled)
            | Q(announced=False, state=VisitState.BOOKED)
            | Q(pk__in=visits_at_another_clock_time(now)),
            starts_at__gt=now,
        )
        .select_related("patient")
        .order_by("starts_at", "pk")
    )


class CalendarFeedQuerySet(models.QuerySet):
    def active(self):
        return self.filter(revoked_at=None)

    def with_secret(self, token):
        """The active feed with this secret, if its user is still a clinician."""
        clinicians = User.objects.clinicians()
        found = self.active().filter(token_hash=hashed(token), clinician__in=clinicians)
        return found.select_related("clinician").first()


class CalendarFeed(models.Model):
    """A secret URL from which a clinician's calendar reads their visits; only a hash of the secret is stored."""

    clinician = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="calendar_feeds")
    token_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(default=timezone.now, db_column="made_at")
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = CalendarFeedQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["clinician"], condition=Q(revoked_at=None), name="patients_calendarfeed_is_active_once"
            )
        ]

    def __str__(self):
        return f"Calendar feed {self.pk}"
