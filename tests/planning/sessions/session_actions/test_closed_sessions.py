"""A session that is signed, not done or cancelled, or of another patient, accepts no changes."""

import pytest

from clinic.models import AuditEntry
from patients.models import VisitState
from planning.models import InjectionSession, Vial
from planning.pages.actions.visits import change_visit_state
from planning.sessions.actions.injections import (
    add_injection,
    remove_injection,
    repeat_muscles,
)
from planning.sessions.actions.sessions import change_session, choose_product
from planning.sessions.actions.vials import add_vial, change_vial, remove_vial
from tests import builders
from tests.planning.sessions.session_actions.session_steps import change, refused, row_of

pytestmark = pytest.mark.django_db


# Ended sessions


def sign(session):
    builders.sign(session, by=session.visit.clinician)


def cancel(session):
    for row in session.injections.all():
        change(row, by=session.visit.clinician, given_dose="")
    for vial in session.vials.all():
        vial.delete()
    visit = session.visit
    change_visit_state(visit=visit, state=VisitState.CANCELLED, by=visit.clinician, version=visit.version, reason="Ill")


def cancel_only_the_visit(session):
    type(session.visit).objects.filter(pk=session.visit_id).update(state=VisitState.NO_SHOW)


ENDS = {
    "signed": (sign, "This session is signed"),
    "not done": (cancel, "This session was not done: Cancelled: Ill"),
    "visit no-show": (cancel_only_the_visit, "The visit is no-show"),
}
WRITES = {
    "add a row": lambda s, by: add_injection(
        session=s, product=s.product, muscle=builders.a_muscle("LS"), side="left", by=by
    ),
    "change a row": lambda s, by: change(row_of(s), by=by, note="x"),
    "type a dose": lambda s, by: change(row_of(s), by=by, given_dose="9.99"),
    "repeat a row": lambda s, by: change(row_of(s), by=by, note=row_of(s).note),
    "remove a row": lambda s, by: remove_injection(
        injection=row_of(s), product=row_of(s).session.product, by=by, version=row_of(s).version
    ),
    "put a row back": lambda s, by: builders.restore_row(s.injections.exclude(removed_at=None).get(), by=by),
    "set guidance": lambda s, by: builders.set_guidance(s, "emg", by=by),
    "same muscles": lambda s, by: repeat_muscles(session=s, product=s.product, earlier=s, by=by),
    "choose the product": lambda s, by: choose_product(
        session=s, product=builders.a_product("Dysport"), by=by, version=s.version, empties_confirmed=True
    ),
    "change the session": lambda s, by: change_session(session=s, by=by, version=s.version, notes="x"),
    "start recording": lambda s, by: builders.record(s, by=by),
    "back to plan": lambda s, by: builders.plan_again(s, by=by),
    "add a vial": lambda s, by: add_vial(session=s, product=s.product, by=by, lot_number="B"),
    "record a consent": lambda s, by: builders.a_consent(session=s, by=by),
}


@pytest.mark.parametrize("end", ENDS)
def test_ended_session_accepts_no_changes(end, neurologist):
    session = builders.a_given_session(by=neurologist)
    row = add_injection(
        session=session, product=session.product, muscle=builders.a_muscle("SCAL"), side="left", by=neurologist
    )
    remove_injection(injection=row, product=row.session.product, by=neurologist, version=row.version)
    come_to_its_end, message = ENDS[end]
    come_to_its_end(session)
    session = InjectionSession.objects.get(pk=session.pk)

    for write in WRITES.values():
        with refused(message):
            write(session, neurologist)


@pytest.mark.parametrize("end", ENDS)
def test_vials_of_an_ended_session_cannot_change(end, neurologist):
    session = builders.a_given_session(by=neurologist)
    come_to_its_end, message = ENDS[end]
    if end != "not done":
        builders.a_vial(session=session)
    come_to_its_end(session)
    vial = Vial.objects.first() or Vial(session=session)

    with refused(message):
        change_vial(vial=vial, product=vial.session.product, by=neurologist, version=vial.version, lot_number="B")
    with refused(message):
        remove_vial(vial=vial, product=vial.session.product, by=neurologist, version=vial.version)


# Two patients


def test_entries_cannot_be_linked_across_patients(neurologist):
    # Given two patients whose sessions are open at once, on two pages
    one = builders.record(builders.a_planned_session(by=neurologist), by=neurologist)
    visit = builders.an_arrived_visit(clinician=neurologist, hour=12)
    other = builders.record(builders.a_planned_session(by=neurologist, visit=visit), by=neurologist)
    before = other.content()

    # When everything is done to the one
    vial, _ = builders.a_vial(session=one), builders.a_vial(session=one)
    change(row_of(one), by=neurologist, given_dose="1.11", vial=vial)
    remove_injection(
        injection=row_of(one, "LS"),
        product=row_of(one, "LS").session.product,
        by=neurologist,
        version=row_of(one, "LS").version,
    )
    builders.set_guidance(one, "emg", by=neurologist)
    builders.a_consent(session=one)
    one.refresh_from_db()
    change_session(session=one, by=neurologist, version=one.version, operator=neurologist, notes="x")
    record = builders.sign(one, by=neurologist)

    # Then the other is what it was, and the record is of the one
    assert InjectionSession.objects.get(pk=other.pk).content() == before
    assert record.content["patient"]["id"] == one.patient.pk
    assert set(AuditEntry.objects.filter(action="signed").values_list("patients__patient_id", flat=True)) == {
        one.patient.pk
    }
