"""The columns of the diary as HTML. Written without templates: a week has hundreds of free times."""

from django.utils import timezone
from django.utils.dateformat import format as in_format
from django.utils.html import escape
from django.utils.safestring import mark_safe
from django.utils.text import capfirst

from patients.diary.models.visit import VisitState
from patients.diary.pieces import time_in_figures


def written_columns(grid, purpose, *, week, can_change):
    """Each column with what is in it in the order of the day; arrow keys move between the free times."""
    writer = _Writer(grid, purpose, week=week, can_change=can_change)
    return [(column, writer.written(column)) for column in grid.columns]


class _Writer:
    def __init__(self, grid, purpose, *, week, can_change):
        self.grid, self.week, self.can_change = grid, week, can_change
        self.url = escape(purpose["url"])
        query = purpose.get("query_string")
        self.query = f"&amp;{escape(query)}" if query else ""

    def written(self, column):
        slot = self._slot_writer(column)
        write = {"visit": self._visit, "slot": slot, "closed": self._closed, "now": self._now}
        parts = (write[piece.kind](piece) for piece in column.pieces if piece.kind != "slot" or self.can_change)
        return mark_safe("".join(parts))  # noqa: S308, every text is escaped where it is inserted

    def _slot_writer(self, column):
        """A function, because most of what a free time says is the same in the whole column."""
        clinician, day = column.clinician.pk, f"{column.day:%Y-%m-%d}"
        link = f"{self.url}?clinician={clinician}&amp;day={day}&amp;time="
        data = f'data-column="{column.number}" data-clinician="{clinician}" data-day="{day}" data-time='
        clinician_and_day = f" with {escape(column.clinician)}"
        if self.week:
            clinician_and_day += in_format(column.day, ", l j F")

        def write(piece):
            time = time_in_figures(piece.begin)
            kind = "free" if piece.is_open else "closed"
            kind += f"{' past' * piece.is_past}{' part-width' * piece.is_part_width}"
            why = piece.free_time_text if piece.is_open else escape(piece.why_closed)
            past = ", in the past" if piece.is_past else ""
            return (
                f'<li class="cell"><a class="slot {kind} {_place(piece)}" href="{link}{time}{self.query}" '
                f'{data}"{time}">{time}<span class="visually-hidden">{clinician_and_day}{past},</span> '
                f"<small>{why}</small></a></li>"
            )

        return write

    def _visit(self, piece):
        visit, kinds = piece.visit, "rest" if not piece.takes_place else "part-width" if piece.is_part_width else ""
        patient, time, url = escape(visit.patient), f"{_local(visit.starts_at):%H:%M}", escape(visit.get_absolute_url())
        place = f"{_place(piece)} lane-{piece.lane} of-{piece.lanes}{' ' if kinds else ''}{kinds}"
        drags, moves = self._moving(visit, patient, time)
        return (
            f'<li class="cell"><div class="entry {visit.state} {place}"{drags}>'
            f'<a class="what" href="{url}" draggable="false" title="{patient}, {time}"><b><bdi>{patient}</bdi></b> '
            f"<small>{_visit_text(piece, time)}</small></a>{moves}</div></li>"
        )

    def _moving(self, visit, patient, time):
        """The attributes that let a booked visit be dragged, and the link that moves it without a mouse."""
        if not self.can_change or visit.state != VisitState.BOOKED:
            return "", ""
        url = escape(visit.get_moving_url())
        drags = (
            f' draggable="true" data-moves-to="{url}" data-version="{visit.version}" data-patient="{visit.patient_id}"'
            f' data-minutes="{visit.minutes}"'
        )
        hidden = f'<span class="visually-hidden"> {patient}, {time}</span>'
        return drags, f'<a class="move" href="{url}" draggable="false">Move…{hidden}</a>'

    def _closed(self, piece):
        why = escape(piece.why)
        title = f' title="{why}"' if piece.why != "closed" else ""
        when = f"{escape(capfirst(piece.why))}, {time_in_figures(piece.begin)} to {piece.until}"
        return f'<li class="shade {_place(piece)}"{title}><span class="visually-hidden">{when}</span></li>'

    def _now(self, piece):
        hidden = "" if self.grid.is_now_shown else " hidden"
        now = f"Now, <span data-now>{self.grid.now:%H:%M}</span>"
        return f'<li class="nowline at-{piece.at}"{hidden}><span class="visually-hidden">{now}</span></li>'


def _place(piece):
    return f"at-{piece.at} for-{piece.rows}"


def _local(timestamp):
    return timezone.localtime(timestamp)


def _visit_text(piece, time):
    """*since 30 Nov, cancelled, 09:30 Injection, 30 min, since 09:25, outside hours*."""
    visit, state = piece.visit, escape(piece.visit.get_state_display().lower())
    since = in_format(_local(visit.starts_at), "\\s\\i\\n\\c\\e j M, ") if piece.begins_before else ""
    parts = [f"{since}{'' if piece.takes_place else f'{state}, '}{time} {escape(visit.get_kind_display())}"]
    parts.append(f"{visit.minutes} min")
    if piece.arrived_at:
        parts.append(f"since {_local(piece.arrived_at):%H:%M}")
    if visit.outside_note:
        parts.append("outside hours")
    if visit.state == VisitState.FINISHED:
        parts.append("finished")
    hidden = piece.takes_place and visit.state != VisitState.FINISHED
    return ", ".join(parts) + (f'<span class="visually-hidden">, {state}</span>' if hidden else "")
