"""Days of the course: entered as a number of days or as a date, counted from the session's *given on*."""

import datetime as dt
from dataclasses import dataclass

from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone

from clinic.models import CorrectableQuerySet, not_in_the_future
from clinic.records.date_fields import TypedDate
from clinic.records.dates import format_date
from clinic.records.numbers import Count

LATEST_DAY = 3650


@dataclass(frozen=True)
class CourseDay:
    """A day after the injections: the number of days after *given on*, and its date."""

    number: int
    on: dt.date

    def __str__(self):
        """An amendment of *given on* can move it past a reported date, or move a reported number into the future.

        Such a date is shown without a number.
        """
        if self.is_before_injections:
            return f"{format_date(self.on)} (before the injections)"
        if self.is_in_future:
            return f"{format_date(self.on)} (in the future)"
        return f"day {self.number} ({format_date(self.on)})"

    @property
    def is_before_injections(self):
        return self.number < 0

    @property
    def is_in_future(self):
        return self.on > timezone.localdate()

    @property
    def is_possible(self):
        return not (self.is_before_injections or self.is_in_future)


def course_day(given_on, *, number, on):
    """Complete a number of days or a date with the other; None if neither was entered, or if it is out of range."""
    if on is not None:
        return CourseDay((on - given_on).days, on)
    if number is not None and 0 <= number <= LATEST_DAY:
        return CourseDay(number, given_on + dt.timedelta(days=number))
    return None


def day_number(label):
    return Count(f"{label}, on day", null=True, blank=True, validators=[MaxValueValidator(LATEST_DAY)])


def day_on(label):
    return TypedDate(f"{label}, on", null=True, blank=True, validators=[not_in_the_future])


def number_or_date(model, *names):
    """A constraint: each of these days is stored as a number or as a date, not both."""
    return [
        models.CheckConstraint(
            name=f"planning_{model}_{name}_is_a_number_or_a_date",
            condition=Q(**{f"{name}_day": None}) | Q(**{f"{name}_on": None}),
        )
        for name in names
    ]


class WithDays:
    """Days that are entered as a number or as a date, counted from the session's *given on*."""

    DAYS = ()

    def day_of(self, name):
        number, on = getattr(self, f"{name}_day"), getattr(self, f"{name}_on")
        if number is None and on is None:
            return None
        return course_day(self.session.day_given, number=number, on=on)

    def days_obstacles(self):
        """Invalid days, as {field: message}. The DAYS must be in chronological order."""
        obstacles, before = {}, None
        for name in self.DAYS:
            day = self.day_of(name)
            if day is None:
                continue
            if obstacle := self._both_obstacle(name) or self._day_obstacle(day, before):
                obstacles[self._field_of(name)] = obstacle
            before = day
        return obstacles

    def visit_obstacle(self):
        """Two records that were joined when it was recorded can be separate now."""
        if self.visit is not None and self.visit.patient.person_id != self.session.visit.patient.person_id:
            return "It was reported at a visit of another patient. Record it again at the right visit."
        return None

    def _has_day(self, name):
        return getattr(self, f"{name}_day") is not None or getattr(self, f"{name}_on") is not None

    def _field_of(self, name):
        return f"{name}_on" if getattr(self, f"{name}_on") is not None else f"{name}_day"

    def _both_obstacle(self, name):
        if getattr(self, f"{name}_day") is not None and getattr(self, f"{name}_on") is not None:
            return "Type the number of days or the date, not both."
        return None

    def _day_obstacle(self, day, before):
        if day.is_before_injections:
            return f"This is before {format_date(self.session.day_given)}, when the injections were given."
        if day.is_in_future:
            return f"{format_date(day.on)} is in the future."
        if before is not None and day.number < before.number:
            return f"This is before {before}."
        return None


class CourseQuerySet(CorrectableQuerySet):
    def across(self, record):
        """Reported at a visit of this patient record for a session of another one, or the reverse."""
        session, visit = Q(session__visit__patient=record), Q(visit__patient=record)
        return self.filter((session & ~visit) | (visit & ~session)).exclude(visit=None)

    def of_records(self, ids):
        return self.filter(session__visit__patient__in=ids).order_by("session__visit__starts_at", "pk")

    def in_order_reported(self):
        return self.select_related("visit").order_by("visit__starts_at", "pk")

    def for_page(self):
        return self.select_related("session__visit__patient", "session__product", "visit", "recorded_by")
