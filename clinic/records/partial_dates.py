"""Dates of which a part can be unknown."""

import calendar
import datetime as dt
import re

from clinic.records.dates import format_date

UNKNOWN = "unknown"
_KNOWN = re.compile(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?")
YOUNGEST_IN_YEARS = 2


class PartialDate(str):
    """`1932-03-14`; `1932-03` or `1932` if the day or the month too is unknown; `unknown`.

    The text is that of ISO 8601 and FHIR, and in the order of time. Raises ValueError if it is not a date.
    """

    __slots__ = ()

    def __new__(cls, text):
        self = super().__new__(cls, text)
        if text != UNKNOWN:
            self.earliest  # noqa: B018
        return self

    @property
    def is_unknown(self):
        return self == UNKNOWN

    @property
    def is_complete(self):
        return len(self) == len("1932-03-14")

    @property
    def parts(self):
        """The known ones of year, month and day."""
        if (match := _KNOWN.fullmatch(self)) is None:
            raise ValueError(f"{self[:20]} is not a date.")
        return [int(part) for part in match.groups() if part]

    @property
    def earliest(self):
        return dt.date(*[*self.parts, 1, 1][:3])

    @property
    def latest(self):
        year, month, day = [*self.parts, None, None][:3]
        month = month or 12
        return dt.date(year, month, day or calendar.monthrange(year, month)[1])

    def can_be(self, other):
        """Whether both can be the same date."""
        return UNKNOWN in (self, other) or self.startswith(other) or other.startswith(self)

    def as_text(self):
        if self.is_unknown:
            return UNKNOWN
        if self.is_complete:
            return format_date(self.earliest)
        month = f"{self.earliest:%b} " if len(self.parts) > 1 else ""
        return f"{month}{self[:4]} ({'day' if month else 'day and month'} unknown)"

    def age_text(self, on):
        """*57 years*, *14 months* below two years, *93 or 94 years* if a part of the date is unknown."""
        if self.is_unknown:
            return "age unknown"
        youngest, oldest = (max(_months_between(date, on), 0) for date in (self.latest, self.earliest))
        unit = "month"
        if youngest >= 12 * YOUNGEST_IN_YEARS:
            youngest, oldest, unit = youngest // 12, oldest // 12, "year"
        between = "or" if oldest - youngest == 1 else "to"
        ages = f"{youngest} {between} {oldest}" if youngest != oldest else str(oldest)
        return f"{ages} {unit}{'' if oldest == 1 else 's'}"


def _months_between(born, on):
    return 12 * (on.year - born.year) + on.month - born.month - (on.day < born.day)
