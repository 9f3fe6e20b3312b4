"""Free times that patients on the waiting list could take."""

import datetime as dt
from dataclasses import dataclass

from django.utils import timezone

from clinic.models import User
from clinic.records.dates import start_of
from clinic.records.together import read_together
from patients.diary.models.opening_hours import VisitLength
from patients.diary.models.visit import Visit, VisitState
from patients.diary.open_days import OpenDays, can_be_booked, without
from patients.waiting.models.waiting_entry import WaitingEntry

MOST_NAMED = 5
ONE_MINUTE = dt.timedelta(minutes=1)


@dataclass(frozen=True)
class Opening:
    """Free time of a clinician, within working hours, up to the next visit."""

    clinician: User
    starts_at: dt.datetime
    minutes: int
    usual_minutes: list[VisitLength]

    @property
    def day(self):
        return timezone.localdate(self.starts_at)

    def end_of(self, minutes):
        return self.starts_at + dt.timedelta(minutes=minutes)

    def entries(self, *, but_for=None):
        """The first open entries of the waiting list that it meets, each with the usual minutes of its visit.

        `but_for` is the id of a patient who does not want it: the one who cancelled.
        """
        lengths = {usual.kind: usual.minutes for usual in self.usual_minutes if usual.minutes <= self.minutes}
        found = WaitingEntry.objects.who_could_take(self, lengths).exclude(patient=but_for)
        found = found.longest_first().for_page()[:MOST_NAMED]
        return [(entry, lengths[entry.kind]) for entry in found]


def opening_at(clinician, starts_at):
    return _opening_within(clinician, starts_at, starts_at + ONE_MINUTE)


def opening_after(visit):
    """What a cancelled or moved visit left free; None for any other visit, or if nothing of it can be booked."""
    if visit.state != VisitState.CANCELLED:
        return None
    return _opening_within(visit.clinician, visit.starts_at, visit.ends_at)


def _opening_within(clinician, starts_at, ends_at):
    """The first free time that begins then; None for a time in the past."""
    if starts_at <= timezone.now() or not clinician.is_clinician:
        return None
    day = timezone.localdate(starts_at)
    time = start_of(day), start_of(day + dt.timedelta(days=1))
    *of_days, visits, usual_minutes = read_together(
        *OpenDays.reads([clinician], day, day), (_visits_between, clinician.pk, *time), (VisitLength.objects.all,)
    )
    for begins, ends in _free_spans(OpenDays.from_rows(*of_days).open_on(clinician, day), visits):
        start = max(begins, starts_at)
        if start < min(ends, ends_at) and can_be_booked(start):
            return Opening(clinician, start, (ends - start) // ONE_MINUTE, usual_minutes)
    return None


def _visits_between(clinician, begin, end):
    return Visit.objects.active().between(begin, end).filter(clinician=clinician).only("starts_at", "ends_at")


def _free_spans(spans, visits):
    for visit in visits:
        spans = without(spans, visit.starts_at, visit.ends_at)
    return spans
