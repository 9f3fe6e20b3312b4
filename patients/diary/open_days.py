"""Opening hours over some days: when clinicians can be booked, and why not."""

import datetime as dt
from dataclasses import dataclass, field

from django.core.exceptions import ValidationError
from django.utils import timezone

from clinic.records.dates import day_in_words, start_of
from patients.diary.models.opening_hours import Absence, Closure, WorkingHours, hours_in_words
from patients.diary.models.visit import possible_local_time


@dataclass
class OpenDays:
    """Working hours, absences and closures of some clinicians for a range of dates, loaded once."""

    hours: dict = field(default_factory=dict)
    absences: dict = field(default_factory=dict)
    closures: list = field(default_factory=list)

    @classmethod
    def of(cls, clinicians, first, last):
        absences = {}
        spans = Absence.objects.overlapping(start_of(first), start_of(last + dt.timedelta(days=1)))
        spans = spans.filter(clinician__in=clinicians).select_related("clinician")
        for absence in spans.order_by("starts_at", "pk"):
            absences.setdefault(absence.clinician_id, []).append(absence)
        hours = WorkingHours.objects.filter(clinician__in=clinicians)
        return cls(
            hours={one.clinician_id: one for one in hours},
            absences=absences,
            closures=list(Closure.objects.covering(first, last).order_by("first_day", "pk")),
        )

    def has_hours(self, clinician):
        return clinician.pk in self.hours

    def closure_on(self, day):
        return next((closure for closure in self.closures if closure.first_day <= day <= closure.last_day), None)

    def absence_at(self, clinician, starts_at, ends_at):
        absences = self.absences.get(clinician.pk, ())
        return next((one for one in absences if one.starts_at < ends_at and one.ends_at > starts_at), None)

    def working_on(self, clinician, day):
        """The clinician's working hours on that date, as [(start, end)] in UTC."""
        hours = self.hours.get(clinician.pk)
        if hours is None or self.closure_on(day):
            return []
        return [(_in_utc(day, begins), _in_utc(day, ends)) for begins, ends in hours.ranges_on(day)]

    def open_on(self, clinician, day):
        spans = self.working_on(clinician, day)
        for absence in self.absences.get(clinician.pk, ()):
            spans = without(spans, absence.starts_at, absence.ends_at)
        return spans

    def obstacle(self, clinician, starts_at, ends_at):
        day = timezone.localdate(starts_at)
        if closure := self.closure_on(day) or self.closure_on(timezone.localdate(ends_at - dt.timedelta(seconds=1))):
            return f"The clinic is closed at that time: {closure.name}, {closure.in_words()}."
        if absence := self.absence_at(clinician, starts_at, ends_at):
            return f"{absence}, {absence.in_words()}."
        if not self.has_hours(clinician):
            return None
        if any(begins <= starts_at and ends_at <= ends for begins, ends in self.working_on(clinician, day)):
            return None
        if ranges := self.hours[clinician.pk].ranges_on(day):
            return (
                f"{clinician} works {hours_in_words(ranges)} on {day:%A}s. "
                f"This time on {day_in_words(day)} is outside these hours."
            )
        return f"{clinician} does not work on {day:%A}s."


def can_be_booked(timestamp):
    try:
        possible_local_time(timestamp)
    except ValidationError:
        return False
    return True


def without(spans, starts_at, ends_at):
    left = []
    for begins, ends in spans:
        if starts_at < ends and ends_at > begins:
            left += [(begins, starts_at)] if begins < starts_at else []
            left += [(ends_at, ends)] if ends_at < ends else []
        else:
            left.append((begins, ends))
    return left


def _in_utc(day, time):
    """That time in the clinic's time zone, converted to UTC, where times can be subtracted."""
    return dt.datetime.combine(day, time, timezone.get_current_timezone()).astimezone(dt.UTC)
