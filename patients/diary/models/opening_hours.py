"""Opening hours: working hours, absences, closures and the lengths of visits."""

import datetime as dt
import re
from itertools import groupby

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import TruncDate
from django.utils import timezone
from simple_history.models import HistoricalRecords

from clinic.models import LockingQuerySet, User, Versioned
from clinic.records.date_fields import TypedDate
from clinic.records.dates import format_date, possible_day
from clinic.records.numbers import Count
from clinic.records.text import Line
from patients.diary.models.visit import LONGEST_VISIT_MINUTES, Visit, VisitKind, VisitState, whole_minute

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

_TIME = r"(\d{1,2})(?:[:.h]?(\d{2}))?"
_RANGE = re.compile(rf"{_TIME}\s*(?:-|–|—|to|until)\s*{_TIME}")
_BETWEEN = re.compile(r"(?:\s|,|;|and)*")
UNREADABLE_HOURS = "Enter hours such as 9:00–12:30, 13:30–17:00. Leave the field empty for a day off."


def hours_of(text):
    """The ranges of a day as [(start, end)], by time. Raises ValidationError if the text is not valid.

    Adjoining ranges become one, because a visit can span both.
    """
    text = text.lower()
    if _BETWEEN.fullmatch(_RANGE.sub("", text)) is None:
        raise ValidationError(UNREADABLE_HOURS)
    ranges = sorted(_range(match) for match in _RANGE.finditer(text))
    joined = []
    for begins, ends in ranges:
        if joined and begins < joined[-1][1]:
            raise ValidationError("These hours overlap.")
        if joined and begins == joined[-1][1]:
            begins, _ = joined.pop()
        joined.append((begins, ends))
    return joined


def _range(match):
    from_hour, from_minute, until_hour, until_minute = (int(part or 0) for part in match.groups())
    try:
        begins, ends = dt.time(from_hour, from_minute), dt.time(until_hour, until_minute)
    except ValueError as error:
        raise ValidationError(UNREADABLE_HOURS) from error
    if ends <= begins:
        raise ValidationError("Hours must end after they begin, on the same day.")
    return begins, ends


def format_hours(ranges):
    """*09:00–12:30, 13:30–17:00*: the stored form, which hours_of() can read."""
    return ", ".join(f"{begins:%H:%M}–{ends:%H:%M}" for begins, ends in ranges)


class _HoursFormField(Line.form_field):
    def to_python(self, value):
        return format_hours(hours_of(super().to_python(value) or ""))


class HoursField(Line):
    """The working hours of a weekday, stored in one normal form."""

    form_field = _HoursFormField

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **{"max_length": 100, "blank": True, "default": "", **kwargs})

    def to_python(self, value):
        value = super().to_python(value)
        return format_hours(hours_of(value)) if isinstance(value, str) else value


class WorkingHours(Versioned):
    """When a clinician can be booked, in the clinic's time zone; without a row, the hours are unknown."""

    clinician = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="working_hours")
    monday = HoursField()
    tuesday = HoursField()
    wednesday = HoursField()
    thursday = HoursField()
    friday = HoursField()
    saturday = HoursField()
    sunday = HoursField()

    history = HistoricalRecords()

    class Meta:
        verbose_name_plural = "working hours"

    def __str__(self):
        return f"Working hours of {self.clinician}"

    def ranges_on(self, day):
        """[(start, end)] as times in the clinic's time zone."""
        return hours_of(getattr(self, WEEKDAYS[day.weekday()]))

    def spans_on(self, day):
        """[(start, end)] in UTC, where times can be subtracted."""
        zone = timezone.get_current_timezone()
        return [
            tuple(dt.datetime.combine(day, time, zone).astimezone(dt.UTC) for time in span)
            for span in self.ranges_on(day)
        ]

    def covers(self, starts_at, ends_at):
        spans = self.spans_on(timezone.localdate(starts_at))
        return any(begins <= starts_at and ends_at <= ends for begins, ends in spans)

    def lines(self):
        """(days, hours), with consecutive days of the same hours combined: *Mon–Thu*."""
        lines = []
        for hours, days in groupby(WEEKDAYS, key=lambda name: getattr(self, name)):
            names = [day[:3].capitalize() for day in days]
            lines += [(names[0] if len(names) == 1 else f"{names[0]}–{names[-1]}", hours)] if hours else []
        return lines


class AbsenceQuerySet(LockingQuerySet):
    def overlapping(self, starts_at, ends_at):
        return self.filter(starts_at__lt=ends_at, ends_at__gt=starts_at)

    def coming(self, now):
        return self.filter(ends_at__gt=now).order_by("starts_at", "pk")


class Absence(Versioned):
    """A period in which a clinician is away. It does not cancel visits: they are listed as *to be moved*."""

    clinician = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="absences")
    starts_at = models.DateTimeField("from", validators=[whole_minute])
    ends_at = models.DateTimeField("until", validators=[whole_minute])
    reason = Line(
        max_length=100, blank=True, help_text="For the front desk, for example holiday, congress or theatre list."
    )
    added_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = AbsenceQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        indexes = [models.Index(fields=["clinician", "ends_at"], name="patients_absence_by_clinician")]
        constraints = [
            models.CheckConstraint(
                name="patients_absence_ends_after_its_start", condition=Q(ends_at__gt=F("starts_at"))
            ),
        ]

    def __str__(self):
        return f"{self.clinician} is away{f': {self.reason}' if self.reason else ''}"

    def as_text(self):
        """*1 Dec 2026, 12:00 – 2 Dec 2026*: whole days without their times."""
        starts, ends = timezone.localtime(self.starts_at), timezone.localtime(self.ends_at)
        first = _format_bound(starts)
        if ends.time() == dt.time.min:
            last = format_date(ends - dt.timedelta(minutes=1))
            return first if first == last else f"{first} – {last}"
        if starts.date() != ends.date():
            return f"{first} – {_format_bound(ends)}"
        return f"{first}, until {ends:%H:%M}" if starts.time() == dt.time.min else f"{first} – {ends:%H:%M}"


def _format_bound(timestamp):
    return format_date(timestamp) + (f", {timestamp:%H:%M}" if timestamp.time() != dt.time.min else "")


class ClosureQuerySet(LockingQuerySet):
    def covering(self, first, last):
        return self.filter(first_day__lte=last, last_day__gte=first)

    def coming(self, today):
        return self.filter(last_day__gte=today).order_by("first_day", "pk")


class Closure(Versioned):
    """Days on which the whole clinic is closed."""

    name = Line(max_length=100)
    first_day = TypedDate(validators=[possible_day])
    last_day = TypedDate(validators=[possible_day])
    added_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = ClosureQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        indexes = [models.Index(fields=["last_day"], name="patients_closure_by_day")]
        constraints = [
            models.CheckConstraint(
                name="patients_closure_ends_not_before_its_start", condition=Q(last_day__gte=F("first_day"))
            ),
            models.CheckConstraint(name="patients_closure_has_a_name", condition=~Q(name="")),
        ]

    def __str__(self):
        return self.name

    def as_text(self):
        first, last = format_date(self.first_day), format_date(self.last_day)
        return first if first == last else f"{first} – {last}"


class VisitLength(Versioned):
    """The default length of a kind of visit, in minutes."""

    kind = models.CharField(max_length=20, choices=VisitKind, unique=True, editable=False)
    minutes = Count(validators=[MinValueValidator(1), MaxValueValidator(LONGEST_VISIT_MINUTES)])

    history = HistoricalRecords()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="patients_visitlength_is_up_to_ten_hours",
                condition=Q(minutes__gte=1, minutes__lte=LONGEST_VISIT_MINUTES),
            ),
            models.CheckConstraint(name="patients_visitlength_kind_is_known", condition=Q(kind__in=VisitKind.values)),
        ]

    def __str__(self):
        return f"{self.get_kind_display()}: {self.minutes} minutes"


def visits_to_be_moved(today):
    """Booked upcoming visits at a time when the clinician does not work, is away or has left, or the clinic is closed.

    Visits with a note for booking outside hours are left out if the reason existed when they were booked.
    """
    away = Absence.objects.filter(
        clinician=OuterRef("clinician"), starts_at__lt=OuterRef("ends_at"), ends_at__gt=OuterRef("starts_at")
    )
    closed = Closure.objects.filter(first_day__lte=OuterRef("its_last_day"), last_day__gte=OuterRef("its_first_day"))
    later = Q(added_at__gt=OuterRef("booked_at"))
    return (
        Visit.objects.coming(today)
        .filter(state=VisitState.BOOKED)
        .alias(
            its_first_day=TruncDate("starts_at"), its_last_day=TruncDate(F("ends_at") - dt.timedelta(microseconds=1))
        )
        .filter(
            Q(outside_hours_since__isnull=False)
            | Q(Exists(away.filter(later)) | Exists(closed.filter(later)))
            | (Q(outside_note="") & Q(Exists(away) | Exists(closed)))
            | ~Q(clinician__in=User.objects.clinicians())
        )
    )
