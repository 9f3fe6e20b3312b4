"""The charts of the overview, and the same information as text."""

from dataclasses import dataclass

from django.utils.dateformat import format as in_format

from clinic.records.text import counted
from planning.course.bars import Drawing, Entry, drawings

LAST_WEEK_DRAWN = 30
MOST_MONTHS_NAMED = 24


@dataclass(frozen=True)
class ScoreGraph:
    title: str
    text: str
    drawings: list[Drawing]


def month_chart(shown, what, title):
    named = _by_year if shown.span.months > MOST_MONTHS_NAMED else _by_month
    entries = [named(month.begins, getattr(month, what)) for month in shown.months]
    return ScoreGraph(title, _total_text(shown, what), drawings(entries))


def _by_month(begins, count):
    name = in_format(begins, "M")
    return Entry(count, label=name, sparse=name if begins.month % 3 == 1 else "", under=_year(begins))


def _by_year(begins, count):
    return Entry(count, label=_year(begins), sparse=_year(begins))


def _year(begins):
    return str(begins.year) if begins.month == 1 else ""


def _total_text(shown, what):
    total = shown.total(what)
    if not total:
        return f"None in {shown.span.months} months."
    most = max(getattr(month, what) for month in shown.months)
    return f"{total} in {shown.span.months} months, at most {most} in one."


def weeks_chart(shown):
    longer = sum(count for weeks, count in shown.weeks.items() if weeks > LAST_WEEK_DRAWN)
    entries = [
        Entry(shown.weeks.get(weeks, 0), label=_every(2, weeks), sparse=_every(5, weeks))
        for weeks in range(LAST_WEEK_DRAWN + 1)
    ]
    entries.append(Entry(longer, label=">"))
    text = f"{counted(sum(shown.weeks.values()), 'interval')}, by whole weeks, 0 to {LAST_WEEK_DRAWN}"
    return ScoreGraph("Intervals by weeks", f"{text}; the last bar has the longer ones.", drawings(entries))


def _every(step, weeks):
    return "" if weeks % step else str(weeks)
