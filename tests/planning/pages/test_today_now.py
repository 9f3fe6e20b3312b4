"""Today at this moment: where now is, who waits and since when, and what is not signed yet."""

import datetime as dt

import pytest
import time_machine

from patients.models import Visit, VisitState
from planning.pages.actions.visits import change_visit_state
from tests import builders

pytestmark = pytest.mark.django_db

NOON = dt.datetime(2027, 3, 2, 12, tzinfo=dt.UTC)


@pytest.fixture
def clock(db):
    with time_machine.travel(NOON - dt.timedelta(hours=3), tick=False) as clock:
        yield clock


def becomes(visit, state, by):
    visit.refresh_from_db()
    return change_visit_state(visit=visit, state=state, by=by, version=visit.version)


def rows_of(page):
    """Each row of the list: a time, or *now*."""
    rows = page.content.decode().partition("<tbody>")[2].partition("</tbody>")[0].split("<tr")[1:]
    return ["now" if "nowrow" in row else row.partition('data-label="">')[2][:5] for row in rows]


@pytest.mark.parametrize(
    ("hour", "rows"),
    [(8, ["now", "09:00", "15:00"]), (12, ["09:00", "now", "15:00"]), (18, ["09:00", "15:00", "now"])],
)
def test_now_is_between_the_visits(hour, rows, clock, login, neurologist):
    for at in (9, 15):
        builders.a_visit(clinician=neurologist, hour=at)
    clock.move_to(NOON.replace(hour=hour))
    assert rows_of(login(neurologist).get("/")) == rows


def test_another_day_has_no_now(clock, login, neurologist):
    builders.a_visit(clinician=neurologist, day=builders.today() + dt.timedelta(days=1))
    page = login(neurologist).get("/", {"day": builders.today() + dt.timedelta(days=1)})
    assert rows_of(page) == ["10:00"]


@pytest.mark.engine
def test_patient_waits_since_the_last_arrival(clock, login, neurologist):
    # Given a visit that arrived by mistake, was put back, and arrived again
    visit = builders.a_visit(clinician=neurologist, hour=9)
    becomes(visit, VisitState.ARRIVED, neurologist)
    clock.shift(dt.timedelta(minutes=10))
    becomes(visit, VisitState.BOOKED, neurologist)
    clock.shift(dt.timedelta(minutes=10))
    becomes(visit, VisitState.ARRIVED, neurologist)
    at = NOON - dt.timedelta(hours=2, minutes=40)
    assert Visit.arrival_times(Visit.objects.all()) == {visit.pk: at}

    # Then Today shows that time, in the list and among those who wait
    body = " ".join(login(neurologist).get("/").content.decode().split())
    assert "Arrived 09:20" in body
    assert '<span class="chip arrived">since 09:20</span>' in body


def test_longest_waiting_patient_is_first(clock, login, neurologist):
    late, early = (builders.a_visit(clinician=neurologist, hour=hour) for hour in (9, 11))
    for visit in (early, late):
        becomes(visit, VisitState.ARRIVED, neurologist)
        clock.shift(dt.timedelta(minutes=5))
    page = login(neurologist).get("/")
    assert [row["visit"] for row in page.context["here"]] == [early, late]


def test_given_session_waits_no_longer_and_is_still_open(clock, login, neurologist):
    session = builders.a_given_session(by=neurologist)
    page = login(neurologist).get("/")
    assert page.context["here"] == []
    assert [row["visit"] for row in page.context["still_open"]] == [session.visit]


def test_signed_session_is_neither_waiting_nor_open(clock, login, neurologist):
    builders.a_signed_session(by=neurologist)
    page = login(neurologist).get("/")
    assert (page.context["here"], page.context["still_open"]) == ([], [])
