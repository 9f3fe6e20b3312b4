"""The diary as it is drawn: a column for each clinician or date, in rows of five minutes."""

import datetime as dt
from dataclasses import dataclass

from django.utils import timezone

from clinic.records.dates import start_of
from patients.diary.lanes import side_by_side, slots_between
from patients.diary.models.delay import Delay
from patients.diary.models.opening_hours import format_hours
from patients.diary.models.visit import Visit, VisitState, is_past
from patients.diary.open_days import OpenDays, can_be_booked
from patients.diary.pieces import (
    ROW_MINUTES,
    ROWS_A_DAY,
    ROWS_AN_HOUR,
    ClosedTime,
    Column,
    Now,
    PlacedVisit,
    Slot,
    time_of,
)

FIRST_HOUR, END_HOUR = 8, 18  # the default range
LEAST_ROWS = 2  # of a visit, whose link is then high enough to be clicked
SHORT_ROWS = 3  # visits with fewer rows need higher rows
NEAR_ROWS = 2  # the time of now covers the hour that is as near as this
SHOWN_STATES = (*VisitState.active(), VisitState.CANCELLED, VisitState.NO_SHOW)
READ_OF_A_VISIT = (
    "version", "clinician", "kind", "starts_at", "minutes", "ends_at", "state", "outside_note",
    "patient__family_name", "patient__given_name",
)  # fmt: skip


@dataclass
class Hour:
    time: dt.time
    at: int
    is_near_now: bool


class Grid:
    """The diary of some days. The number of queries does not depend on the number of visits."""

    def __init__(self, *, clinicians, days):
        self.clinicians, self.days = list(clinicians), list(days)
        self.now = timezone.localtime()
        self.open_days = OpenDays.of(self.clinicians, min(self.days), max(self.days))
        self.delays = Delay.objects.by_clinician(self.now.date()) if self.has_today else {}
        places = ((clinician, day) for day in self.days for clinician in self.clinicians)
        self.columns = [self._column(number, *place) for number, place in enumerate(places)]
        self._place_visits()
        self.first_hour, self.end_hour = self._hours_shown()
        for column in self.columns:
            self._fill(column)

    @property
    def visits(self):
        return [visit for column in self.columns for visit in column.visits]

    @property
    def first(self):
        return self.first_hour * ROWS_AN_HOUR

    @property
    def end(self):
        return self.end_hour * ROWS_AN_HOUR

    @property
    def rows(self):
        return self.end - self.first

    @property
    def hours(self):
        near = range(self.now_at - NEAR_ROWS, self.now_at + NEAR_ROWS + 1) if self.is_now_shown else ()
        places = ((hour, hour * ROWS_AN_HOUR - self.first) for hour in range(self.first_hour, self.end_hour))
        return [Hour(dt.time(hour), at, at in near) for hour, at in places]

    @property
    def has_short_visits(self):
        return any(entry.rows < SHORT_ROWS for column in self.columns for entry in column.entries)

    @property
    def has_today(self):
        return self.now.date() in self.days

    @property
    def now_minute(self):
        """Counted from the first hour, in which a script goes on."""
        return (self.now.hour - self.first_hour) * 60 + self.now.minute

    @property
    def now_at(self):
        return min(max(self.now_minute // ROW_MINUTES, 0), self.rows - 1)

    @property
    def is_now_shown(self):
        return self.has_today and 0 <= self.now_minute < self.rows * ROW_MINUTES

    def _column(self, number, clinician, day):
        closure = self.open_days.closure_on(day)
        column = Column(clinician, day, number, closed=closure.name if closure else "")
        if day == self.now.date() and (delay := self.delays.get(clinician.pk)):
            column.late = delay.in_short()
        if not closure:
            column.notes = self._notes(clinician, day)
        column.reasons = self._reasons(column)
        return column

    def _notes(self, clinician, day):
        """The hours of the day, and why the clinician is away."""
        hours = self.open_days.hours.get(clinician.pk)
        ranges = format_hours(hours.ranges_on(day)) or "does not work" if hours else ""
        away = {absence.reason or "away" for absence in self.open_days.absences_on(clinician, day)}
        return [note for note in (ranges if len(self.days) == 1 else "", *sorted(away)) if note]

    def _reasons(self, column):
        if column.closed:
            return [column.closed] * ROWS_A_DAY
        clinician, day = column.clinician, column.day
        reasons = ["closed" if self.open_days.has_hours(clinician) else ""] * ROWS_A_DAY
        for begins, ends in self.open_days.working_on(clinician, day):
            _write(reasons, _row_on(day, begins, up=True), _row_on(day, ends), "")
        for absence in self.open_days.absences_on(clinician, day):
            begin, end = _row_on(day, absence.starts_at), _row_on(day, absence.ends_at, up=True)
            _write(reasons, begin, end, absence.reason or "away")
        for row in _rows_of_a_clock_change(day):
            reasons[row] = "the clocks change"
        return reasons

    def _place_visits(self):
        columns = {(column.clinician.pk, column.day): column for column in self.columns}
        first, last = min(self.days), max(self.days)
        visits = list(
            Visit.objects.filter(state__in=SHOWN_STATES, clinician__in=self.clinicians, moved_to=None)
            .between(start_of(first), start_of(last + dt.timedelta(days=1)))
            .select_related("patient")
            .only(*READ_OF_A_VISIT)
            .order_by("starts_at", "pk")
        )
        arrivals = Visit.arrival_times(visits) if self.has_today else {}
        for visit in visits:
            for day in sorted({visit.day, visit.last_day}):
                if (visit.clinician_id, day) in columns:
                    entry = PlacedVisit(*_rows_on(day, visit), visit=visit, day=day, arrived_at=arrivals.get(visit.pk))
                    columns[visit.clinician_id, day].entries.append(entry)

    def _hours_shown(self):
        first, end = FIRST_HOUR * ROWS_AN_HOUR, END_HOUR * ROWS_AN_HOUR
        for column in self.columns:
            for begins, ends in self.open_days.working_on(column.clinician, column.day):
                first, end = min(first, _row_on(column.day, begins)), max(end, _row_on(column.day, ends, up=True))
            for entry in column.entries:
                first, end = min(first, entry.begin), max(end, entry.end)
        return first // ROWS_AN_HOUR, -(-end // ROWS_AN_HOUR)

    def _fill(self, column):
        taken, left_out = side_by_side(column.entries)
        for entry in column.entries:
            entry.first = self.first
        column.reasons = column.reasons[self.first : self.end]
        column.shades = [
            ClosedTime(begin, end, self.first, why) for begin, end, why in _runs(column.reasons, self.first) if why
        ]
        column.slots = [slot for run in self._free_runs(column, taken) for slot in self._slots(column, left_out, *run)]
        if column.day == self.now.date():
            column.past_rows = self.now_at if self.now_minute < self.rows * ROW_MINUTES else self.rows
            column.now = [Now(self.first + self.now_at, self.first + self.now_at + 1, self.first)]
        elif column.day < self.now.date():
            column.past_rows = self.rows

    def _free_runs(self, column, taken):
        reasons = list(column.reasons)
        for entry in taken:
            _write(reasons, entry.begin - self.first, entry.end - self.first, None)
        return [run for run in _runs(reasons, self.first) if run[2] is not None]

    def _slots(self, column, left_out, begin, end, why):
        for start, stop in slots_between(begin, end):
            begins = dt.datetime.combine(column.day, time_of(start), timezone.get_current_timezone())
            yield Slot(
                start,
                stop,
                self.first,
                free_minutes=(end - start) * ROW_MINUTES,
                why_closed=why,
                is_past=is_past(begins.astimezone(dt.UTC)),
                is_part_width=any(entry.begin < stop and entry.end > start for entry in left_out),
            )


def _row_on(day, timestamp, *, up=False):
    """The row in which this is on that date, or the next one; the first or last of the date if it is on another."""
    local = timezone.localtime(timestamp)
    if local.date() != day:
        return 0 if local.date() < day else ROWS_A_DAY
    minutes = local.hour * 60 + local.minute
    return -(-minutes // ROW_MINUTES) if up else minutes // ROW_MINUTES


def _rows_on(day, visit):
    """The first row and the one after the last, also when the clocks change. A visit over midnight is on both dates."""
    begin = min(_row_on(day, visit.starts_at), ROWS_A_DAY - LEAST_ROWS)
    return begin, max(_row_on(day, visit.ends_at, up=True), begin + LEAST_ROWS)


def _rows_of_a_clock_change(day):
    if start_of(day).utcoffset() == start_of(day + dt.timedelta(days=1)).utcoffset():
        return []
    zone = timezone.get_current_timezone()
    return [row for row in range(ROWS_A_DAY) if not can_be_booked(dt.datetime.combine(day, time_of(row), zone))]


def _write(reasons, begin, end, why):
    for row in range(begin, end):
        reasons[row] = why


def _runs(reasons, first):
    """(begin, end, reason) of the rows that follow each other with the same reason."""
    runs = []
    for row, why in enumerate(reasons, first):
        if runs and runs[-1][2] == why:
            runs[-1] = (runs[-1][0], row + 1, why)
        else:
            runs.append((row, row + 1, why))
    return runs
