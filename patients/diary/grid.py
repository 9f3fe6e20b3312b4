"""The diary as a table: a column for each clinician or date, a row for each quarter hour."""

import datetime as dt
from dataclasses import dataclass, field

from django.utils import timezone

from clinic.records.dates import start_of
from patients.diary.models.visit import Visit, is_past
from patients.diary.open_days import OpenDays, can_be_booked

SLOT_MINUTES = 15
SLOTS_A_DAY = 24 * 60 // SLOT_MINUTES
FIRST_SLOT, END_SLOT = 8 * 60 // SLOT_MINUTES, 18 * 60 // SLOT_MINUTES  # the default range


@dataclass
class DiaryCell:
    """Free time, or the visits that begin there; `rows` is the number of quarter hours."""

    column: object
    slot: int
    visits: list = field(default_factory=list)
    rows: int = 1
    is_open: bool = True
    is_past: bool = False
    why_closed: str = ""

    @property
    def day(self):
        return self.column.day

    @property
    def time(self):
        return time_of(self.slot)

    @property
    def clinician(self):
        return self.column.clinician


@dataclass
class Column:
    """One clinician on one date."""

    clinician: object
    day: dt.date
    closed: str = ""
    blocks: list = field(default_factory=list)
    cells: dict = field(default_factory=dict)
    number: int = 0

    @property
    def visits(self):
        return [visit for block in self.blocks for visit in block.visits]


@dataclass
class Row:
    slot: int
    cells: list
    is_now: bool

    @property
    def time(self):
        return time_of(self.slot)

    @property
    def is_hour(self):
        return self.slot * SLOT_MINUTES % 60 == 0


class Grid:
    """The diary of some days. The number of queries does not depend on the number of visits."""

    def __init__(self, *, clinicians, days):
        self.clinicians, self.days = list(clinicians), list(days)
        self.now = timezone.localtime()
        self.open_days = OpenDays.of(self.clinicians, min(self.days), max(self.days))
        self.columns = [
            Column(clinician, day, closed=self._closed(day)) for day in self.days for clinician in self.clinicians
        ]
        for number, column in enumerate(self.columns):
            column.number = number
        self._place_visits()
        first, end = self._slots_shown()
        for column in self.columns:
            self._fill(column, first, end)
        self.rows = [self._row(slot) for slot in range(first, end)]

    @property
    def visits(self):
        return [visit for column in self.columns for visit in column.visits]

    def _closed(self, day):
        closure = self.open_days.closure_on(day)
        return closure.name if closure else ""

    def _place_visits(self):
        columns = {(column.clinician.pk, column.day): column for column in self.columns}
        first, last = min(self.days), max(self.days)
        visits = (
            Visit.objects.active()
            .between(start_of(first), start_of(last + dt.timedelta(days=1)))
            .filter(clinician__in=self.clinicians)
            .select_related("patient", "clinician")
            .order_by("starts_at", "pk")
        )
        for visit in visits:
            for day in sorted({visit.day, visit.last_day}):
                if (visit.clinician_id, day) in columns:
                    self._place(visit, columns[visit.clinician_id, day])

    def _place(self, visit, column):
        begin, end = _slots_on(column.day, visit)
        last = column.blocks[-1] if column.blocks else None
        if last is not None and begin < last.slot + last.rows:
            last.visits.append(visit)
            last.rows = max(last.rows, end - last.slot)
        else:
            column.blocks.append(DiaryCell(column, begin, [visit], end - begin))

    def _slots_shown(self):
        first, end = FIRST_SLOT, END_SLOT
        for column in self.columns:
            for begins, ends in self.open_days.working_on(column.clinician, column.day):
                first, end = min(first, _slot_of(begins)), max(end, _slot_after(ends))
            for block in column.blocks:
                first, end = min(first, block.slot), max(end, block.slot + block.rows)
        return first, min(end, SLOTS_A_DAY)

    def _fill(self, column, first, end):
        taken = set()
        for block in column.blocks:
            block.rows = min(block.rows, end - block.slot)
            column.cells[block.slot] = block
            taken.update(range(block.slot, block.slot + block.rows))
        spans = self.open_days.open_on(column.clinician, column.day)
        has_hours = self.open_days.has_hours(column.clinician)
        for slot in range(first, end):
            if slot not in taken:
                column.cells[slot] = self._free(column, slot, spans, has_hours=has_hours)

    def _free(self, column, slot, spans, *, has_hours):
        shown = dt.datetime.combine(column.day, time_of(slot), timezone.get_current_timezone())
        begins = shown.astimezone(dt.UTC)
        ends = begins + dt.timedelta(minutes=SLOT_MINUTES)
        cell = DiaryCell(column, slot, is_past=is_past(begins))
        absence = self.open_days.absence_at(column.clinician, begins, ends)
        if column.closed or absence:
            cell.is_open, cell.why_closed = False, column.closed or absence.reason or "away"
        elif not can_be_booked(shown):
            cell.is_open, cell.why_closed = False, "the clocks change"
        elif has_hours:
            cell.is_open = any(start <= begins and ends <= end for start, end in spans)
        return cell

    def _row(self, slot):
        cells = [column.cells[slot] for column in self.columns if slot in column.cells]
        now_slot = (self.now.hour * 60 + self.now.minute) // SLOT_MINUTES
        return Row(slot, cells, is_now=self.now.date() in self.days and slot == now_slot)


def time_of(slot):
    return dt.time(*divmod(slot * SLOT_MINUTES, 60))


def _slot_of(timestamp):
    local = timezone.localtime(timestamp)
    return (local.hour * 60 + local.minute) // SLOT_MINUTES


def _slot_after(timestamp):
    local = timezone.localtime(timestamp)
    return -(-(local.hour * 60 + local.minute) // SLOT_MINUTES)


def _slots_on(day, visit):
    """The first slot and the one after the last, at least one apart, also when the clocks change.

    A visit over midnight has slots on both dates.
    """
    begin = _slot_of(visit.starts_at) if visit.day == day else 0
    end = _slot_after(visit.ends_at) if timezone.localdate(visit.ends_at) == day else SLOTS_A_DAY
    return begin, max(end, begin + 1)
