"""Times at which a clinician can be booked."""

import datetime as dt
import heapq
import itertools
from dataclasses import dataclass, field

from django.utils import timezone

from clinic.models import User
from clinic.records.dates import start_of
from patients.diary.models.visit import Visit
from patients.diary.open_days import OpenDays, can_be_booked, without

MOST = 10
DAYS_AT_ONCE, MOST_DAYS = 28, 364
ROUND_TO = dt.timedelta(minutes=5)


@dataclass(frozen=True, order=True)
class FreeTime:
    """Sorted by time, then by name."""

    starts_at: dt.datetime
    name: str
    clinician: User = field(compare=False)
    minutes: int = field(compare=False)

    @property
    def value(self):
        return f"{self.clinician.pk}@{self.starts_at.astimezone(dt.UTC):%Y-%m-%dT%H:%MZ}"

    @property
    def span(self):
        return self.clinician.pk, self.starts_at, self.starts_at + dt.timedelta(minutes=self.minutes)


def next_free_times(*, clinicians, minutes, since, most=MOST, moving=None):
    """The first free times of that length (in minutes) from `since` on, without overlaps for one clinician.

    Only within working hours; a clinician without working hours has no free times. Searches about a year ahead. The
    time of the visit with the id `moving` counts as free, but it is not offered for the same length again.
    """
    clinicians, found = list(clinicians), []
    first = timezone.localdate(since)
    for start in range(0, MOST_DAYS, DAYS_AT_ONCE):
        day = first + dt.timedelta(days=start)
        in_order = _free_times(clinicians, day, minutes=minutes, since=since, moving=moving)
        found += itertools.islice(in_order, most - len(found))
        if len(found) == most:
            break
    return found


def nearest_free_times(*, clinician, minutes, to, most=MOST, moving=None):
    day = timezone.localdate(to) - dt.timedelta(days=DAYS_AT_ONCE // 2)
    since = max(timezone.now(), start_of(day))
    free = _free_times([clinician], day, minutes=minutes, since=since, moving=moving)
    return sorted(heapq.nsmallest(most, free, key=lambda one: abs(one.starts_at - to)))


def _free_times(clinicians, first, *, minutes, since, moving):
    last = first + dt.timedelta(days=DAYS_AT_ONCE - 1)
    open_days = OpenDays.of(clinicians, first, last)
    taken, moved = _taken(clinicians, first, last, moving=moving)
    free = heapq.merge(
        *(_of_one(open_days, clinician, taken.get(clinician.pk, ()), first, minutes, since) for clinician in clinicians)
    )
    return (one for one in free if one.span != moved)


def _taken(clinicians, first, last, *, moving):
    """By clinician, the active visits as (start, end); and the clinician, start and end of the one that is moved."""
    taken, moved = {}, None
    visits = Visit.objects.active().between(start_of(first), start_of(last + dt.timedelta(days=1)))
    visits = visits.filter(clinician__in=clinicians).values_list("pk", "clinician", "starts_at", "ends_at")
    for pk, clinician, starts_at, ends_at in visits:
        if pk == moving:
            moved = clinician, starts_at, ends_at
        else:
            taken.setdefault(clinician, []).append((starts_at, ends_at))
    return taken, moved


def _of_one(open_days, clinician, taken, first, minutes, since):
    length = dt.timedelta(minutes=minutes)
    for day in (first + dt.timedelta(days=number) for number in range(DAYS_AT_ONCE)):
        spans = open_days.open_on(clinician, day)
        for begins, ends in taken:
            spans = without(spans, begins, ends)
        for begins, ends in spans:
            start = _rounded_up(max(begins, since))
            while start + length <= ends:
                if can_be_booked(start):
                    yield FreeTime(start, str(clinician), clinician, minutes)
                start += length


def _rounded_up(timestamp):
    """To the next multiple of five minutes. UTC works for local time too: offsets are multiples of five minutes."""
    timestamp = timestamp.astimezone(dt.UTC)
    over = dt.timedelta(minutes=timestamp.minute % 5, seconds=timestamp.second, microseconds=timestamp.microsecond)
    return timestamp + (ROUND_TO - over if over else dt.timedelta())
