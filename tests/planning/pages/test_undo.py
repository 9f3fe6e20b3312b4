"""The message after booking, moving, cancelling, arriving or logging a contact undoes it with one button."""

import datetime as dt

import pytest

from clinic.models import AuditEntry
from clinic.records.exceptions import Conflict, Refused
from patients.followups.actions import record_no_follow_up
from patients.models import ContactAttempt, FollowUp, Visit, VisitState
from planning.models import InjectionSession
from planning.pages.actions.undo import undo_booking, undo_end, undo_move
from planning.pages.actions.visits import change_visit_state, move_visit
from planning.sessions.models.session import SessionState
from tests import builders
from tests.builders import now
from tests.pageforms import undo_form
from tests.patients.people.pages import text_of

pytestmark = [pytest.mark.django_db, pytest.mark.engine]


@pytest.fixture
def desk(login, staff):
    return login(staff)


@pytest.fixture
def patient():
    return builders.a_patient(family_name="Petrov", given_name="Ivan")


@pytest.fixture
def follow_up(patient, neurologist):
    return builders.a_follow_up(patient=patient, clinician=neurologist)


@pytest.fixture
def visit(patient, neurologist, follow_up):
    """Tomorrow at ten, for the follow-up, with a plan."""
    day = builders.today() + dt.timedelta(days=1)
    visit = builders.a_visit(patient=patient, clinician=neurologist, day=day, follow_up=follow_up)
    builders.a_planned_session(by=neurologist, visit=visit)
    return now(visit)


def undo(client, page):
    url, sent = undo_form(page)
    return client.post(url, sent, follow=True)


def post(client, url, patient, **sent):
    return client.post(url, {"patient_seen": patient.pk, **sent}, follow=True)


def book(client, patient, follow_up=None, **sent):
    follow_up = follow_up.pk if follow_up else ""
    taken = f"{sent.pop('clinician').pk}@{builders.today() + dt.timedelta(days=3):%Y-%m-%d}T09:00Z"
    sent = {"kind": "injection", "take": taken, "follow_up": follow_up, "outside_note": "Agreed", **sent}
    sent |= {"submission_key": "7a0f1c0e-31f5-4c9a-9f0b-0d6a1f6f5c11"}
    return post(client, f"/patients/{patient.pk}/visits/new/", patient, **sent)


def move(visit, *, by, hour=14):
    starts_at = builders.at(visit.day, hour)
    return move_visit(
        visit=visit, clinician=visit.clinician, starts_at=starts_at, minutes=30, by=by, version=now(visit).version,
        outside_note="Agreed",
    )  # fmt: skip


def becomes(visit, state, *, by, reason="Ill"):
    return change_visit_state(visit=visit, state=state, by=by, version=now(visit).version, reason=reason)


# Booking


def test_undone_booking_is_in_error_and_reopens_its_follow_up(desk, patient, follow_up, neurologist):
    builders.a_contact(
        follow_up, by=neurologist, how="phone", outcome="reached", call_again_on=builders.today() + dt.timedelta(days=2)
    )
    page = book(desk, patient, follow_up, clinician=neurologist, next="/follow-ups/")
    booked = Visit.objects.get()
    assert now(follow_up).state == "booked"

    response = undo(desk, page)
    assert response.redirect_chain == [("/follow-ups/", 302)]
    assert f"Undone: PETROV, Ivan, {booked}, is not booked." in text_of(response)
    assert "The follow-up is open again." in text_of(response)
    assert now(booked).state == VisitState.ENTERED_IN_ERROR
    assert (now(follow_up).state, now(follow_up).postponed_until) == ("open", builders.today() + dt.timedelta(days=2))
    assert AuditEntry.objects.filter(action="undid booking", object_id=booked.pk).exists()
    # Sent twice, it is undone once
    assert undo(desk, page).status_code == 200
    assert now(booked).version == 2


def test_undone_booking_restores_no_follow_up_needed(patient, neurologist, staff):
    record_no_follow_up(patient=patient, reason="Declined", by=neurologist)
    booked = builders.a_visit(patient=patient, clinician=neurologist)
    assert now(patient).no_follow_up_reason == ""
    undo_booking(visit=booked, by=staff, version=1)
    assert (now(patient).no_follow_up_reason, now(patient).no_follow_up_by) == ("Declined", neurologist)


def test_booking_with_a_plan_or_a_later_change_is_not_undone(visit, staff, neurologist):
    with pytest.raises(Refused, match="A session is planned for this visit"):
        undo_booking(visit=visit, by=staff, version=visit.version)
    arrived = builders.a_visit()
    becomes(arrived, VisitState.ARRIVED, by=staff)
    with pytest.raises(Conflict):
        undo_booking(visit=arrived, by=staff, version=1)
    with pytest.raises(Refused, match="changed after it was booked"):
        undo_booking(visit=arrived, by=staff, version=2)
    assessed = builders.a_visit()
    builders.an_assessment(visit=assessed, by=neurologist)
    with pytest.raises(Refused, match="Something is recorded"):
        undo_booking(visit=assessed, by=staff, version=1)


def test_stale_undo_button_answers_409_with_a_sentence(desk, patient, neurologist):
    page = book(desk, patient, clinician=neurologist)
    becomes(Visit.objects.get(), VisitState.CANCELLED, by=neurologist)
    response = undo(desk, page)
    assert response.status_code == 409
    assert "Another user has changed this." in text_of(response)


# Moving


def test_undone_move_restores_time_plan_and_follow_up(desk, visit, follow_up):
    taken = f"{visit.clinician_id}@{visit.day:%Y-%m-%d}T15:00Z"
    sent = {"take": taken, "minutes": 30, "version": visit.version, "outside_note": "Agreed"}
    sent |= {"submission_key": "7a0f1c0e-31f5-4c9a-9f0b-0d6a1f6f5c12"}
    page = post(desk, visit.get_moving_url(), visit.patient, **sent)
    moved = Visit.objects.get(moved_from=visit)

    response = undo(desk, page)
    assert response.redirect_chain == [(visit.get_absolute_url(), 302)]
    assert f"Undone: PETROV, Ivan is booked as before: {visit}, with Dr A. Morgan." in text_of(response)
    assert (now(visit).state, now(visit).reason, now(moved).state) == ("booked", "", "entered_in_error")
    assert InjectionSession.objects.get().visit == visit
    assert AuditEntry.objects.filter(action="undid move", object_id=visit.pk).count() == 1
    assert (now(follow_up).booked_visit, now(follow_up).state) == (visit, "booked")
    assert undo(desk, page).status_code == 200
    # It can be moved again
    assert move(visit, by=visit.clinician, hour=16).moved_from == visit


def test_move_to_a_former_time_now_taken_is_not_undone(visit, staff):
    moved = move(visit, by=staff)
    builders.a_visit(clinician=visit.clinician, day=visit.day)
    with pytest.raises(Refused, match="the clinician has another visit then"):
        undo_move(visit=moved, by=staff, version=moved.version)
    assert (now(moved).state, InjectionSession.objects.get().visit) == ("booked", moved)


def test_move_is_not_undone_after_a_change_or_arrival(visit, staff):
    moved = move(visit, by=staff)
    again = move(moved, by=staff, hour=16)
    with pytest.raises(Conflict):
        undo_move(visit=moved, by=staff, version=moved.version)
    with pytest.raises(Refused, match="was not moved"):
        undo_move(visit=visit, by=staff, version=visit.version)
    assert now(again).state == VisitState.BOOKED


# Cancelling


@pytest.mark.parametrize("before", [VisitState.BOOKED, VisitState.ARRIVED])
def test_undone_cancellation_restores_state_plan_and_follow_up(before, desk, neurologist, follow_up):
    today = builders.a_visit(patient=follow_up.patient, clinician=neurologist, follow_up=follow_up)
    session = builders.a_planned_session(by=neurologist, visit=today)
    if before == VisitState.ARRIVED:
        becomes(today, before, by=neurologist)
    page = post(desk, today.get_state_url(), today.patient, state="cancelled", reason="Ill", version=now(today).version)
    assert now(session).state is SessionState.NOT_DONE
    response = undo(desk, page)
    assert f"Undone: the visit of PETROV, Ivan is {before} again, with its plan and follow-up." in text_of(response)
    assert (now(today).state, now(today).reason) == (before, "")
    assert now(session).state is SessionState.PLANNED
    assert now(follow_up).state == "booked"
    assert undo(desk, page).status_code == 200


def test_cancellation_with_rebooked_follow_up_is_not_undone(visit, follow_up, staff, neurologist):
    cancelled = becomes(visit, VisitState.CANCELLED, by=staff)
    day = builders.today() + dt.timedelta(days=5)
    other = builders.a_visit(patient=visit.patient, clinician=neurologist, day=day, follow_up=follow_up)
    with pytest.raises(Refused, match="is already booked with another visit"):
        undo_end(visit=visit, by=staff, version=cancelled.version)
    undo_booking(visit=other, by=staff, version=1)
    builders.a_visit(clinician=neurologist, day=visit.day)
    with pytest.raises(Refused):  # neither is the follow-up as before, nor the time free
        undo_end(visit=visit, by=staff, version=cancelled.version)
    assert now(visit).state == VisitState.CANCELLED


# Arriving


def test_arrival_is_undone_by_the_button(desk, patient, neurologist):
    today = builders.a_visit(patient=patient, clinician=neurologist)
    page = post(desk, today.get_state_url(), patient, state="arrived", version=1, next="/")
    response = undo(desk, page)
    assert "Undone: the visit of PETROV, Ivan is booked again." in text_of(response)
    assert now(today).state == VisitState.BOOKED


# Contacts


def log(client, follow_up, **sent):
    sent = {"how": "letter", "outcome": "sent", "version": now(follow_up).version, **sent}
    sent |= {"submission_key": "7a0f1c0e-31f5-4c9a-9f0b-0d6a1f6f5c13"}
    return post(client, f"/follow-ups/{follow_up.pk}/contact-attempts/", follow_up.patient, **sent)


def test_undone_contact_is_marked_and_no_longer_counts(desk, follow_up):
    page = log(desk, follow_up, call_again_on=builders.today() + dt.timedelta(days=4))
    assert now(follow_up).is_postponed(builders.today())
    response = undo(desk, page)
    assert "Undone: PETROV, Ivan, Letter, sent" in text_of(response)
    assert now(follow_up).postponed_until is None
    assert FollowUp.objects.never_contacted().filter(pk=follow_up.pk).exists()
    attempt = ContactAttempt.objects.get()
    assert attempt.undone_at is not None
    page_of_it = text_of(desk.get(f"/follow-ups/{follow_up.pk}/"))
    assert "undone, logged by mistake" in page_of_it
    assert AuditEntry.objects.filter(action="undid contact", object_id=attempt.pk).count() == 1
    assert undo(desk, page).status_code == 200


def test_contact_before_another_one_is_not_undone(desk, follow_up, neurologist):
    page = log(desk, follow_up)
    builders.a_contact(follow_up, by=neurologist, how="phone", outcome="reached")
    response = undo(desk, page)
    assert response.status_code == 409
    assert "Another contact was logged after this one" in text_of(response)
