"""The states of a session, derived from stored facts; plans of a cancelled visit; who has what to sign."""

import datetime as dt
import itertools

import pytest
from django.utils import timezone

from clinic.models import AuditEntry
from clinic.records.exceptions import Conflict, Refused
from patients.models import Visit, VisitState
from planning.models import InjectionSession, SessionState
from planning.pages.actions.visits import change_visit_state
from planning.sessions.actions.injections import change_injection, remove_injection
from planning.sessions.actions.sessions import change_session
from tests import builders

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

hours = itertools.cycle(range(7, 19))


def a_session(by, **details):
    visit = builders.an_arrived_visit(clinician=by, hour=next(hours))
    return builders.record(builders.a_planned_session(by=by, visit=visit, **details), by=by)


def first_row(session):
    return session.injections.order_by("pk").first()


def type_into(row, *, by, **values):
    row.refresh_from_db()
    return change_injection(injection=row, product=row.session.product, by=by, version=row.version, **values)


def with_a_given_dose(session, by):
    type_into(first_row(session), by=by, given_dose="1.11")


def with_a_zero(session, by):
    type_into(first_row(session), by=by, given_dose="0")


def with_a_given_dose_emptied_again(session, by):
    with_a_given_dose(session, by)
    type_into(first_row(session), by=by, given_dose="")


def with_a_given_dose_in_a_removed_row(session, by):
    with_a_given_dose(session, by)
    remove_injection(
        injection=first_row(session),
        product=first_row(session).session.product,
        by=by,
        version=first_row(session).version,
    )


def with_a_vial(session, by):
    builders.a_vial(session=session, by=by)


def with_a_day(session, by):
    session.refresh_from_db()
    change_session(session=session, by=by, version=session.version, given_on=builders.today())


def with_a_planned_dose(session, by):
    builders.plan_again(session, by=by)
    type_into(first_row(session), by=by, planned_dose="1.11")


def with_a_muscle_left_out(session, by):
    type_into(first_row(session), by=by, not_given=True)


def given_and_back_to_plan(session, by):
    with_a_given_dose(session, by)
    builders.plan_again(session, by=by)


def signed(session, by):
    with_a_given_dose(session, by)
    session.refresh_from_db()
    change_session(session=session, by=by, version=session.version, operator=by)
    builders.sign(session, by=by)


def not_done(session, by):
    visit = Visit.objects.get(pk=session.visit_id)
    change_visit_state(visit=visit, state=VisitState.CANCELLED, by=by, version=visit.version, reason="Ill")


def being_amended(session, by):
    signed(session, by)
    builders.an_amendment(session, by=by)


def amendment_discarded(session, by):
    being_amended(session, by)
    builders.discard(session, by=by)


def amendment_signed(session, by):
    being_amended(session, by)
    builders.amend(session, by=by)
    builders.sign(session, by=by)


def in_error(session, by):
    with_a_given_dose(session, by)
    builders.an_error(session, by=by)


def signed_and_in_error(session, by):
    signed(session, by)
    builders.an_error(session, by=by)


def in_error_undone(session, by):
    signed_and_in_error(session, by)
    builders.undo_error(session, by=by)


STATES = {
    "nothing": (lambda session, by: None, SessionState.PLANNED),
    "a planned dose": (with_a_planned_dose, SessionState.PLANNED),
    "a muscle left out": (with_a_muscle_left_out, SessionState.PLANNED),
    "a given dose emptied again": (with_a_given_dose_emptied_again, SessionState.PLANNED),
    "a given dose in a removed row": (with_a_given_dose_in_a_removed_row, SessionState.PLANNED),
    "a given dose": (with_a_given_dose, SessionState.GIVEN),
    "a zero": (with_a_zero, SessionState.GIVEN),
    "a vial": (with_a_vial, SessionState.GIVEN),
    "a day": (with_a_day, SessionState.GIVEN),
    "a given dose, and back to the plan": (given_and_back_to_plan, SessionState.GIVEN),
    "a signature": (signed, SessionState.SIGNED),
    "a cancelled visit": (not_done, SessionState.NOT_DONE),
    "an amendment": (being_amended, SessionState.BEING_AMENDED),
    "an amendment discarded": (amendment_discarded, SessionState.SIGNED),
    "an amendment signed": (amendment_signed, SessionState.AMENDED),
    "an error": (in_error, SessionState.ENTERED_IN_ERROR),
    "a signed error": (signed_and_in_error, SessionState.ENTERED_IN_ERROR),
    "an error undone": (in_error_undone, SessionState.SIGNED),
}


@pytest.mark.parametrize("fact", STATES)
@pytest.mark.sample(2)
def test_state_of_a_session_matches_the_state_in_a_list(fact, neurologist):
    session = a_session(neurologist)
    happen, state = STATES[fact]

    happen(session, neurologist)

    alone = InjectionSession.objects.get(pk=session.pk)
    listed = InjectionSession.objects.with_facts().get(pk=session.pk)
    assert alone.state is state
    assert listed.state is state
    assert (alone.is_given, alone.is_signed) == (listed.is_given, listed.is_signed)
    assert InjectionSession.objects.counted().filter(pk=session.pk).exists() is alone.counts is listed.counts
    assert InjectionSession.objects.given_not_signed().filter(pk=session.pk).exists() is (state is SessionState.GIVEN)


def test_states_are_shown_with_their_labels():
    assert [state.label for state in SessionState] == [
        "Planned", "Given, not signed", "Signed", "Signed, amended", "Being amended", "Not done", "Entered in error",
    ]  # fmt: skip


def test_refreshed_session_derives_its_state_again(neurologist):
    session = a_session(neurologist)
    listed = InjectionSession.objects.with_facts().get(pk=session.pk)
    assert listed.state is SessionState.PLANNED

    signed(session, neurologist)
    listed.refresh_from_db()

    assert listed.state is SessionState.SIGNED


def test_list_derives_states_in_one_query(neurologist, django_assert_num_queries):
    for fact in ("nothing", "a given dose", "a vial", "a signature", "a cancelled visit", "an amendment", "an error"):
        happen, _ = STATES[fact]
        happen(a_session(neurologist), neurologist)

    with django_assert_num_queries(1):
        assert len({session.state for session in InjectionSession.objects.with_facts()}) == 6


# A cancelled visit


@pytest.mark.parametrize(
    ("state", "reason", "words"),
    [
        (VisitState.CANCELLED, "Ill", "Cancelled: Ill"),
        (VisitState.CANCELLED, "x" * 300, "Cancelled: " + "x" * 300),
        (VisitState.ENTERED_IN_ERROR, "x" * 300, "Entered in error: " + "x" * 300),
        (VisitState.NO_SHOW, "", "No-show."),
    ],
)
def test_cancelled_visit_ends_its_plans_as_not_done(state, reason, words, neurologist, staff):
    visit = builders.a_visit(clinician=neurologist)
    plans = [builders.a_planned_session(by=neurologist, visit=visit, product=name) for name in ("Botox", "Dysport")]

    change_visit_state(visit=visit, state=state, by=staff, version=visit.version, reason=reason)

    for plan in plans:
        plan.refresh_from_db()
        assert plan.state is SessionState.NOT_DONE
        assert (plan.not_done_by, plan.not_done_reason) == (staff, words)
    actions_audited = list(AuditEntry.objects.order_by("-pk").values_list("action", flat=True)[:3])
    assert sorted(actions_audited) == sorted(["not done", "not done", state.label.lower()])


@pytest.mark.parametrize("fact", ["a given dose", "a zero", "a vial", "a day", "a signature"])
@pytest.mark.parametrize("state", [VisitState.CANCELLED, VisitState.ENTERED_IN_ERROR])
@pytest.mark.sample(3)
def test_visit_with_a_given_session_cannot_be_cancelled(state, fact, neurologist):
    session = a_session(neurologist)
    second = builders.a_planned_session(by=neurologist, visit=session.visit, product="Dysport")
    happen, _ = STATES[fact]
    happen(session, neurologist)
    visit = Visit.objects.get(pk=session.visit_id)

    with pytest.raises(Refused, match="is signed" if fact == "a signature" else "Something was given"):
        change_visit_state(visit=visit, state=state, by=neurologist, version=visit.version, reason="Ill")

    visit.refresh_from_db()
    second.refresh_from_db()
    assert visit.state == VisitState.ARRIVED
    assert second.state is SessionState.PLANNED


def test_finished_visit_keeps_its_plan(neurologist):
    session = a_session(neurologist)
    visit = Visit.objects.get(pk=session.visit_id)

    builders.finish(visit, by=neurologist)

    session.refresh_from_db()
    assert session.state is SessionState.PLANNED


@pytest.mark.parametrize("values", [{"version": -1}, {"reason": ""}], ids=["a stale version", "no reason"])
def test_refused_change_of_the_visit_keeps_the_plan(values, neurologist):
    session = a_session(neurologist)
    visit = Visit.objects.get(pk=session.visit_id)

    with pytest.raises(Refused):
        change_visit_state(
            **{
                "visit": visit,
                "state": VisitState.CANCELLED,
                "by": neurologist,
                "version": visit.version,
                "reason": "Ill",
                **values,
            }
        )

    session.refresh_from_db()
    assert session.not_done_at is None


def test_stale_change_of_the_visit_is_a_conflict(neurologist):
    visit = builders.a_visit(clinician=neurologist)

    with pytest.raises(Conflict):
        change_visit_state(visit=visit, state=VisitState.ARRIVED, by=neurologist, version=visit.version + 1)


# To sign


def given_by(operator, *, visited, day=None):
    """A given, unsigned session, its operator, and the clinician of its visit."""
    visit = builders.an_arrived_visit(clinician=visited, hour=next(hours), day=day)
    session = builders.a_planned_session(by=visited, visit=visit)
    session = builders.record(session, by=visited)
    with_a_given_dose(session, visited)
    if operator is not None:
        session.refresh_from_db()
        change_session(session=session, by=visited, version=session.version, operator=operator)
    return session


def waiting_for(user):
    return set(InjectionSession.objects.to_sign_by(user))


def test_signer_finds_sessions_given_or_at_own_visits(neurologist, other_neurologist):
    own = given_by(neurologist, visited=neurologist)
    visited = given_by(other_neurologist, visited=neurologist)
    unsaid = given_by(None, visited=neurologist)
    foreign = given_by(other_neurologist, visited=other_neurologist)

    assert waiting_for(neurologist) == {own, visited, unsaid}
    assert waiting_for(other_neurologist) == {visited, foreign}


def test_session_of_no_signer_awaits_every_signer(neurologist, other_neurologist, trainee):
    by_the_trainee = given_by(trainee, visited=trainee)
    unsaid = given_by(None, visited=trainee)
    by_a_signer = given_by(neurologist, visited=trainee)

    assert waiting_for(neurologist) == {by_the_trainee, unsaid, by_a_signer}
    assert waiting_for(other_neurologist) == {by_the_trainee, unsaid}


def test_session_of_a_deactivated_signer_awaits_the_others(neurologist, other_neurologist):
    left = given_by(neurologist, visited=neurologist)
    assert waiting_for(other_neurologist) == set()

    neurologist.is_active = False
    neurologist.save()

    assert waiting_for(other_neurologist) == {left}


def test_planned_signed_or_not_done_awaits_no_signer(neurologist):
    for fact in ("nothing", "a signature", "a cancelled visit", "a given dose in a removed row"):
        happen, _ = STATES[fact]
        happen(a_session(neurologist), neurologist)

    assert waiting_for(neurologist) == set()


def test_oldest_visit_is_listed_first(neurologist):
    late, early = (
        given_by(neurologist, visited=neurologist, day=builders.today() - dt.timedelta(days=days)) for days in (1, 40)
    )

    assert list(InjectionSession.objects.to_sign_by(neurologist)) == [early, late]


def test_typed_given_on_counts_as_given(neurologist):
    session = a_session(neurologist)

    assert session.day_given == timezone.localdate(session.visit.starts_at)
    assert not session.is_given
