"""Which patients Collum names for a free time: those of the waiting list whose wishes it fits, in their order."""

import datetime as dt

import pytest
import time_machine

from patients.front_desk.actions.visits import book_visit
from patients.front_desk.waiting_rows import offer_after, offer_at
from patients.models import VisitLength, VisitState
from patients.people.actions.patients import set_status
from patients.waiting.openings import opening_after, opening_at
from planning.pages.actions.visits import change_visit_state
from tests import builders
from tests.builders import now

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

WEDNESDAY = dt.date(2026, 11, 25)
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@pytest.fixture(autouse=True)
def lengths():
    for kind, minutes in {"first_assessment": 60, "injection": 30, "review": 20, "other": 20}.items():
        VisitLength.objects.filter(kind=kind).update(minutes=minutes)


@pytest.fixture
def on_wednesday():
    with time_machine.travel(dt.datetime.combine(WEDNESDAY, dt.time(8), tzinfo=dt.UTC), tick=True):
        yield


@pytest.fixture
def clinician(on_wednesday, neurologist):
    return builders.hours(neurologist)


@pytest.fixture
def cancelled(clinician):
    """Next Wednesday from 10:00 to 10:30; the next visit is at 10:30."""
    day = WEDNESDAY + dt.timedelta(days=7)
    visit = builders.a_visit(clinician=clinician, day=day, hour=10, minutes=30)
    builders.a_visit(clinician=clinician, day=day, hour=10, minute=30, minutes=30)
    return cancel(visit, by=clinician)


def cancel(visit, *, by):
    return change_visit_state(visit=visit, state=VisitState.CANCELLED, by=by, version=now(visit).version, reason="Ill")


def wait(by, /, **wishes):
    return builders.a_waiting_entry(by=by, **wishes)


def named(visit):
    offer = offer_after(visit)
    return [row["entry"] for row in offer.rows] if offer else []


def test_opening_lasts_until_the_next_visit(cancelled, clinician):
    opening = opening_after(cancelled)
    assert (opening.starts_at, opening.minutes, opening.clinician) == (cancelled.starts_at, 30, clinician)
    assert opening_at(clinician, cancelled.starts_at + dt.timedelta(minutes=10)).minutes == 20
    assert opening_at(clinician, cancelled.ends_at) is None


def test_rest_of_a_retaken_time_is_an_opening(cancelled, clinician):
    builders.a_visit(clinician=clinician, day=cancelled.day, hour=10, minutes=10)
    opening = opening_after(cancelled)
    assert (opening.starts_at, opening.minutes) == (cancelled.starts_at + dt.timedelta(minutes=10), 20)
    builders.a_visit(clinician=clinician, day=cancelled.day, hour=10, minute=10, minutes=20)
    assert opening_after(cancelled) is None


def test_only_a_visit_that_does_not_take_place_leaves_an_opening(clinician):
    visit = builders.a_visit(clinician=clinician, day=WEDNESDAY + dt.timedelta(days=7))
    wait(clinician)
    assert named(visit) == []


def test_visit_entered_in_error_leaves_no_opening(clinician):
    visit = builders.a_visit(clinician=clinician, day=WEDNESDAY + dt.timedelta(days=7))
    wait(clinician)
    change_visit_state(
        visit=visit, state=VisitState.ENTERED_IN_ERROR, by=clinician, version=visit.version, reason="Wrong patient"
    )
    assert opening_at(clinician, visit.starts_at)
    assert opening_after(now(visit)) is None


def test_no_opening_in_the_past_outside_hours_or_in_an_absence(cancelled, clinician):
    wait(clinician)
    assert named(cancelled)
    with time_machine.travel(cancelled.starts_at):
        assert named(cancelled) == []
    late = book_visit(
        patient=builders.a_patient(), clinician=clinician, kind="review", starts_at=builders.at(cancelled.day, 19),
        by=clinician, outside_note="Agreed",
    )  # fmt: skip
    assert named(cancel(late, by=clinician)) == []
    builders.an_absence(clinician=clinician, first=cancelled.day)
    assert named(cancelled) == []


def test_patient_whose_wishes_are_met_is_named(cancelled, clinician):
    day = cancelled.day
    entries = [
        wait(clinician),
        wait(clinician, clinician=clinician, from_on=day, until=day, part_of_day="morning"),
        wait(clinician, kind="injection", **{**dict.fromkeys(WEEKDAYS, False), "wednesday": True}),
    ]
    assert named(cancelled) == entries


@pytest.mark.parametrize(
    "wishes",
    [
        {"kind": "first_assessment"},  # too long
        {"clinician": "another"},
        {"from_on": WEDNESDAY + dt.timedelta(days=8)},
        {"until": WEDNESDAY + dt.timedelta(days=6)},
        {"wednesday": False},
        {"part_of_day": "afternoon"},
    ],
    ids=lambda wishes: next(iter(wishes)),
)
def test_patient_with_another_wish_is_not_named(wishes, cancelled, clinician):
    if "clinician" in wishes:
        wishes = {"clinician": builders.a_clinician()}
    wait(clinician, **wishes)
    assert named(cancelled) == []


def test_afternoon_begins_at_noon_in_the_clinic(clinician):
    wait(clinician, part_of_day="morning", kind="other")
    wait(clinician, part_of_day="afternoon")
    assert len(offer_at(clinician, builders.at(WEDNESDAY, 11, 30)).rows) == 1
    (row,) = offer_at(clinician, builders.at(WEDNESDAY, 13)).rows
    assert row["entry"].part_of_day == "afternoon"


def test_patient_with_a_visit_then_or_who_cancelled_is_not_named(cancelled, clinician):
    elsewhere = wait(clinician)
    other = builders.a_clinician()
    builders.a_visit(patient=elsewhere.patient, clinician=other, day=cancelled.day, hour=10, minute=15, kind="other")
    wait(clinician, patient=cancelled.patient)
    assert named(cancelled) == []


def test_patient_who_is_not_treated_here_is_not_named(cancelled, clinician):
    patient = wait(clinician).patient
    set_status(patient=patient, status="moved_away", by=clinician, version=patient.version)
    assert named(cancelled) == []


def test_first_five_are_named_in_the_order_of_the_list(cancelled, clinician):
    entries = [wait(clinician) for _ in range(6)]
    assert named(cancelled) == entries[:5]


def test_later_visit_of_the_kind_is_to_be_moved(cancelled, clinician):
    entry = wait(clinician)
    later = builders.a_visit(
        patient=entry.patient, clinician=clinician, kind="review", day=cancelled.day + dt.timedelta(days=30), hour=9
    )
    entry = wait(clinician, patient=entry.patient)  # the booking ended the first one
    (row,) = offer_after(cancelled).rows
    assert (row["entry"], row["coming"]) == (entry, later)
    assert row["moving_url"].startswith(later.get_moving_url())
