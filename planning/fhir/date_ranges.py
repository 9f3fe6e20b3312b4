"""Dates and times in a search, such as `ge2026-01` or `lt2026-03-01T10:30:00Z`."""

import datetime as dt
import operator
import re
from typing import NamedTuple

from django.db.models import Q
from django.utils import timezone

from clinic.records.dates import start_of
from clinic.records.partial_dates import PartialDate

FIRST_YEAR, LAST_YEAR = "1000", "9000"
_PREFIXED = re.compile(r"(eq|ne|gt|ge|lt|le|sa|eb)?([0-9]{4}[-0-9]*)(T[0-9:.]+(?:Z|[+-][0-9]{2}:[0-9]{2})?)?")
# The value of a record that is compared with the start or the end of the range: by lookup, and by Python.
_COMPARED = {
    "ge": ("start", "gte", operator.ge),
    "gt": ("end", "gte", operator.ge),
    "sa": ("end", "gte", operator.ge),
    "lt": ("start", "lt", operator.lt),
    "eb": ("start", "lt", operator.lt),
    "le": ("end", "lt", operator.lt),
}


class DateRange(NamedTuple):
    """From `start` until before `end`; a year, a month, a day, a minute, a second or less."""

    prefix: str
    start: dt.datetime
    end: dt.datetime

    def days(self):
        """For a record that has only a date."""
        start, end = (timezone.localtime(at) for at in (self.start, self.end))
        last = end.date() if end.time() == dt.time.min and end > start else end.date() + dt.timedelta(days=1)
        return DateRange(self.prefix, start.date(), last)

    def condition(self, path):
        if self.prefix in _COMPARED:
            bound, lookup, _ = _COMPARED[self.prefix]
            return Q(**{f"{path}__{lookup}": getattr(self, bound)})
        within = Q(**{f"{path}__gte": self.start, f"{path}__lt": self.end})
        return ~within if self.prefix == "ne" else within

    def contains(self, at):
        if self.prefix in _COMPARED:
            bound, _, compare = _COMPARED[self.prefix]
            return compare(at, getattr(self, bound))
        return (self.start <= at < self.end) != (self.prefix == "ne")

    def earliest(self):
        """No record before this is in the range; None if there is no such limit."""
        return None if self.prefix in ("lt", "eb", "le", "ne") else self.start


def date_range(text):
    """Raises ValueError."""
    match = _PREFIXED.fullmatch(text)
    if match is None or not FIRST_YEAR <= match[2][:4] <= LAST_YEAR:
        raise ValueError("no date")
    start, end = _timestamps(match[2], match[3]) if match[3] else _days(match[2])
    return DateRange(match[1] or "eq", start, end)


def _days(text):
    date = PartialDate(text)
    return start_of(date.earliest), start_of(date.latest + dt.timedelta(days=1))


def _timestamps(day, time):
    start = dt.datetime.fromisoformat(day + time)
    if not PartialDate(day).is_complete:
        raise ValueError("a time without its day")
    start = timezone.make_aware(start) if timezone.is_naive(start) else start
    clock = re.match(r"T[0-9:]+(\.[0-9]+)?", time)
    if clock[1]:
        return start, start + dt.timedelta(microseconds=1)
    return start, start + (dt.timedelta(seconds=1) if clock[0].count(":") == 2 else dt.timedelta(minutes=1))
