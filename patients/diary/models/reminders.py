"""Reminders before a visit, and calendar URLs. Neither contains clinical information."""

import re

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from simple_history.models import HistoricalRecords

from clinic.accounts.secret import hashed
from clinic.models import LockingQuerySet, User, Versioned
from clinic.records.text import Line, Lines
from patients.diary.models.visit import Visit

PLACES = ("first_name", "day", "time", "clinic", "phone")
_PLACE = re.compile(r"\{([^{}]*)\}")


def only_known_places(text):
    """Validator: braces contain only the names of placeholders that a reminder can fill."""
    for name in _PLACE.findall(text):
        if name not in PLACES:
            known = ", ".join(f"{{{place}}}" for place in PLACES)
            raise ValidationError(f"{{{name}}} is not a known field. Use {known}.")
    if set("{}") & set(_PLACE.sub("", text)):
        raise ValidationError("A brace is missing here. Write {first_name} with both braces.")


class ReminderText(Versioned):
    """The one text of all reminders, and how many days before a visit they are sent."""

    days_before = models.PositiveSmallIntegerField(
        "days before the visit", validators=[MinValueValidator(1), MaxValueValidator(60)]
    )
    subject = Line(max_length=150, validators=[only_known_places])
    body = Lines(max_length=2000, validators=[only_known_places])

    objects = LockingQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        constraints = [models.CheckConstraint(name="patients_there_is_one_reminder_text", condition=Q(pk=1))]

    def __str__(self):
        return self.subject

    @classmethod
    def ours(cls):
        return cls.objects.get(pk=1)

    def filled(self, **places):
        """(subject, body) with all placeholders filled; placeholders inside a value are not filled."""
        return tuple(_PLACE.sub(lambda match: places[match[1]], text) for text in (self.subject, self.body))


class Reminder(models.Model):
    """The reminder of a visit. Its start is stored before it is sent, so that only one of two processes sends it."""

    visit = models.OneToOneField(Visit, on_delete=models.PROTECT, related_name="reminder")
    begun_at = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(null=True, blank=True)

    def __str__(self):
        return f"Reminder of visit {self.visit_id}"


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
    made_at = models.DateTimeField(default=timezone.now)
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = CalendarFeedQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["clinician"], condition=Q(revoked_at=None), name="patients_calendarfeed_is_one_of_a_clinician"
            )
        ]

    def __str__(self):
        return f"Calendar feed {self.pk}"
