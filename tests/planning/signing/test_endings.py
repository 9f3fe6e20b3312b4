"""Sessions that were not done, and sessions entered in error."""

import datetime as dt

import pytest
from django.db import DatabaseError, connection, transaction

from clinic.records.exceptions import Conflict, Refused
from patients.models import VisitState
from planning.course.cycles import cycle_numbers
from planning.models import InjectionSession, SessionState
from planning.pages.actions.visits import change_visit_state
from planning.session_pages.earlier import last_to_repeat
from planning.sessions.actions.injections import add_injection, repeat_muscles
from planning.sessions.actions.sessions import change_session
from planning.signing.actions.endings import end_as_not_done
from tests import builders

pytestmark = [pytest.mark.django_db, pytest.mark.engine]


@pytest.fixture
def planned(neurologist):
    return builders.a_planned_session(by=neurologist, visit=builders.an_arrived_visit(clinician=neurologist, hour=14))


@pytest.fixture
def signed(neurologist):
    return builders.a_signed_session(by=neurologist)


def again(session):
    return InjectionSession.objects.get(pk=session.pk)


def not_done(session, *, by, reason="The patient has a fever"):
    return end_as_not_done(session=session, reason=reason, by=by, version=again(session).version, again=builders.AGAIN)


# ---- Not done


def test_plan_is_ended_as_not_done_with_a_reason(planned, neurologist):
    not_done(planned, by=neurologist)
    session = again(planned)
    assert session.state is SessionState.NOT_DONE
    assert (session.not_done_reason, session.not_done_by) == ("The patient has a fever", neurologist)
    assert "The patient has a fever" in session.change_obstacle()


def test_given_session_cannot_be_ended_as_not_done(neurologist):
    session = builders.a_given_session(by=neurologist)
    with pytest.raises(Refused, match="Something given is recorded"):
        not_done(session, by=neurologist)


def test_signed_session_cannot_be_ended_as_not_done(signed, neurologist):
    with pytest.raises(Refused, match="signed"):
        not_done(signed, by=neurologist)


def test_changed_plan_is_a_conflict(planned, neurologist):
    read = again(planned).version
    change_session(session=planned, by=neurologist, version=read, notes="come back in an hour")
    with pytest.raises(Conflict):
        end_as_not_done(session=planned, reason="gone", by=neurologist, version=read)


def test_ending_twice_with_one_reason_has_no_further_effect(planned, neurologist):
    version = again(planned).version
    for _ in range(2):
        end_as_not_done(session=planned, reason="gone", by=neurologist, version=version, again=builders.AGAIN)
    assert again(planned).not_done_reason == "gone"


def test_not_done_page_asks_for_a_reason(login, planned, neurologist):
    client = login(neurologist)
    page = client.get(f"/sessions/{planned.pk}/end/")
    version = page.context["not_done_form"]["version"].value()
    sent = {"not-done-version": version, "not-done-reason": ""}
    assert "Enter why it was not done." in client.post(f"/sessions/{planned.pk}/not-done/", sent).content.decode()
    sent["not-done-reason"] = "Fever"
    # And when to see the patient again, if there is no answer yet
    assert (
        "Enter when the patient should be seen again"
        in client.post(f"/sessions/{planned.pk}/not-done/", sent).content.decode()
    )
    sent |= {"not-done-weeks": "2", "not-done-kind": "next_injection", "not-done-clinician": neurologist.pk}
    assert client.post(f"/sessions/{planned.pk}/not-done/", sent).url == f"/visits/{planned.visit_id}/"
    due_on = planned.visit.day + dt.timedelta(weeks=2)
    assert planned.visit.patient.follow_ups.open().get().due_on == due_on
    assert "Not done" in client.get(f"/visits/{planned.visit_id}/").content.decode()


# ---- Entered in error


def test_session_in_error_stays_visible_with_a_mark(login, planned, neurologist):
    builders.an_error(planned, by=neurologist, reason="Wrong patient")
    assert again(planned).state is SessionState.ENTERED_IN_ERROR
    page = login(neurologist).get(f"/sessions/{planned.pk}/").content.decode()
    assert "Entered in error" in page
    assert "Wrong patient" in page


def test_signed_session_in_error_shows_its_record_with_a_mark(login, signed, neurologist):
    builders.an_error(signed, by=neurologist, reason="Wrong patient")
    for address in (f"/sessions/{signed.pk}/", f"/records/{signed.record().pk}/"):
        page = login(neurologist).get(address).content.decode()
        assert "Wrong patient" in page
        assert "1.11" in page


def test_session_in_error_is_not_counted(signed, neurologist):
    patient = signed.visit.patient
    later = builders.a_planned_session(
        by=neurologist, visit=builders.an_arrived_visit(patient=patient, clinician=neurologist, hour=16)
    )
    assert last_to_repeat(later) == signed
    builders.an_error(signed, by=neurologist)
    assert last_to_repeat(later) is None
    assert cycle_numbers(patient) == {}
    assert not again(signed).counts
    assert not InjectionSession.objects.counted().exists()
    with pytest.raises(Refused, match="Choose a signed session"):
        repeat_muscles(session=later, product=later.product, earlier=again(signed), by=neurologist)


def test_given_session_in_error_does_not_await_signing(neurologist):
    session = builders.a_given_session(by=neurologist)
    builders.an_error(session, by=neurologist)
    assert not InjectionSession.objects.to_sign_by(neurologist).exists()
    with pytest.raises(Refused, match="entered in error"):
        builders.sign(session, by=neurologist)


def test_session_in_error_cannot_be_changed(planned, neurologist):
    builders.an_error(planned, by=neurologist)
    with pytest.raises(Refused, match="entered in error"):
        add_injection(
            session=planned, product=planned.product, muscle=builders.a_muscle("SCAL"), side="left", by=neurologist
        )
    with pytest.raises(Refused, match="entered in error"):
        not_done(planned, by=neurologist)


def test_trainee_can_mark_only_unsigned_sessions(planned, signed, trainee):
    builders.an_error(planned, by=trainee)
    with pytest.raises(Refused, match="Only a neurologist"):
        builders.an_error(signed, by=trainee)


def test_undone_mark_lets_the_session_count_again(signed, neurologist, trainee):
    builders.an_error(signed, by=neurologist)
    with pytest.raises(Refused, match="Only a neurologist"):
        builders.undo_error(signed, by=trainee)
    builders.undo_error(signed, by=neurologist)
    assert again(signed).state is SessionState.SIGNED
    assert InjectionSession.objects.counted().get() == signed
    builders.undo_error(signed, by=neurologist)


def test_undone_mark_can_be_set_again(signed, neurologist):
    builders.an_error(signed, by=neurologist)
    builders.undo_error(signed, by=neurologist)
    builders.an_error(signed, by=neurologist, reason="after all")
    assert again(signed).error_mark().reason == "after all"
    assert signed.error_marks.count() == 2


def test_session_being_amended_cannot_be_marked(signed, neurologist):
    builders.an_amendment(signed, by=neurologist)
    with pytest.raises(Refused, match="being amended"):
        builders.an_error(signed, by=neurologist)


def test_session_in_error_cannot_be_amended(signed, neurologist):
    builders.an_error(signed, by=neurologist)
    with pytest.raises(Refused, match="Undo that first"):
        builders.an_amendment(signed, by=neurologist)


def test_mark_cannot_be_undone_after_the_visit_is_cancelled(neurologist):
    session = builders.a_given_session(by=neurologist)
    builders.an_error(session, by=neurologist)
    visit = session.visit
    change_visit_state(
        visit=visit, state=VisitState.CANCELLED, by=neurologist, version=visit.version, reason="wrong patient"
    )
    with pytest.raises(Refused, match="its sessions cannot be restored"):
        builders.undo_error(session, by=neurologist)


# Neither runs the triggers of each deleted row. PostgreSQL does not truncate while a foreign key waits to be checked.
REPLACED_OR_TRUNCATED = {
    "sqlite": "INSERT OR REPLACE INTO planning_errormark SELECT * FROM planning_errormark",
    "postgresql": "SET CONSTRAINTS ALL IMMEDIATE; TRUNCATE planning_errormark",
}


def test_database_rejects_changes_of_a_mark(signed, neurologist):
    builders.an_error(signed, by=neurologist)
    for statement in (
        "UPDATE planning_errormark SET reason = 'another'",
        "DELETE FROM planning_errormark",
        REPLACED_OR_TRUNCATED[connection.vendor],
    ):
        with (
            pytest.raises(DatabaseError, match="planning_errormark_can_only_be_ended"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)


def test_session_is_marked_and_unmarked_on_its_pages(login, signed, neurologist, trainee):
    client = login(neurologist)
    version = {"error-version": again(signed).version}
    assert (
        "Enter why it was entered in error."
        in client.post(f"/sessions/{signed.pk}/entered-in-error/", {"error-reason": "", **version}).content.decode()
    )
    client.post(f"/sessions/{signed.pk}/entered-in-error/", {"error-reason": "Wrong patient", **version})
    assert again(signed).is_in_error
    assert client.get(f"/sessions/{signed.pk}/end/").url == f"/sessions/{signed.pk}/"
    client.post(f"/sessions/{signed.pk}/entered-in-error/undo/", {"mark": signed.error_marks.get().pk})
    assert not again(signed).is_in_error


# ---- Another session at a visit, and cycles


def test_two_sessions_of_a_visit_are_one_cycle(signed, neurologist):
    second = builders.a_given_session(
        by=neurologist, visit=signed.visit, product="Dysport", muscles=[("SCAL", "left")], doses=("2.22",)
    )
    builders.sign(second, by=neurologist)
    assert cycle_numbers(signed.visit.patient) == {signed.visit_id: 1}


def test_each_date_of_injections_is_a_cycle(neurologist):
    patient = builders.a_patient()
    today = builders.today()
    visits = []
    for days_ago in (200, 100, 0):
        visit = builders.a_visit(
            patient=patient, clinician=neurologist, day=today - builders.dt.timedelta(days=days_ago), by=neurologist
        )
        session = builders.a_given_session(by=neurologist, visit=visit)
        builders.sign(session, by=neurologist)
        visits.append(visit.pk)
    assert cycle_numbers(patient) == {visits[0]: 1, visits[1]: 2, visits[2]: 3}
