"""The clinic in numbers: completed visits and sessions by month, overdue follow-ups, weeks between sessions; never a
dose.
"""

import datetime as dt
from dataclasses import dataclass
from functools import lru_cache

from django.db.models import Count, DateField, Q
from django.db.models.functions import TruncMonth
from django.utils import timezone

from clinic.records.dates import start_of
from clinic.records.standby import connection_of
from patients.models import FollowUp, Patient, Visit, VisitState
from planning.course.models.adverse_event import AdverseEvent, EventKind
from planning.course.models.response import YesNo
from planning.sessions.models.session import InjectionSession
from planning.sessions.models.session_set import person_of

SPANS = (12, 24, 60)
MOST_SPANS = 16
VERY_LATE = dt.timedelta(weeks=4)
ENDINGS = {VisitState.FINISHED: "finished", VisitState.NO_SHOW: "no_shows", VisitState.CANCELLED: "cancelled"}


@dataclass(frozen=True)
class Span:
    """A number of whole months up to the month of `last`."""

    months: int
    last: dt.date

    def __iter__(self):
        at = self.last.year * 12 + self.last.month - 1
        return (dt.date(month // 12, month % 12 + 1, 1) for month in range(at - self.months + 1, at + 1))

    @property
    def first(self):
        return next(iter(self))


@dataclass
class Month:
    begins: dt.date
    signed: int = 0
    finished: int = 0
    no_shows: int = 0
    cancelled: int = 0


@dataclass(frozen=True)
class Events:
    kind: EventKind
    count: int
    serious: int


@dataclass(frozen=True)
class Overview:
    """Aggregates only; it does not identify patients."""

    span: Span
    months: list[Month]
    overdue: int
    very_late: int
    events: list[Events]
    weeks: dict[int, int]

    def total(self, what):
        return sum(getattr(month, what) for month in self.months)

    @property
    def events_in_all(self):
        return sum(each.count for each in self.events)

    @property
    def serious(self):
        return sum(each.serious for each in self.events)


def overview_of(span):
    return Overview(
        span=span,
        months=_by_month(span),
        **_overdue(span.last),
        events=_events(span),
        weeks=_weeks_between(span),
    )


def _by_month(span):
    months = {begins: Month(begins) for begins in span}
    for begins, count in _signed(span):
        months[begins].signed = count
    for begins, state, count in _ended(span):
        setattr(months[begins], ENDINGS[state], count)
    return list(months.values())


def _signed(span):
    return (
        InjectionSession.objects.counted()
        .given_between(span.first, span.last)
        .with_given_day()
        .annotate(month=TruncMonth("given_day", output_field=DateField()))
        .values("month")
        .annotate(count=Count("pk"))
        .order_by("month")
        .values_list("month", "count")
    )


def _ended(span):
    return (
        Visit.objects.filter(
            starts_at__gte=start_of(span.first),
            starts_at__lt=start_of(span.last + dt.timedelta(days=1)),
            state__in=ENDINGS,
            moved_to=None,
        )
        .annotate(month=TruncMonth("starts_at", output_field=DateField()))
        .values("month", "state")
        .annotate(count=Count("pk"))
        .order_by("month")
        .values_list("month", "state", "count")
    )


def _overdue(today):
    return FollowUp.objects.overdue(today).aggregate(
        overdue=Count("pk"), very_late=Count("pk", filter=Q(due_on__lt=today - VERY_LATE))
    )


def _events(span):
    sessions = InjectionSession.objects.active().given_between(span.first, span.last)
    counts = (
        AdverseEvent.objects.active()
        .filter(session__in=sessions.values("pk"))
        .values("kind")
        .annotate(count=Count("pk"), serious=Count("pk", filter=Q(serious=YesNo.YES)))
        .order_by("-count", "kind")
    )
    return [Events(EventKind(each["kind"]), each["count"], each["serious"]) for each in counts]


# Days between two consecutive injection dates of a person, counted by the database in the syntax of each engine.
WEEKS = {
    "postgresql": "(given_day - previous) / 7",
    "sqlite": "CAST(julianday(given_day) - julianday(previous) AS INTEGER) / 7",
}


def _weeks_between(span):
    """The number of intervals of so many whole weeks that ended in this period."""
    days, values = _compiled_days(span, timezone.get_current_timezone_name())
    connection = connection_of(InjectionSession)
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH days AS ({days}), pairs AS ("
            "SELECT given_day, LAG(given_day) OVER (PARTITION BY person ORDER BY given_day) AS previous FROM days) "
            f"SELECT {WEEKS[connection.vendor]} AS weeks, COUNT(*) FROM pairs "
            "WHERE previous IS NOT NULL AND given_day >= %s AND given_day <= %s GROUP BY 1 ORDER BY 1",
            [*values, span.first.isoformat(), span.last.isoformat()],
        )
        return dict(cursor.fetchall())


@lru_cache(maxsize=MOST_SPANS)
def _compiled_days(span, _zone):
    """Compiled once for these months; the dates of visits are those of the clinic's time zone."""
    return _days_of_injections(span).query.sql_with_params()


def _days_of_injections(span):
    counted = InjectionSession.objects.counted()
    within = counted.given_between(span.first, span.last)
    people = within.annotate(person=person_of("visit__patient")).values("person")
    # Select the records of these people first, by indexes, so that only their visits are joined and sorted.
    joined = Patient.objects.filter(same_as__in=people).values("pk")
    return (
        counted.filter(visit__patient__in=people.union(joined))
        .with_given_day()
        .annotate(person=person_of("visit__patient"))
        .values("person", "given_day")
        .distinct()
        .order_by()
    )


def median_text(weeks):
    """*The median is 12 weeks*, from the number of intervals by weeks; empty if there are none."""
    total = sum(weeks.values())
    if not total:
        return ""
    lower, upper = _at(weeks, (total - 1) // 2), _at(weeks, total // 2)
    if lower == upper:
        return f"The median is {lower} week{'' if lower == 1 else 's'}."
    return f"The median is between {lower} and {upper} weeks."


def _at(weeks, place):
    for number in sorted(weeks):
        place -= weeks[number]
        if place < 0:
            return number
    raise IndexError(place)


COLUMNS = ("Section", "What", "Month, kind or weeks", "Count")
SERIES = {
    "signed": "Signed sessions",
    "finished": "Visits finished",
    "no_shows": "No-shows",
    "cancelled": "Visits cancelled",
}


def as_table(shown):
    return [
        COLUMNS,
        *(
            ("By month", label, f"{month.begins:%Y-%m}", getattr(month, what))
            for what, label in SERIES.items()
            for month in shown.months
        ),
        ("Follow-ups", "Overdue now", "", shown.overdue),
        ("Follow-ups", "More than 4 weeks late", "", shown.very_late),
        *(("Adverse events", "All", each.kind.label, each.count) for each in shown.events),
        *(("Adverse events", "Serious", each.kind.label, each.serious) for each in shown.events),
        *(("Weeks between sessions", "Intervals", weeks, count) for weeks, count in shown.weeks.items()),
    ]
