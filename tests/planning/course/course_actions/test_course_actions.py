"""Responses and adverse events: recorded, changed, marked as entered in error."""

from functools import partial

import pytest

from clinic.models import AuditEntry
from clinic.records.actions import mark_entered_in_error
from clinic.records.exceptions import Conflict, Refused
from patients.models import VisitState
from planning.course.actions.course import record_event, record_response
from planning.models import AdverseEvent, InjectionSession, Response
from planning.pages.actions.visits import change_visit_state
from tests import builders
from tests.parallel import at_once
from tests.planning.course.course_actions.course_steps import TOMORROW, YESTERDAY, change, last_entry, refused, stored

pytestmark = pytest.mark.django_db


# Recording and changing


def test_response_is_recorded_with_its_author(session, visit, trainee):
    response = record_response(
        session=session, visit=visit, by=trainee, effect="response", onset_day=5, benefit_pain="marked", words="Better"
    )

    assert (response.session, response.visit, response.recorded_by) == (session, visit, trainee)
    assert (response.onset_day, response.benefit_pain, response.words) == (5, "marked", "Better")
    assert response.history.get().history_user == trainee
    assert last_entry() == ("recorded", "planning.response", response.pk, trainee, [visit.patient_id])


def test_event_is_recorded_at_a_visit_or_between_visits(session, visit, trainee):
    at_the_visit = record_event(session=session, visit=visit, by=trainee, kind="ptosis", began_day=2)
    by_phone = record_event(session=session, by=trainee, kind="bruising")

    assert (at_the_visit.visit, by_phone.visit) == (visit, None)
    assert (at_the_visit.patient, by_phone.patient) == (visit.patient, visit.patient)
    assert by_phone.history.get().history_user == trainee
    assert last_entry() == ("recorded", "planning.adverseevent", by_phone.pk, trainee, [visit.patient_id])


@pytest.mark.usefixtures("session")  # before the test begins
@pytest.mark.parametrize("kind", ["response", "event"])
def test_change_is_stored_with_its_author(kind, request, trainee):
    record = request.getfixturevalue(kind)
    field = {"response": "note", "event": "measures"}[kind]

    changed = change(record, by=trainee, **{field: "Soft food"})

    assert (getattr(changed, field), changed.version) == ("Soft food", record.version + 1)
    assert changed.history.latest().history_user == trainee
    assert last_entry() == ("changed", record._meta.label_lower, record.pk, trainee, [record.patient.pk])


@pytest.mark.usefixtures("session")  # before the test begins
@pytest.mark.parametrize("kind", ["response", "event"])
def test_stale_change_is_a_conflict_and_a_repeat_succeeds(kind, request, neurologist, trainee):
    record = request.getfixturevalue(kind)
    days = {"response": {"onset_day": 4}, "event": {"began_day": 4}}[kind]
    change(record, by=trainee, **days)

    with refused("Another user has changed this", kind=Conflict) as refusal:
        change(record, by=neurologist, **dict.fromkeys(days, 5))
    assert refusal.value.current.version == record.version + 1

    before = stored(), AuditEntry.objects.count()
    assert change(record, by=neurologist, version=record.version, **days).version == record.version + 1
    assert (stored(), AuditEntry.objects.count()) == before


@pytest.mark.usefixtures("session")  # before the test begins
@pytest.mark.parametrize("kind", ["response", "event"])
def test_entry_in_error_cannot_be_changed(kind, request, neurologist):
    record = request.getfixturevalue(kind)
    mark_entered_in_error(record=record, reason="Other patient", by=neurologist, version=record.version)

    with refused("This is marked as entered in error: Other patient"):
        change(record, by=neurologist, version=record.version + 1, **{record.DAYS[0] + "_day": 3})


@pytest.mark.usefixtures("session")  # before the test begins
@pytest.mark.parametrize("kind", ["response", "event"])
def test_refused_change_leaves_the_instance_unchanged(kind, request, neurologist):
    record = request.getfixturevalue(kind)
    name = record.DAYS[0] + "_on"

    with refused("when the injections were given", field=name):
        change(record, by=neurologist, **{name: record.session.day_given + YESTERDAY})
    assert getattr(record, name) is None


# Of which session, at which visit


def test_second_response_at_a_visit_is_rejected(response, session, visit, trainee):
    with refused("A response was recorded after you opened this visit"):
        record_response(session=session, visit=visit, by=trainee, effect="no_response")

    later = builders.arrive(builders.a_visit_after(session))
    assert record_response(session=session, visit=later, by=trainee, effect="no_response").pk


def test_response_is_reported_at_a_later_visit(session, neurologist):
    patient, given = session.visit.patient, session.visit
    before = builders.an_arrived_visit(patient=patient, clinician=neurologist, day=given.day + YESTERDAY)

    for visit in (given, before):
        with refused("Record a response at a visit after the session."):
            record_response(session=session, visit=visit, by=neurologist, effect="response")


def test_event_is_reported_at_the_sessions_visit_or_later(session, neurologist):
    patient, given = session.visit.patient, session.visit
    before = builders.an_arrived_visit(patient=patient, clinician=neurologist, day=given.day + YESTERDAY)
    event = record_event(session=session, visit=given, by=neurologist, kind="fainting")

    assert event.visit == given
    with refused("That visit is before the session.", field="visit"):
        record_event(session=session, visit=before, by=neurologist, kind="fainting")
    with refused("That visit is before the session.", field="visit"):
        change(event, by=neurologist, visit=before)


def test_report_at_a_cancelled_or_coming_visit_is_rejected(session, event, neurologist):
    patient = session.visit.patient
    cancelled = builders.a_visit(patient=patient, clinician=neurologist)
    cancelled = change_visit_state(
        visit=cancelled, state=VisitState.CANCELLED, by=neurologist, version=cancelled.version, reason="ill"
    )
    coming = builders.a_visit(patient=patient, clinician=neurologist, day=builders.today() + TOMORROW)

    for visit, message in ((cancelled, "The visit is cancelled"), (coming, "can be recorded from that day on")):
        with refused(message):
            record_response(session=session, visit=visit, by=neurologist, effect="response")
        with refused(message, field="visit"):
            record_event(session=session, visit=visit, by=neurologist, kind="ptosis")
        with refused(message, field="visit"):
            change(event, by=neurologist, visit=visit)


def test_event_of_a_visit_cancelled_later_can_be_changed(session, visit, neurologist):
    event = builders.an_event(session=session, visit=visit)
    change_visit_state(
        visit=visit, state=VisitState.ENTERED_IN_ERROR, by=neurologist, version=visit.version, reason="Other patient"
    )
    event = AdverseEvent.objects.get()

    assert change(event, by=neurologist, visit=event.visit, outcome="recovered").outcome == "recovered"
    assert change(event, by=neurologist, version=event.version + 1, visit=None).visit is None


def test_only_a_given_session_can_have_a_course(neurologist, session, visit):
    planned = builders.a_planned_session(by=neurologist, visit=session.visit)
    with refused("That session has no record of anything given."):
        record_response(session=planned, visit=visit, by=neurologist, effect="response")
    with refused("That session has no record of anything given."):
        record_event(session=planned, by=neurologist, kind="ptosis")

    given = builders.a_given_session(by=neurologist, visit=session.visit, product="Dysport")
    assert record_response(session=given, visit=visit, by=neurologist, effect="response").pk
    assert record_event(session=given, by=neurologist, kind="ptosis").pk

    builders.an_error(given, by=neurologist)
    with refused("That session is marked as entered in error."):
        record_event(session=given, by=neurologist, kind="ptosis")


def test_session_and_visit_must_belong_to_one_person(session, event, neurologist):
    strangers = builders.an_arrived_visit(clinician=neurologist, hour=15)

    with refused("That session belongs to another patient."):
        record_response(session=session, visit=strangers, by=neurologist, effect="response")
    with refused("That visit belongs to another patient.", field="visit"):
        record_event(session=session, visit=strangers, by=neurologist, kind="ptosis")
    with refused("That visit belongs to another patient.", field="visit"):
        change(event, by=neurologist, visit=strangers)

    # But once both records are one person, it is theirs
    builders.the_same_person(strangers.patient, session.visit.patient, by=neurologist)
    session = InjectionSession.objects.get(pk=session.pk)
    assert record_response(session=session, visit=strangers, by=neurologist, effect="response").pk
    assert record_event(session=session, visit=strangers, by=neurologist, kind="ptosis").pk


# Entered in error


@pytest.mark.usefixtures("session")  # before the test begins
@pytest.mark.parametrize("kind", ["response", "event"])
def test_mark_in_error_and_undo_are_audited(kind, request, neurologist, trainee):
    record = request.getfixturevalue(kind)

    marked = mark_entered_in_error(record=record, reason="Other patient", by=trainee, version=record.version)
    assert last_entry() == ("entered in error", record._meta.label_lower, record.pk, trainee, [record.patient.pk])
    assert (marked.error_reason, marked.error_by) == ("Other patient", trainee)
    assert marked.history.latest().history_user == trainee

    undone = builders.undo_in_error(marked, by=neurologist)
    assert last_entry()[::3] == ("undid entered in error", neurologist)
    assert not undone.is_in_error


def test_mark_cannot_be_undone_if_another_response_exists(response, session, visit, neurologist):
    mark_entered_in_error(record=response, reason="x", by=neurologist, version=response.version)
    record_response(session=session, visit=visit, by=neurologist, effect="no_response")

    with refused("Another response already exists. Mark that one as entered in error first."):
        builders.undo_in_error(response, by=neurologist)


def test_active_queryset_and_is_in_error_agree(session, response, event, neurologist):
    for record in (builders.a_response(session=session), builders.an_event(session=session)):
        mark_entered_in_error(record=record, reason="x", by=neurologist, version=record.version)

    for model, active in ((Response, response), (AdverseEvent, event)):
        every = model.objects.all()
        assert set(every.active()) == {one for one in every if not one.is_in_error} == {active}


def test_course_contains_linked_records_of_the_person_only(session, response, event, neurologist):
    builders.a_response()
    other = builders.a_session_of_weeks_ago(by=neurologist, weeks=30)
    earlier = builders.a_response(session=other)
    builders.the_same_person(response.patient, other.visit.patient, by=neurologist)
    patient = type(response.patient).objects.get(pk=response.patient.pk)

    assert list(Response.objects.of_records(patient.record_ids())) == [earlier, response]
    assert list(AdverseEvent.objects.of_records(patient.record_ids())) == [event]


# Two at once


@pytest.mark.engine
@pytest.mark.django_db(transaction=True)
def test_one_of_two_concurrent_responses_is_stored():
    people = [builders.a_clinician() for _ in range(2)]
    session = builders.a_session_of_weeks_ago()
    for _ in range(5):
        visit = builders.arrive(builders.a_visit_after(session))
        made = at_once(
            *(partial(record_response, session=session, visit=visit, by=person, effect="response") for person in people)
        )
        assert sorted(type(one).__name__ for one in made) == ["Refused", "Response"], made
        refusal = next(one for one in made if isinstance(one, Refused))
        assert "A response was recorded after you opened this visit" in refusal.message
        assert visit.responses.count() == 1
