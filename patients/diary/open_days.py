"""Opening hours over some days: when clinicians can be booked, and why not."""

import datetime as dt
from dataclasses import dataclass, field

from django.core.exceptions import ValidationError
from django.utils import timezone

from clinic.records.dates import format_date, start_of
from clinic.records.together import read_together
from patients.diary.models.opening_hours import Absence, Closure, WorkingHours, format_hours
from patients.diary.models.visit import possible_local_time


def _absences(clinicians, begin, end):
    overlapping = Absence.objects.overlapping(begin, end).filter(clinician__in=clinicians)
    return overlapping.select_related("clinician").order_by("starts_at", "pk")


def _hours(clinicians):
    return WorkingHours.objects.filter(clinician__in=clinicians)


def _closures(first, last):
    return Closure.objects.covering(first, last).order_by("first_day", "pk")


@dataclass
class OpenDays:
    """Working hours, absences and closures of some clinicians for a range of dates, loaded once."""

    hours: dict = field(default_factory=dict)
    absences: dict = field(default_factory=dict)
    closures: list = field(default_factory=list)

    @classmethod
    def of(cls, clinicians, first, last):
        return cls.from_rows(*read_together(*cls.reads(clinicians, first, last)))

    @staticmethod
    def reads(clinicians, first, last):
        """What read_together() reads for from_rows()."""
        ids = tuple(getattr(clinician, "pk", clinician) for clinician in clinicians)
        time = start_of(first), start_of(last + dt.timedelta(days=1))
        return (_absences, ids, *time), (_hours, ids), (_closures, first, last)

    @classmethod
    def from_rows(cls, spans, hours, closures):
        absences = {}
        for absence in spans:
            absences.setdefault(absence.clinician_id, []).append(absence)
        return cls(hours={one.clinician_id: one for one in hours}, absences=absences, closures=closures)

    def has_hours(self, clinician):
        return clinician.pk in self.hours

    def closure_on(self, *days, since=None):
        """The first closure on any of these dates; with `since`, the first of those that were added later."""
        closures = _added_after(since, self.closures)
        return next((one for one in closures if any(one.first_day <= day <= one.last_day for day in days)), None)

    def absence_at(self, clinician, starts_at, ends_at, *, since=None):
        absences = _added_after(since, self.absences.get(clinician.pk, ()))
        return next((one for one in absences if one.starts_at < ends_at and one.ends_at > starts_at), None)

    def absences_on(self, clinician, day):
        first, end = start_of(day), start_of(day + dt.timedelta(days=1))
        return [one for one in self.absences.get(clinician.pk, ()) if one.starts_at < end and one.ends_at > first]

    def working_on(self, clinician, day):
        """The clinician's working hours on that date, as [(start, end)] in UTC."""
        hours = self.hours.get(clinician.pk)
        if hours is None or self.closure_on(day):
            return []
        return hours.spans_on(day)

    def open_on(self, clinician, day):
        spans = self.working_on(clinician, day)
        for absence in self.absences.get(clinician.pk, ()):
            spans = without(spans, absence.starts_at, absence.ends_at)
        return spans

    def obstacle(self, clinician, starts_at, ends_at, *, since=None):
        """Why this time needs a note to be booked; `since` leaves out closures and absences that were added before."""
        day = timezone.localdate(starts_at)
        if closure := self.closure_on(day, timezone.localdate(ends_at - dt.timedelta(seconds=1)), since=since):
            return f"The clinic is closed at that time: {closure.name}, {closure.as_text()}."
        if absence := self.absence_at(clinician, starts_at, ends_at, since=since):
            return f"{absence}, {absence.as_text()}."
        if not self.has_hours(clinician) or self.hours[clinician.pk].covers(starts_at, ends_at):
            return None
        if ranges := self.hours[clinician.pk].ranges_on(day):
            return (
                f"{clinician} works {format_hours(ranges)} on {day:%A}s. "
                f"This time on {format_date(day)} is outside these hours."
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


def _added_after(since, records):
    return records if since is None else [one for one in records if one.added_at > since]
