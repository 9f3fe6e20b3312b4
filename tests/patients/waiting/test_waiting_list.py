"""The waiting list: entries are added, changed and removed, and end when a visit is booked; undo opens them again."""

import datetime as dt

import pytest

from clinic.models import AuditEntry
from clinic.records.exceptions import Conflict, Refused
from patients.diary.models.opening_hours import WEEKDAYS
from patients.front_desk.actions.visits import book_visit
from patients.models import Visit, VisitState, WaitingEntry
from patients.waiting.actions import JOINED, add_to_waiting_list, change_waiting_entry, remove_from_waiting_list
from planning.pages.actions.patients import change_patient_status
from planning.pages.actions.undo import undo_booking, undo_end, undo_move
from planning.pages.actions.visits import change_visit_state, move_visit
from tests import builders
from tests.builders import now

pytestmark = [pytest.mark.django_db, pytest.mark.engine]


@pytest.fixture
def patient(staff):
    return builders.a_patient(by=staff, family_name="Petrov", given_name="Ivan")


@pytest.fixture
def entry(patient, staff):
    return builders.a_waiting_entry(patient=patient, by=staff)


def add(patient, by, **wishes):
    return add_to_waiting_list(patient=patient, by=by, **{"kind": "review", "from_on": builders.today(), **wishes})


def book(patient, clinician, *, days=7, kind="review", **details):
    starts_at = builders.at(builders.today() + dt.timedelta(days=days))
    return book_visit(
        patient=patient,
        clinician=clinician,
        kind=kind,
        starts_at=starts_at,
        by=clinician,
        although_past=True,
        **details,
    )


def move(visit, *, days, by):
    starts_at = builders.at(builders.today() + dt.timedelta(days=days), 10)
    return move_visit(
        visit=visit, clinician=visit.clinician, starts_at=starts_at, minutes=30, by=by, version=visit.version,
        outside_note="Agreed",
    )  # fmt: skip


def becomes(visit, state, *, by):
    return change_visit_state(visit=visit, state=state, by=by, version=now(visit).version, reason="Wrong patient")


# Adding


def test_entry_is_stored_with_who_added_it_and_its_history(patient, entry, staff):
    stored = now(entry)
    assert (stored.patient, stored.added_by, stored.state, stored.version) == (patient, staff, "open", 1)
    assert stored.wish_text() == f"Review with any clinician, {stored.dates_text()}, any day"
    assert stored.history.get().history_user == staff
    assert AuditEntry.objects.filter(action="added to waiting list", object_id=entry.pk).exists()


def test_patient_waits_once_for_each_kind_of_visit(patient, entry, staff):
    with pytest.raises(Refused, match=r"already on the waiting list: review\. Change that entry") as refused:
        add(patient, staff)
    assert refused.value.field == "kind"
    other = add(patient, staff, kind="injection")
    with pytest.raises(Refused, match="already on the waiting list"):
        change_waiting_entry(entry=other, by=staff, version=1, kind="review")
    assert WaitingEntry.objects.open().count() == 2


@pytest.mark.parametrize(
    ("wishes", "field", "message"),
    [
        ({"until": dt.date(2026, 1, 1)}, "until", "before the first one"),
        (dict.fromkeys(WEEKDAYS, False), "monday", "at least one weekday"),
    ],
)
def test_impossible_wish_is_rejected(wishes, field, message, patient, staff):
    with pytest.raises(Refused, match=message) as refused:
        add(patient, staff, **wishes)
    assert refused.value.field == field
    assert not WaitingEntry.objects.exists()


def test_only_a_clinician_can_be_waited_for(patient, staff):
    with pytest.raises(Refused, match="Choose a neurologist or a trainee"):
        add(patient, staff, clinician=staff)


@pytest.mark.parametrize("status", ["died", "moved_away"])
def test_patient_who_is_not_treated_here_is_not_on_the_list(status, patient, entry, staff):
    patient = change_patient_status(patient=patient, status=status, by=staff, version=patient.version)
    assert (now(entry).state, now(entry).ended_by) == ("removed", staff)
    assert now(entry).removed_reason == patient.get_status_display()
    with pytest.raises(Refused, match="Set it to active"):
        add(patient, staff)


# Changing and removing


def test_stale_change_is_a_conflict_and_a_repeat_succeeds(entry, staff, neurologist):
    wishes = {"part_of_day": "morning", "clinician": neurologist}
    changed = change_waiting_entry(entry=entry, by=staff, version=1, **wishes)
    assert change_waiting_entry(entry=entry, by=staff, version=1, **wishes).version == changed.version == 2
    with pytest.raises(Conflict):
        change_waiting_entry(entry=entry, by=staff, version=1, part_of_day="afternoon")


def test_removal_needs_a_reason_and_happens_once(patient, entry, staff, neurologist):
    with pytest.raises(Refused, match="Enter a reason"):
        remove_from_waiting_list(entry=entry, reason="", by=staff, version=1)
    with pytest.raises(Conflict):
        remove_from_waiting_list(entry=entry, reason="No longer needed", by=staff, version=5)
    for _ in range(2):
        remove_from_waiting_list(entry=entry, reason="No longer needed", by=staff, version=1)
    assert (now(entry).state, now(entry).version) == ("removed", 2)
    for act in (
        lambda: remove_from_waiting_list(entry=entry, reason="Another", by=neurologist, version=2),
        lambda: change_waiting_entry(entry=entry, by=staff, version=2, note="x"),
    ):
        with pytest.raises(Refused, match="it was removed, with the reason “No longer needed”"):
            act()
    assert add(patient, staff).is_open


# Booking


def test_booking_a_visit_of_the_kind_ends_the_entry(patient, entry, neurologist):
    other = builders.a_waiting_entry(patient=patient, by=neurologist, kind="injection")
    visit = book(patient, neurologist)
    assert (now(entry).state, now(entry).booked_visit, now(entry).ended_by) == ("booked", visit, neurologist)
    assert now(other).is_open


def test_visit_too_early_or_in_the_past_does_not_end_it(patient, neurologist):
    entry = builders.a_waiting_entry(patient=patient, by=neurologist, from_on=builders.today() + dt.timedelta(days=10))
    book(patient, neurologist, days=9)
    assert now(entry).is_open
    change_waiting_entry(entry=entry, by=neurologist, version=1, from_on=builders.today() - dt.timedelta(days=30))
    book(patient, neurologist, days=-3)
    assert now(entry).is_open


def test_booking_from_the_list_ends_the_entry_in_any_case(patient, neurologist):
    entry = builders.a_waiting_entry(patient=patient, by=neurologist, from_on=builders.today() + dt.timedelta(days=10))
    visit = book(patient, neurologist, days=5, kind="other", waiting_entry=entry)
    assert now(entry).booked_visit == visit


def test_second_booking_from_the_list_is_rejected(patient, entry, neurologist):
    first = book(patient, neurologist, waiting_entry=entry)
    with pytest.raises(Refused, match=f"no longer on the waiting list with this entry: a visit is booked, {first}"):
        book(patient, neurologist, days=8, waiting_entry=entry)
    elsewhere = builders.a_waiting_entry(by=neurologist)
    with pytest.raises(Refused):
        book(patient, neurologist, days=8, waiting_entry=elsewhere)
    assert Visit.objects.get() == first


def test_undone_booking_opens_the_entry_again(patient, entry, neurologist, staff):
    visit = book(patient, neurologist)
    undo_booking(visit=visit, by=staff, version=1)
    assert (now(entry).state, now(entry).booked_visit) == ("open", None)
    assert list(WaitingEntry.objects.open_again_after(visit)) == [entry]


def test_visit_in_error_opens_it_and_a_cancelled_one_does_not(patient, entry, neurologist, staff):
    visit = book(patient, neurologist)
    becomes(visit, VisitState.CANCELLED, by=staff)
    assert now(entry).booked_visit == visit
    undo_end(visit=visit, by=staff, version=now(visit).version)
    becomes(visit, VisitState.ENTERED_IN_ERROR, by=staff)
    assert now(entry).is_open


def test_entry_stays_ended_if_the_patient_is_not_treated_here(patient, entry, neurologist, staff):
    visit = book(patient, neurologist, days=-1, waiting_entry=entry)
    builders.finish(builders.arrive(visit), by=neurologist)
    patient = now(patient)
    change_patient_status(patient=patient, status="moved_away", by=staff, version=patient.version)
    becomes(visit, VisitState.ENTERED_IN_ERROR, by=staff)
    assert now(entry).booked_visit == visit


def test_entry_stays_ended_if_the_patient_waits_again(patient, entry, neurologist, staff):
    visit = book(patient, neurologist)
    again = add(patient, staff)
    undo_booking(visit=visit, by=staff, version=1)
    assert now(entry).booked_visit == visit
    assert list(WaitingEntry.objects.open()) == [again]


# Moving


def test_move_to_an_earlier_time_ends_it_until_it_is_undone(patient, neurologist, staff):
    visit = book(patient, neurologist, days=20)
    entry = builders.a_waiting_entry(patient=patient, by=staff)
    visit = move(visit, days=25, by=staff)
    assert now(entry).is_open
    moved = move(visit, days=5, by=staff)
    assert now(entry).booked_visit == moved
    undo_move(visit=moved, by=staff, version=moved.version)
    assert now(entry).is_open


# Two records of one person


def test_entry_moves_to_the_joined_record_and_returns(patient, neurologist, staff):
    other = builders.a_patient(by=staff)
    entry = builders.a_waiting_entry(patient=other, by=staff)
    builders.the_same_person(patient, other, by=neurologist)
    assert now(entry).patient == patient
    with pytest.raises(Refused, match="Continue there"):
        add(now(other), staff)
    builders.two_people(now(other), by=neurologist)
    assert (now(entry).patient, now(entry).state) == (other, "open")


def test_second_entry_of_a_joined_record_is_removed_until_undone(patient, entry, neurologist, staff):
    other = builders.a_patient(by=staff)
    twice = builders.a_waiting_entry(patient=other, by=staff)
    builders.the_same_person(patient, other, by=neurologist)
    assert (now(twice).removed_reason, now(entry).state) == (JOINED, "open")
    builders.two_people(now(other), by=neurologist)
    assert now(twice).is_open
    assert now(entry).patient == patient


def test_booking_of_a_joined_record_is_undone_at_the_leading_one(patient, neurologist, staff):
    other = builders.a_patient(by=staff)
    entry = builders.a_waiting_entry(patient=other, by=staff)
    visit = book(other, neurologist)
    builders.the_same_person(patient, other, by=neurologist)
    becomes(visit, VisitState.ENTERED_IN_ERROR, by=staff)
    assert (now(entry).patient, now(entry).state) == (patient, "open")
    builders.two_people(now(other), by=neurologist)
    assert (now(entry).patient, now(entry).state) == (other, "open")


def test_entry_booked_after_joining_returns_with_its_visit(patient, neurologist, staff):
    other = builders.a_patient(by=staff)
    visit = book(other, neurologist, days=20)
    entry = builders.a_waiting_entry(patient=other, by=staff)
    builders.the_same_person(patient, other, by=neurologist)
    moved = move(now(visit), days=7, by=staff)
    assert (now(entry).patient, now(entry).booked_visit) == (patient, moved)
    builders.two_people(now(other), by=neurologist)
    assert now(entry).patient == now(moved).patient == other
