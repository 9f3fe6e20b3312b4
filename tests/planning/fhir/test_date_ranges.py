"""A date in a search means the whole day, month or year, in the clinic's time zone."""

import datetime as dt
import zoneinfo

import pytest
from django.utils import timezone

from planning.fhir.date_ranges import date_range

LONDON = zoneinfo.ZoneInfo("Europe/London")


@pytest.fixture(autouse=True)
def in_london():
    with timezone.override(LONDON):
        yield


def at(text):
    return dt.datetime.fromisoformat(text).replace(tzinfo=LONDON)


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("2026", "2026-01-01", "2027-01-01"),
        ("2026-03", "2026-03-01", "2026-04-01"),
        ("2026-03-29", "2026-03-29", "2026-03-30"),  # a day of 23 hours
        ("2026-03-29T10:30:00+01:00", "2026-03-29T10:30", "2026-03-29T10:30:01"),
        ("2026-03-29T09:30Z", "2026-03-29T10:30", "2026-03-29T10:31"),
        ("2026-03-29T09:30:00.25Z", "2026-03-29T10:30:00.25", "2026-03-29T10:30:00.250001"),
        ("2026-03-29T10:30:00", "2026-03-29T10:30", "2026-03-29T10:30:01"),
    ],
)
def test_text_is_a_range_of_time(text, start, end):
    found = date_range(text)
    assert (found.prefix, found.start, found.end) == ("eq", at(start), at(end))


# Whether each prefix finds a time before, within and after the day.
PREFIXES = {
    "": "-+-", "eq": "-+-", "ne": "+-+", "ge": "-++", "gt": "--+", "sa": "--+", "le": "++-", "lt": "+--", "eb": "+--",
}  # fmt: skip


@pytest.mark.parametrize("prefix", PREFIXES)
def test_prefix_compares_with_the_whole_day(prefix):
    found = date_range(f"{prefix}2026-03-29")
    times = [at(text) for text in ("2026-03-28T23:59", "2026-03-29T23:59", "2026-03-30T00:00")]
    assert "".join("+" if found.contains(time) else "-" for time in times) == PREFIXES[prefix]
    days = [time.date() for time in times]
    assert "".join("+" if found.days().contains(day) else "-" for day in days) == PREFIXES[prefix]


@pytest.mark.parametrize(
    "text",
    [
        "", "ge", "2026-13", "2026-02-30", "26", "20260329", "ap2026", "2026-03-29T25:00Z", "2026-03T10:00Z", "unknown",
        "0000", "9999-12-31", "２０２６", "2026-3-1", "2026-03-29 10:00", "2026-03-29T10:00+25:00", "-2026",
        "2026-W01-1",
    ],
)  # fmt: skip
def test_other_text_is_rejected(text):
    with pytest.raises((ValueError, OverflowError)):
        date_range(text)
