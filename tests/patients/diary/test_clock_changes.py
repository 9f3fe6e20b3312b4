"""The days on which the clocks of a clinic change: what can be booked, how long it lasts, and where it is shown."""

import datetime as dt
import zoneinfo
from itertools import pairwise
from typing import NamedTuple

import icalendar
import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from clinic.models import Clinic
from clinic.records.dates import on_day
from patients.diary.actions.reminders import create_calendar_feed
from patients.diary.free_times import next_free_times
from patients.front_desk.actions.visits import TimeTaken, book_visit
from patients.models import Absence, Visit
from tests import builders
from tests.patients.people.pages import filled


class Change(NamedTuple):
    """A day, how many hours it has, and the first and last times that its clock skips or shows twice."""

    zone: str
    day: dt.date
    hours: float
    first: str
    last: str


CHANGES = [
    Change("Europe/London", dt.date(2027, 3, 28), 23, "01:00", "01:59"),
    Change("Europe/London", dt.date(2027, 10, 31), 25, "01:00", "01:59"),
    Change("America/New_York", dt.date(2027, 3, 14), 23, "02:00", "02:59"),
    Change("America/New_York", dt.date(2027, 11, 7), 25, "01:00", "01:59"),
    Change("Australia/Lord_Howe", dt.date(2027, 10, 3), 23.5, "02:00", "02:29"),
    Change("Australia/Lord_Howe", dt.date(2027, 4, 4), 24.5, "01:30", "01:59"),
]
KOLKATA = Change("Asia/Kolkata", dt.date(2027, 3, 28), 24, "", "")


def each_of(changes):
    """The short run takes one zone whose clocks change by an hour, and one where they change by half an hour."""
    repeated = {"America/New_York"}
    cases = [pytest.param(one, marks=pytest.mark.full if one.zone in repeated else ()) for one in changes]
    return pytest.mark.parametrize("change", cases, ids=lambda one: f"{one.zone} {one.day}")


every_change = each_of(CHANGES)
every_zone = each_of([*CHANGES, KOLKATA])


@pytest.fixture(autouse=True)
def in_january(db):
    with time_machine.travel(dt.datetime(2027, 1, 4, 9, tzinfo=dt.UTC), tick=False):
        yield


@pytest.fixture(autouse=True)
def there(change, db):
    """The clinic is in that time zone."""
    Clinic.objects.update(time_zone=change.zone)
    with timezone.override(change.zone):
        yield


def minute(time, by):
    moment = dt.datetime.combine(dt.date(2027, 1, 1), dt.time.fromisoformat(time)) + dt.timedelta(minutes=by)
    return f"{moment:%H:%M}"


def at(change, time):
    return dt.datetime.combine(change.day, dt.time.fromisoformat(time), zoneinfo.ZoneInfo(change.zone))


def hours_between(begins, ends):
    return (ends.astimezone(dt.UTC) - begins.astimezone(dt.UTC)) / dt.timedelta(hours=1)


def a_visit_across(change, clinician, minutes=150):
    """From half past midnight until well after the change."""
    return builders.a_visit(clinician=clinician, day=change.day, hour=0, minute=30, minutes=minutes)


# What can be booked


@every_change
def test_skipped_or_repeated_time_cannot_be_booked(change, login, staff, neurologist):
    # Given the form of a booking and that of a move
    visit = builders.a_visit(clinician=neurologist, day=change.day, hour=12)
    client = login(staff)
    pages = [reverse("patients:visit-book", args=[visit.patient_id]), reverse("planning:visit-move", args=[visit.pk])]
    typed = {"clinician": neurologist.pk, "kind": "review", "minutes": 10, "day": change.day}

    # When such a time is typed, then an error is shown next to it
    for page in pages:
        for time in (change.first, change.last):
            form = client.post(page, filled(client.get(page), time=time, **typed)).context["form"]
            assert form.errors == {"time": [f"The clocks change at {time} on that day. Choose another time."]}
            assert form["time"].value() == time

    # And the model rejects it everywhere
    booking = {"patient": builders.a_patient(), "clinician": neurologist, "kind": "review", "minutes": 10, "by": staff}
    for time in (change.first, change.last):
        for fold in (0, 1):
            with pytest.raises(ValidationError, match="The clocks change"):
                book_visit(starts_at=at(change, time).replace(fold=fold), **booking)
    assert Visit.objects.count() == 1


@every_change
def test_minutes_around_a_clock_change_can_be_booked(change, login, staff, neurologist):
    client, page = login(staff), reverse("patients:visit-book", args=[builders.a_patient().pk])
    typed = {"clinician": neurologist.pk, "kind": "review", "minutes": 1, "day": change.day}
    times = minute(change.first, -1), minute(change.last, +1)
    for time in times:
        assert client.post(page, filled(client.get(page), time=time, **typed)).status_code == 302
    assert [visit.starts_at for visit in Visit.objects.order_by("starts_at")] == [at(change, time) for time in times]


@every_change
def test_absence_cannot_start_or_end_at_a_repeated_time(change, login, staff, neurologist):
    client, page = login(staff), reverse("patients:absence-add", args=[neurologist.pk])
    opened = client.get(reverse("patients:hours-change", args=[neurologist.pk]))
    for name in ("from_time", "until_time"):
        sent = filled(opened, "absence_form", first_day=change.day, **{name: change.last})
        assert list(client.post(page, sent).context["absence_form"].errors) == [name]
    assert client.post(page, filled(opened, "absence_form", first_day=change.day)).status_code == 302
    absence = Absence.objects.get()
    assert hours_between(absence.starts_at, absence.ends_at) == change.hours
    assert absence.as_text() == f"{change.day:%-d %b %Y}"


# How long things last


@every_zone
def test_day_has_the_hours_that_its_clock_shows(change):
    bounds = on_day("starts_at", change.day)
    assert hours_between(bounds["starts_at__gte"], bounds["starts_at__lt"]) == change.hours


@pytest.mark.engine
@every_zone
def test_day_has_visits_from_its_first_to_its_last_minute(change, neurologist):
    before, after = change.day - dt.timedelta(days=1), change.day + dt.timedelta(days=1)
    times = [(before, 23, 59), (change.day, 0, 0), (change.day, 23, 59), (after, 0, 0)]
    around = [
        builders.a_visit(clinician=neurologist, day=day, hour=hour, minute=minute, minutes=1)
        for day, hour, minute in times
    ]
    assert list(Visit.objects.on_day(change.day)) == around[1:3]


@every_zone
def test_visit_across_a_clock_change_has_its_full_length(change, neurologist):
    visit = Visit.objects.get(pk=a_visit_across(change, neurologist).pk)
    assert hours_between(visit.starts_at, visit.ends_at) == 2.5
    # And the clock on the wall has gone on for longer, or for less
    begins, ends = (timezone.localtime(moment).replace(tzinfo=None) for moment in (visit.starts_at, visit.ends_at))
    assert (ends - begins) / dt.timedelta(hours=1) == 2.5 + 24 - change.hours


@pytest.mark.engine
@every_zone
def test_next_visit_starts_after_one_across_a_clock_change(change, neurologist):
    visit = a_visit_across(change, neurologist, minutes=180)
    booking = {"patient": builders.a_patient(), "clinician": neurologist, "kind": "review", "by": neurologist}
    with pytest.raises(TimeTaken):
        book_visit(starts_at=visit.ends_at - dt.timedelta(minutes=1), **booking)
    assert book_visit(starts_at=visit.ends_at, **booking).pk


# Where they are shown


@every_zone
def test_diary_places_visits_by_clinic_time(change, login, staff, neurologist):
    a_visit_across(change, neurologist)
    builders.a_visit(clinician=neurologist, day=change.day, hour=10, minute=15)
    for view in ("day", "week"):
        asked = {"day": change.day, "view": view, "clinician": neurologist.pk}
        page = login(staff).get(reverse("patients:diary"), asked)
        (column,) = (one for one in page.context["grid"].columns if one.day == change.day)
        rows = round((2.5 + 24 - change.hours) * 12)
        assert [(f"{entry.time:%H:%M}", entry.rows) for entry in column.entries] == [("00:30", rows), ("10:15", 6)]
        assert {f"{slot.time:%H:%M}" for slot in column.slots} >= {"00:00", "10:00", "10:45"}


@every_change
def test_diary_offers_only_bookable_times(change, login, staff, neurologist):
    # Given a clinician who works through the night
    builders.hours(neurologist, sunday="0-6")
    page = login(staff).get(reverse("patients:diary"), {"day": change.day})
    slots = {f"{slot.time:%H:%M}": slot for slot in page.context["grid"].columns[0].slots}
    refused = [time for time in slots if change.first <= time <= change.last]
    assert refused
    assert {slots[time].why_closed for time in refused} == {"the clocks change"}
    night = {time for time in slots if time < "06:00"}
    assert {time for time, slot in slots.items() if slot.is_open} == night - set(refused)


@pytest.mark.engine
@every_zone
@pytest.mark.sample(2)
def test_free_times_are_correct_in_utc_and_bookable(change, neurologist):
    # Given a clinician who works through the night and in the morning
    builders.hours(neurologist, sunday="0-6, 9:02-10")
    visit = a_visit_across(change, neurologist, minutes=10)
    times = next_free_times(clinicians=[neurologist], minutes=25, since=at(change, "00:00"), most=40)
    times = [one for one in times if timezone.localdate(one.starts_at) == change.day]

    # Then one follows another in real time, and those of the morning are those of the clock
    assert min(later.starts_at - one.starts_at for one, later in pairwise(times)) == dt.timedelta(minutes=25)
    assert [one.starts_at for one in times][-2:] == [at(change, "09:05"), at(change, "09:30")]
    assert times[-2].value.endswith(f"@{at(change, '09:05').astimezone(dt.UTC):%Y-%m-%dT%H:%MZ}")

    # And each can be booked
    for one in times:
        booking = {"patient": visit.patient, "kind": "review", "minutes": 25, "by": neurologist}
        assert book_visit(clinician=neurologist, starts_at=one.starts_at, **booking).pk


@pytest.mark.parametrize("change", [one for one in CHANGES if one.hours > 24], ids=lambda one: one.zone)
@pytest.mark.parametrize("fold", [0, 1])
@pytest.mark.sample(2)
def test_repeated_time_is_not_in_the_free_times(fold, change, login, staff, neurologist):
    client, page = login(staff), reverse("patients:visit-book", args=[builders.a_patient().pk])
    moment = at(change, change.first).replace(fold=fold).astimezone(dt.UTC)
    sent = filled(client.get(page), kind="review", take=f"{neurologist.pk}@{moment:%Y-%m-%dT%H:%MZ}")
    form = client.post(page, sent).context["form"]
    assert form.non_field_errors() == ["This time cannot be read. Choose another."]


@every_zone
def test_calendar_feed_has_the_same_times(change, client, neurologist):
    visits = [a_visit_across(change, neurologist), builders.a_visit(clinician=neurologist, day=change.day, hour=10)]
    secret = create_calendar_feed(clinician=neurologist, by=neurologist, seen=0)
    read = client.get(reverse("patients:calendar-feed", args=[secret])).content
    events = icalendar.Calendar.from_ical(read).walk("VEVENT")
    assert [(event["DTSTART"].dt, event["DTEND"].dt) for event in events] == [
        (visit.starts_at, visit.ends_at) for visit in visits
    ]
