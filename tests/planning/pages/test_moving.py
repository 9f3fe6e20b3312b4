"""Moving a visit and restoring its state: planned sessions and follow-ups move with it, and return."""

import datetime as dt

import pytest
from django.db import IntegrityError, transaction

from clinic.models import AuditEntry
from clinic.records.exceptions import Conflict, Refused
from patients.front_desk.actions.visits import OutsideHours, TimeTaken
from patients.models import FollowUp, Visit, VisitState
from planning.models import InjectionSession, SessionState
from planning.pages.actions.visits import change_visit_state, move_visit
from planning.signing.actions.endings import end_as_not_done
from tests import builders

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

TOMORROW = dt.timedelta(days=1)


@pytest.fixture
def visit(neurologist):
    follow_up = builders.a_follow_up(clinician=neurologist)
    return builders.a_visit(
        patient=follow_up.patient, clinician=neurologist, day=builders.today() + TOMORROW, follow_up=follow_up
    )


@pytest.fixture
def todays_visit(neurologist):
    """What was given can be recorded."""
    follow_up = builders.a_follow_up(clinician=neurologist)
    return builders.a_visit(patient=follow_up.patient, clinician=neurologist, follow_up=follow_up)


def move(visit, *, by, hour=15, **where):
    return move_visit(
        visit=visit,
        by=by,
        **{
            "clinician": visit.clinician,
            "starts_at": builders.at(visit.day, hour),
            "minutes": visit.minutes,
            "although_past": True,
            "version": Visit.objects.get(pk=visit.pk).version,
            **where,
        },
    )


def again(row):
    return type(row).objects.get(pk=row.pk)


# Moving


def test_moved_visit_is_replaced_and_linked(visit, staff, other_neurologist):
    moved = move(visit, by=staff, clinician=other_neurologist, minutes=45)
    assert (moved.moved_from, moved.patient, moved.kind) == (visit, visit.patient, visit.kind)
    assert (moved.clinician, moved.minutes, moved.state) == (other_neurologist, 45, VisitState.BOOKED)
    left = again(visit)
    assert left.state == VisitState.CANCELLED
    assert left.reason.startswith("Moved to ")
    assert AuditEntry.objects.get(action="moved").object_id == moved.pk


def test_follow_up_moves_with_the_visit(visit, staff):
    moved = move(visit, by=staff)
    assert FollowUp.objects.get().booked_visit == moved
    assert not FollowUp.objects.open().exists()


def test_planned_sessions_move_and_ended_ones_stay(visit, staff, neurologist):
    plan = builders.a_planned_session(by=neurologist, visit=visit)
    in_error = builders.a_planned_session(by=neurologist, visit=visit)
    builders.an_error(in_error, by=neurologist)
    moved = move(visit, by=staff)
    assert again(plan).visit == moved
    assert again(plan).state is SessionState.PLANNED
    assert again(in_error).visit == visit


def test_visit_can_move_to_an_overlapping_time(visit, staff):
    assert move(visit, by=staff, starts_at=visit.starts_at + dt.timedelta(minutes=10)).pk


def test_move_to_a_booked_time_is_refused(visit, staff):
    builders.a_visit(clinician=visit.clinician, day=visit.day, hour=15)
    with pytest.raises(TimeTaken):
        move(visit, by=staff)
    assert again(visit).state == VisitState.BOOKED
    assert FollowUp.objects.get().booked_visit == visit


def test_move_outside_hours_needs_a_note(visit, staff):
    builders.hours(visit.clinician, **dict.fromkeys(("saturday", "sunday"), "09:00–17:00"))
    with pytest.raises(OutsideHours):
        move(visit, by=staff, hour=19)
    assert move(visit, by=staff, hour=19, outside_note="Comes from work").outside_note == "Comes from work"


@pytest.mark.parametrize("state", [state for state in VisitState if state != VisitState.BOOKED])
def test_only_a_booked_visit_can_be_moved(state, visit, staff):
    Visit.objects.filter(pk=visit.pk).update(state=state, reason="x")
    with pytest.raises(Refused, match="Only a booked visit can be moved"):
        move(visit, by=staff)


def test_visit_with_a_given_session_cannot_be_moved(todays_visit, staff, neurologist):
    builders.a_given_session(by=neurologist, visit=todays_visit)
    with pytest.raises(Refused, match="Something was given"):
        move(todays_visit, by=staff)
    assert again(todays_visit).state == VisitState.BOOKED


def test_stale_move_is_a_conflict(visit, staff):
    with pytest.raises(Conflict):
        move(visit, by=staff, version=visit.version + 1)


def test_session_cannot_be_moved_to_any_other_visit(visit, neurologist):
    plan = builders.a_planned_session(by=neurologist, visit=visit)
    other = builders.a_visit(patient=visit.patient, clinician=neurologist, day=visit.day, hour=17)
    with pytest.raises(IntegrityError, match="planning_session_visit_changes_only_by_a_move"), transaction.atomic():
        InjectionSession.objects.filter(pk=plan.pk).update(visit=other)


def test_form_sent_twice_moves_once(login, visit, staff):
    client, page = login(staff), f"/visits/{visit.pk}/move/"
    form = client.get(page).context["form"]
    sent = {name: form[name].value() for name in ("version", "submission_key", "clinician", "minutes")}
    sent |= {"day": f"{visit.day:%Y-%m-%d}", "time": "16:15"}
    responses = [client.post(page, sent) for _ in range(2)]
    moved = Visit.objects.get(moved_from=visit)
    assert [response["Location"] for response in responses] == [moved.get_absolute_url()] * 2
    assert moved.starts_at == builders.at(visit.day, 16, 15)


def test_both_visit_pages_link_to_each_other(login, visit, staff):
    moved = move(visit, by=staff)
    client = login(staff)
    assert f'href="{moved.get_absolute_url()}"' in client.get(visit.get_absolute_url()).content.decode()
    assert f'href="{visit.get_absolute_url()}"' in client.get(moved.get_absolute_url()).content.decode()


def test_own_time_is_free_while_moving(login, visit, staff):
    builders.hours(visit.clinician, **dict.fromkeys(("saturday", "sunday"), "09:00–12:00"))
    staff = login(staff)

    def offered(minutes):
        page = staff.get(f"/visits/{visit.pk}/move/", {"minutes": minutes})
        return [time.starts_at for time in page.context["free_form"].found()]

    assert visit.starts_at in offered(visit.minutes * 2)
    assert visit.starts_at not in offered(visit.minutes)  # where it is already


# Restoring a visit


def to(visit, state, *, by, **values):
    with builders.on_its_day(visit):
        return change_visit_state(
            visit=visit, state=state, by=by, version=again(visit).version, **{"reason": "x", **values}
        )


@pytest.mark.parametrize("ended", [VisitState.CANCELLED, VisitState.NO_SHOW, VisitState.ENTERED_IN_ERROR])
def test_restored_visit_has_its_plan_and_follow_up_again(ended, visit, staff, neurologist):
    plan = builders.a_planned_session(by=neurologist, visit=visit)
    to(visit, ended, by=staff)
    assert again(plan).state is SessionState.NOT_DONE
    assert FollowUp.objects.open().exists()
    back = to(visit, VisitState.BOOKED, by=staff)
    assert (back.state, back.reason) == (VisitState.BOOKED, "")
    assert again(plan).state is SessionState.PLANNED
    assert not FollowUp.objects.open().exists()


def test_plan_ended_separately_stays_ended(visit, staff, neurologist):
    plan = builders.a_planned_session(by=neurologist, visit=visit)
    end_as_not_done(session=plan, reason="Fever", by=neurologist, version=again(plan).version, again=builders.AGAIN)
    to(visit, VisitState.CANCELLED, by=staff)
    to(visit, VisitState.BOOKED, by=staff)
    assert again(plan).not_done_reason == "Fever"


def test_restoring_a_visit_at_a_booked_time_is_refused(visit, staff):
    to(visit, VisitState.CANCELLED, by=staff)
    builders.a_visit(clinician=visit.clinician, day=visit.day)
    with pytest.raises(TimeTaken):
        to(visit, VisitState.BOOKED, by=staff)
    assert again(visit).state == VisitState.CANCELLED


def test_moved_visit_cannot_be_restored(visit, staff):
    move(visit, by=staff)
    with pytest.raises(Refused, match="was moved"):
        to(visit, VisitState.BOOKED, by=staff)


def test_visit_with_a_given_session_cannot_be_a_no_show(todays_visit, staff, neurologist):
    to(todays_visit, VisitState.ARRIVED, by=staff)
    builders.a_given_session(by=neurologist, visit=todays_visit)
    with pytest.raises(Refused, match="Something was given"):
        to(todays_visit, VisitState.BOOKED, by=staff)


def test_reopened_visit_reopens_its_follow_up(visit, staff):
    to(visit, VisitState.ARRIVED, by=staff)
    to(visit, VisitState.FINISHED, by=staff, again=builders.AGAIN)
    answered = FollowUp.objects.get(booked_visit=visit)
    assert answered.closed_at is not None
    to(visit, VisitState.ARRIVED, by=staff)
    assert again(answered).closed_at is None


# At the end of a visit


def test_finishing_asks_when_to_see_the_patient_again(login, todays_visit, staff):
    visit = todays_visit
    to(visit, VisitState.ARRIVED, by=staff)
    client = login(staff)
    page = client.get(visit.get_absolute_url())
    assert "When should the patient be seen again?" in page.content.decode()
    sent = {"state": "finished", "version": again(visit).version}
    refused = client.post(f"/visits/{visit.pk}/state/", sent)
    assert refused.status_code == 409
    assert "Enter when the patient should be seen again" in refused.content.decode()
    sent |= {"weeks": "6", "kind": "review", "clinician": visit.clinician_id, "why": "As agreed"}
    assert client.post(f"/visits/{visit.pk}/state/", sent).status_code == 302
    asked = FollowUp.objects.open().get()
    assert (asked.due_on, asked.kind, asked.why) == (visit.day + dt.timedelta(weeks=6), "review", "As agreed")


def test_finishing_accepts_no_follow_up_needed(visit, staff):
    to(visit, VisitState.ARRIVED, by=staff)
    response = builders.SeeAgain(no_follow_up_reason="Goes on elsewhere")
    finished = to(visit, VisitState.FINISHED, by=staff, again=response)
    assert again(finished.patient).no_follow_up_reason == "Goes on elsewhere"


def test_finishing_does_not_ask_if_already_answered(login, visit, staff, neurologist):
    builders.a_follow_up(patient=visit.patient, clinician=neurologist, kind="review")
    to(visit, VisitState.ARRIVED, by=staff)
    page = login(staff).get(visit.get_absolute_url()).content.decode()
    assert "When should the patient be seen again?" not in page
    assert to(visit, VisitState.FINISHED, by=staff).state == VisitState.FINISHED


def test_finishing_does_not_ask_if_the_signature_will(todays_visit, staff, neurologist):
    to(todays_visit, VisitState.ARRIVED, by=staff)
    builders.a_given_session(by=neurologist, visit=todays_visit)
    assert to(todays_visit, VisitState.FINISHED, by=staff).state == VisitState.FINISHED
