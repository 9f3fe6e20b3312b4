"""What the diary draws in a column: visits, closed time, time that can be booked, and now."""

import datetime as dt
from dataclasses import dataclass, field

from clinic.records.dates import format_duration
from patients.diary.models.visit import Visit

ROW_MINUTES = 5
ROWS_AN_HOUR = 60 // ROW_MINUTES
ROWS_A_DAY = 24 * ROWS_AN_HOUR


def time_of(row):
    return dt.time(*divmod(row * ROW_MINUTES, 60))


def time_in_figures(row):
    """*09:05*; and *24:00* for the row after the last."""
    return "{:02}:{:02}".format(*divmod(row * ROW_MINUTES, 60))


@dataclass
class Piece:
    """Rows of a column, from `begin` up to `end`; `first` is the first row of the diary."""

    begin: int
    end: int
    first: int = 0

    @property
    def at(self):
        return self.begin - self.first

    @property
    def rows(self):
        return self.end - self.begin

    @property
    def time(self):
        return time_of(self.begin)

    @property
    def until(self):
        return time_in_figures(self.end)


@dataclass
class PlacedVisit(Piece):
    visit: Visit = None
    day: dt.date = None
    arrived_at: dt.datetime = None
    lane: int = 0
    lanes: int = 1
    is_part_width: bool = False  # leaves a part of the column to a visit that does not take place

    kind = "visit"

    @property
    def takes_place(self):
        return self.visit.is_active

    @property
    def begins_before(self):
        return self.visit.day != self.day


@dataclass
class ClosedTime(Piece):
    """Time that is closed, and why."""

    why: str = ""

    kind = "closed"


@dataclass
class Slot(Piece):
    """Time that can be booked; if it is closed, with a note."""

    free_minutes: int = 0
    why_closed: str = ""
    is_past: bool = False
    is_part_width: bool = False

    kind = "slot"

    @property
    def is_open(self):
        return not self.why_closed

    @property
    def free_time_text(self):
        return f"{format_duration(self.free_minutes)} free"


class Now(Piece):
    kind = "now"


@dataclass
class Column:
    """One clinician on one date."""

    clinician: object
    day: dt.date
    number: int
    closed: str = ""  # the name of the closure on that date
    late: str = ""  # how late the clinician is now
    notes: list = field(default_factory=list)
    reasons: list = field(default_factory=list)  # for each row, why it is closed; empty if it is not
    entries: list = field(default_factory=list)
    slots: list = field(default_factory=list)
    shades: list = field(default_factory=list)
    past_rows: int = 0
    now: list = field(default_factory=list)

    @property
    def visits(self):
        return [entry.visit for entry in self.entries]

    @property
    def pieces(self):
        """By time; where several begin together, closed time comes first, and a visit before the time next to it."""
        return sorted([*self.now, *self.shades, *self.entries, *self.slots], key=lambda piece: piece.begin)

    @property
    def is_slim(self):
        """A day of the weekend on which the clinician does not work, and has no visits."""
        return self.day.weekday() >= 5 and not self.entries and all(self.reasons)

    @property
    def summary(self):
        count = sum(entry.takes_place for entry in self.entries)
        visits = "no visits" if count == 0 else "1 visit" if count == 1 else f"{count} visits"
        parts = [self.closed, visits] if self.closed else [visits, *self.notes]
        return " · ".join([self.late, *parts] if self.late else parts)
