"""The next free times, and those nearest to one that was taken."""

import datetime as dt

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from clinic.models import User
from patients.diary.actions.opening_hours import add_absence
from patients.diary.free_times import nearest_free_times, next_free_times
from patients.front_desk.actions.visits import book_visit
from patients.models import Visit, VisitLength, VisitState
from planning.pages.actions.visits import change_visit_state
from tests import builders
from tests.patients.people.pages import text_of

MONDAY, TUESDAY = dt.date(2026, 12, 7), dt.date(2026, 12, 8)
PAGE = reverse("patients:free-times")


@pytest.fixture(autouse=True)
def on_a_wednesday():
    with time_machine.travel(dt.datetime(2026, 11, 25, 9, 0, 1, tzinfo=dt.UTC), tick=False):
        yield


@pytest.fixture(autouse=True)
def everybody_works(neurologist, other_neurologist):
    for clinician in (neurologist, other_neurologist):
        builders.hours(clinician)


def found(*clinicians, minutes=60, since=None, **more):
    """As *Mon 09:00*, with the name where there are several clinicians."""
    since = since or builders.at(MONDAY, 0)
    times = next_free_times(clinicians=clinicians, minutes=minutes, since=since, **more)
    return shown(times, names=len(clinicians) > 1)


def shown(times, *, names=False):
    return [f"{timezone.localtime(one.starts_at):%a %H:%M}{f' {one.name}' if names else ''}" for one in times]


def test_first_ten_times_are_consecutive_without_lunch(neurologist):
    assert found(neurologist) == [
        *(f"Mon {hour}:00" for hour in ("09", "10", "11", "13", "14", "15", "16")),
        *(f"Tue {hour}:00" for hour in ("09", "10", "11")),
    ]
    # And a length that does not divide the hours leaves no piece over
    assert found(neurologist, minutes=100, most=5) == ["Mon 09:00", "Mon 13:00", "Mon 14:40", "Tue 09:00", "Tue 13:00"]


def test_first_time_is_not_past_and_in_steps_of_five_minutes(neurologist):
    assert found(neurologist, since=timezone.now(), most=3) == ["Wed 09:05", "Wed 10:05", "Wed 13:00"]
    assert found(neurologist, since=builders.at(MONDAY, 10, 35), most=2) == ["Mon 10:35", "Mon 13:00"]


@pytest.mark.parametrize("state", [None, VisitState.ARRIVED, VisitState.FINISHED])
def test_booked_visit_occupies_its_time(state, neurologist):
    visit = builders.a_visit(clinician=neurologist, day=MONDAY, hour=10, minute=15, minutes=20)
    if state:
        visit = builders.arrive(visit)
    if state is VisitState.FINISHED:
        builders.finish(visit)
    assert found(neurologist, most=4) == ["Mon 09:00", "Mon 10:35", "Mon 13:00", "Mon 14:00"]


@pytest.mark.parametrize("state", [VisitState.CANCELLED, VisitState.NO_SHOW, VisitState.ENTERED_IN_ERROR])
def test_cancelled_visit_frees_its_time(state, neurologist):
    visit = builders.a_visit(clinician=neurologist, day=MONDAY, hour=10, minutes=60)
    with builders.on_its_day(visit):
        change_visit_state(visit=visit, state=state, by=neurologist, version=1, reason="Ill.")
    assert found(neurologist, most=2) == ["Mon 09:00", "Mon 10:00"]


def test_visit_from_the_day_before_occupies_its_time(trainee):
    builders.a_visit(clinician=trainee, day=MONDAY - dt.timedelta(days=1), hour=18, minutes=480)
    builders.hours(trainee, monday="0-4")
    assert found(trainee, most=3) == ["Mon 02:00", "Mon 03:00", "Tue 09:00"]


def test_no_time_is_free_during_absences_and_closures(neurologist):
    builders.a_closure(first=TUESDAY)
    builders.an_absence(
        clinician=neurologist, first=TUESDAY + dt.timedelta(days=1), last=TUESDAY + dt.timedelta(days=7)
    )
    starts_at, ends_at = builders.at(MONDAY, 9, 30), builders.at(MONDAY, 15)
    add_absence(clinician=neurologist, starts_at=starts_at, ends_at=ends_at, by=neurologist)
    assert found(neurologist, most=3) == ["Mon 15:00", "Mon 16:00", "Wed 09:00"]
    assert found(neurologist, minutes=30, most=2) == ["Mon 09:00", "Mon 15:00"]


def test_times_are_sorted_by_time_then_clinician(neurologist, other_neurologist, trainee):
    builders.a_visit(clinician=neurologist, day=MONDAY, hour=10, minutes=60)
    # Given in another order, and with a clinician without stored hours
    assert found(trainee, other_neurologist, neurologist, most=4) == [
        "Mon 09:00 Dr A. Morgan",
        "Mon 09:00 Dr B. Adeyemi",
        "Mon 10:00 Dr B. Adeyemi",
        "Mon 11:00 Dr A. Morgan",
    ]
    assert found(trainee) == []


def test_times_are_searched_for_about_a_year(neurologist):
    builders.an_absence(clinician=neurologist, first=MONDAY, last=MONDAY + dt.timedelta(days=300))
    assert found(neurologist, most=1) == ["Mon 09:00"]
    builders.an_absence(clinician=neurologist, first=MONDAY, last=MONDAY + dt.timedelta(days=400))
    assert found(neurologist) == []


def test_listed_time_can_be_booked_and_is_then_not_listed(neurologist):
    builders.a_visit(clinician=neurologist, day=MONDAY, hour=9, minute=10, minutes=25)
    times = next_free_times(clinicians=[neurologist], minutes=35, since=builders.at(MONDAY, 0))
    for time in times:
        patient = builders.a_patient(by=neurologist)
        booking = {"kind": "review", "starts_at": time.starts_at, "minutes": time.minutes, "by": neurologist}
        book_visit(patient=patient, clinician=time.clinician, **booking)
    then = next_free_times(clinicians=[neurologist], minutes=35, since=builders.at(MONDAY, 0))
    assert len(times) == len(then) == 10
    assert not set(times) & set(then)


# Nearest


def test_moved_visit_is_not_offered_its_own_time_again(neurologist):
    visit = builders.a_visit(clinician=neurologist, day=MONDAY, hour=9, minutes=60)
    assert found(neurologist, most=2, moving=visit.pk) == ["Mon 10:00", "Mon 11:00"]
    # The time counts as free, also for another length
    assert found(neurologist, minutes=90, most=1, moving=visit.pk) == ["Mon 09:00"]
    assert found(neurologist, minutes=30, most=2, moving=visit.pk) == ["Mon 09:00", "Mon 09:30"]
    nearest = nearest_free_times(clinician=neurologist, minutes=60, to=visit.starts_at, most=2, moving=visit.pk)
    assert shown(nearest) == ["Mon 10:00", "Mon 11:00"]


def test_nearest_times_are_on_both_sides_in_order(neurologist):
    builders.a_visit(clinician=neurologist, day=MONDAY, hour=10)
    nearest = nearest_free_times(clinician=neurologist, minutes=30, to=builders.at(MONDAY, 10), most=6)
    assert shown(nearest) == ["Mon 09:00", "Mon 09:30", "Mon 10:30", "Mon 11:00", "Mon 11:30", "Mon 13:00"]
    assert len(nearest_free_times(clinician=neurologist, minutes=30, to=builders.at(MONDAY, 10))) == 10


def test_nearest_times_are_not_past(neurologist):
    nearest = nearest_free_times(clinician=neurologist, minutes=60, to=builders.at(builders.today(), 9, 30), most=3)
    assert shown(nearest) == ["Wed 09:05", "Wed 10:05", "Wed 13:00"]


# How many statements


def visits_of(clinician, numbers):
    """Ten minutes each, thirty a day."""
    patient = builders.a_patient(by=clinician)
    for number in numbers:
        day, place = divmod(number, 30)
        starts_at = builders.at(MONDAY + dt.timedelta(days=day), 0) + dt.timedelta(minutes=9 * 60 + place * 10)
        ends_at = starts_at + dt.timedelta(minutes=10)
        details = {"kind": "review", "minutes": 10, "starts_at": starts_at, "ends_at": ends_at}
        yield Visit(patient=patient, clinician=clinician, **details)


def test_three_hundred_visits_need_three_queries(neurologist, other_neurologist):
    everybody, moment, asked = list(User.objects.clinicians()), builders.at(MONDAY), []
    for numbers in (range(3), range(3, 300)):
        Visit.objects.bulk_create(visits_of(neurologist, numbers))
        with CaptureQueriesContext(connection) as seen:
            next_free_times(clinicians=everybody, minutes=30, since=moment)
            nearest_free_times(clinician=neurologist, minutes=30, to=moment)
        asked.append(len(seen))
    assert asked[0] == asked[1] <= 8


# The fragment


@pytest.fixture
def ask(login, staff):
    def response(**asked):
        return login(staff).get(PAGE, asked)

    return response


def test_fragment_lists_times_as_form_buttons(ask, neurologist):
    response = ask(clinician=neurologist.pk, kind="review", since="2026-12-07")
    assert text_of(response).startswith("20 minutes, from 7 Dec 2026. Select one to take it.")
    assert "Mon 7 Dec 2026, 09:20 · Dr A. Morgan" in text_of(response)
    page = response.content.decode()
    assert "<html" not in page
    assert page.count("<button") == page.count('form="time-form"') == 10
    assert f'name="take"\n              value="{neurologist.pk}@2026-12-07T09:20Z"' in page


def test_length_is_that_of_the_kind_unless_typed(ask, neurologist):
    VisitLength.objects.filter(kind="injection").update(minutes=45)
    assert text_of(ask(kind="injection")).startswith("45 minutes,")
    assert text_of(ask(kind="injection", minutes="15")).startswith("15 minutes,")
    assert text_of(ask(clinician=neurologist.pk)).startswith("Choose the kind of visit first")


def test_times_of_one_clinician_or_of_any(ask, neurologist, other_neurologist):
    asked = {"minutes": "30", "since": "2026-12-07"}
    for more in ({}, {"clinician": neurologist.pk, "any_clinician": "on"}):
        assert "09:00 · Dr B. Adeyemi" in text_of(ask(**asked, **more))
    assert "Adeyemi" not in text_of(ask(**asked, clinician=neurologist.pk))


def test_date_is_typed_or_weeks_from_today_and_not_past(ask, neurologist):
    asked = {"minutes": "30", "clinician": neurologist.pk}
    assert "from 16 Dec 2026" in text_of(ask(**asked, weeks="3"))
    assert "from 16 Dec 2026" in text_of(ask(**asked, weeks="3", since="2026-12-07"))
    past = text_of(ask(**asked, since="2026-11-02"))
    assert "from 25 Nov 2026" in past
    assert "Wed 25 Nov 2026, 09:05" in past


def test_no_free_time_shows_a_message(ask, trainee):
    response = text_of(ask(minutes="30", clinician=trainee.pk))
    assert response.startswith("No free time of 30 minutes within a year from 25 Nov 2026.")


@pytest.mark.parametrize(
    "asked",
    [
        {"clinician": "x"}, {"clinician": "9" * 30}, {"minutes": "0"}, {"minutes": "9" * 30}, {"kind": "surgery"},
        {"since": "2026-02-30"}, {"since": "9999-12-31"}, {"weeks": "0"}, {"weeks": "99999"}, {"weeks": "\x00"},
    ],
)  # fmt: skip
@pytest.mark.sample(3)
def test_unreadable_choice_is_ignored(asked, ask):
    response = ask(**{"kind": "review", **asked})
    assert response.status_code == 200
    assert "from 25 Nov 2026" in text_of(response) or "Choose the kind" in text_of(response)
