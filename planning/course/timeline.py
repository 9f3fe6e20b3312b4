"""The chart of the course: a panel for each score in its own range; below, sessions, responses and adverse events."""

import datetime as dt
from dataclasses import dataclass, field
from numbers import Real

from django.utils import timezone

from clinic.records.dates import format_date
from planning.catalogue.scores import in_figures
from planning.course.models.session_elsewhere import ELSEWHERE
from planning.course.timeline_svg import svg_of

SHOWN_AT_FIRST = 3
LEAST_SPAN = 90  # the minimum in days, so that a single visit does not fill the chart
STEPS_IN_MONTHS = (1, 2, 3, 6, 12, 24, 60, 120, 240)
WIDE, NARROW = 920, 340
LEAST_TARGET = 26
HALF_A_LABEL = 20  # beyond the right margin


@dataclass(frozen=True)
class Mark:
    """A point on the chart, with its link and label."""

    x: Real
    y: Real
    url: str
    text: str
    kind: str = ""


@dataclass(frozen=True)
class TimelineBar:
    """A period on the chart; `open` if its end was not recorded."""

    x: Real
    y: Real
    width: Real
    url: str
    text: str
    kind: str = ""

    @property
    def end(self):
        return self.x + self.width

    @property
    def target_width(self):
        return max(self.width, LEAST_TARGET)

    @property
    def target_x(self):
        return self.x - (self.target_width - self.width) / 2


@dataclass(frozen=True)
class Panel:
    name: str
    direction: str
    top: Real
    height: Real
    highest: str
    lowest: str
    line: str
    marks: list[Mark]
    series: int

    @property
    def middle(self):
        return self.top + self.height / 2

    @property
    def bottom(self):
        return self.top + self.height


@dataclass
class Timeline:
    """Positions are in units of the SVG's viewBox."""

    width: int
    height: Real = 0
    left: Real = 0
    right: Real = 0
    top: Real = 0
    marks_at: Real = 0
    events_at: Real = 0
    axis_at: Real = 0
    panels: list[Panel] = field(default_factory=list)
    sessions: list[Mark] = field(default_factory=list)
    responses: list[TimelineBar] = field(default_factory=list)
    events: list[Mark] = field(default_factory=list)
    event_bars: list[TimelineBar] = field(default_factory=list)
    ticks: list[tuple[Real, str]] = field(default_factory=list)
    is_narrow: bool = False

    def svg(self):
        return svg_of(self)

    def svg_for_print(self):
        return svg_of(self, has_links=False)


class Scale:
    """Converts dates to horizontal positions."""

    def __init__(self, first, last, left, right):
        missing = LEAST_SPAN - (last - first).days
        margin = max(dt.timedelta(days=max(missing, 0) / 2), (last - first) * 0.03)
        self.first, self.last = first - margin, last + margin
        self.left, self.right = left, right

    def __call__(self, day):
        share = (day - self.first) / (self.last - self.first)
        return self.left + share * (self.right - self.left)

    def ticks(self, least):
        """(position, label) of first days of months, at least that far from each other."""
        shortest_month = (self.right - self.left) / ((self.last - self.first).days / 28)
        step = next((step for step in STEPS_IN_MONTHS if step * shortest_month >= least), STEPS_IN_MONTHS[-1])
        month = self.first.year * 12 + self.first.month  # counted from year 0; the first that begins within the range
        month += -month % step
        found = []
        while (day := dt.date(month // 12, month % 12 + 1, 1)) <= self.last:
            if self(day) <= self.right - HALF_A_LABEL:
                found.append((self(day), f"{day:%Y}" if step >= 12 else f"{day:%b %Y}"))
            month += step
        return found


def timeline(course, instruments, *, narrow=False):
    days = _days(course, instruments)
    if not days:
        return None
    return _Drawing(course, instruments, days, narrow).timeline


def _days(course, instruments):
    days = [cycle.on for cycle in course.cycles]
    days += [assessment.visit.day for each in instruments for assessment, _ in course.scores(each)]
    for cycle in course.cycles:
        reported = [cycle.reported.onset, cycle.reported.wearing_off]
        reported += [event.day_of(name) for event in cycle.events for name in event.DAYS]
        days += [day.on for day in reported if day and not day.is_in_future]
    return days


def _date_of_event(event, cycle):
    """When it began; the date of the injections if that is not known or in the future."""
    began = event.day_of("began")
    return cycle.on if began is None or began.is_in_future else began.on


class _Drawing:
    def __init__(self, course, instruments, days, narrow):
        self.course = course
        self.drawn = Timeline(width=NARROW if narrow else WIDE, is_narrow=narrow)
        self.drawn.left, self.drawn.right = (30, NARROW - 8) if narrow else (40, WIDE - 14)
        self.scale = Scale(min(days), max(days), self.drawn.left + 6, self.drawn.right - 6)
        self.panel_height, self.gap = (62, 38) if narrow else (74, 38)
        self._panels(instruments)
        self._sessions()
        self._events()
        self.drawn.axis_at = self.drawn.events_at + 32
        self.drawn.height = self.drawn.axis_at + 8
        self.drawn.ticks = self.scale.ticks(62)

    @property
    def timeline(self):
        return self.drawn

    def _panels(self, instruments):
        top = 30 if instruments else 8
        self.drawn.top = top - 8
        for series, instrument in enumerate(instruments):
            self.drawn.panels.append(self._panel(instrument, top, series))
            top += self.panel_height + self.gap
        self.drawn.marks_at = top - (self.gap - 20 if instruments else 0) + 4
        self.drawn.events_at = self.drawn.marks_at + 28

    def _panel(self, instrument, top, series):
        share = self.panel_height / (instrument.highest - instrument.lowest)
        marks = [
            Mark(
                x=self.scale(assessment.visit.day),
                y=top + (instrument.highest - score.value) * share,
                url=assessment.get_absolute_url(),
                text=f"{format_date(assessment.visit.day)}: {score}",
            )
            for assessment, score in self.course.scores(instrument)
        ]
        return Panel(
            name=instrument.name,
            direction=instrument.direction_text(),
            top=top,
            height=self.panel_height,
            highest=in_figures(instrument.highest),
            lowest=in_figures(instrument.lowest),
            line=" ".join(f"{mark.x:.1f},{mark.y:.1f}" for mark in marks),
            marks=marks,
            series=series % 3,
        )

    def _sessions(self):
        cycles = self.course.cycles
        for place, cycle in enumerate(cycles):
            following = cycles[place + 1].on if place + 1 < len(cycles) else None
            session = cycle.sessions[-1]
            text = " and ".join(f"{each.brand_text()}: {each.muscles_text()}" for each in cycle.sessions)
            self.drawn.sessions.append(
                Mark(
                    self.scale(cycle.on), self.drawn.marks_at, session.get_absolute_url(),
                    f"{format_date(cycle.on)}, {cycle.name.lower()}: {text}", "" if cycle.is_signed else "unsigned",
                )
            )  # fmt: skip
            if bar := self._response(cycle, following):
                self.drawn.responses.append(bar)

    def _response(self, cycle, following):
        reported = cycle.reported
        if not cycle.responses:
            return None
        url = cycle.responses[-1].get_absolute_url()
        if reported.is_without_response:
            x = self.scale(cycle.on)
            return TimelineBar(x + 8, self.drawn.marks_at, 10, url, f"{format_date(cycle.on)}: no response", "none")
        if reported.onset is None or not reported.onset.is_possible:
            return None
        has_end = reported.wearing_off is not None and not reported.wearing_off.is_in_future
        end = reported.wearing_off.on if has_end else following or min(timezone.localdate(), self.scale.last)
        begin, end = self.scale(reported.onset.on), self.scale(max(end, reported.onset.on))
        worn_off = f"wearing-off from {reported.wearing_off}" if reported.wearing_off else "wearing-off not recorded"
        text = f"Response: onset {reported.onset}, {worn_off}"
        kind = "" if has_end else "open"
        return TimelineBar(begin, self.drawn.marks_at, max(end - begin, 4), url, text, kind)

    def _events(self):
        for cycle in self.course.cycles:
            for event in cycle.events:
                began, ended = event.day_of("began"), event.day_of("ended")
                x = self.scale(_date_of_event(event, cycle))
                text = " ".join(filter(None, [str(event), event.time_text()]))
                kind = "serious" if event.serious == "yes" else ""
                self.drawn.events.append(Mark(x, self.drawn.events_at, event.get_absolute_url(), text, kind))
                if began and ended and not ended.is_in_future:
                    width = self.scale(ended.on) - x
                    self.drawn.event_bars.append(TimelineBar(x, self.drawn.events_at, width, "", text))


@dataclass(frozen=True)
class TimelineEntry:
    """A row of the table that shows the same as text."""

    on: dt.date
    kind: str
    text: str
    url: str


def timeline_entries(course, instruments):
    found = []
    for cycle in course.cycles:
        for session in cycle.sessions:
            text = f"{cycle.name}: {session.brand_text()}; {session.muscles_text()}"
            found.append(TimelineEntry(cycle.on, "Session", text, session.get_absolute_url()))
        for response in cycle.responses:
            found.append(
                TimelineEntry(response.visit.day, "Response", response.course_text(), response.get_absolute_url())
            )
        for event in cycle.events:
            text = " ".join(filter(None, [str(event), event.time_text()]))
            found.append(TimelineEntry(_date_of_event(event, cycle), "Adverse event", text, event.get_absolute_url()))
    for session in course.elsewhere:
        text = f"{session.given_on.as_text()}: {session.summary()}"
        found.append(TimelineEntry(session.given_on.earliest, ELSEWHERE, text, "#sessions-elsewhere"))
    wanted = {instrument.pk for instrument in instruments}
    for assessment in course.assessments:
        if scores := [str(score) for score in assessment.scores.all() if score.instrument_id in wanted]:
            text, url = " · ".join(scores), assessment.get_absolute_url()
            found.append(TimelineEntry(assessment.visit.day, "Scores", text, url))
    return sorted(found, key=lambda entry: entry.on)
