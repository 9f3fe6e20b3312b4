"""Planning a session, choosing its product, moving between plan and recording, its own details."""

import datetime as dt

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from clinic.records.exceptions import Conflict
from patients.models import VisitState
from planning.pages.actions.visits import change_visit_state
from planning.sessions.actions.consents import record_consent
from planning.sessions.actions.injections import (
    add_injection,
    remove_injection,
)
from planning.sessions.actions.sessions import change_session, choose_product, plan_session
from planning.sessions.actions.vials import add_vial, change_vial, remove_vial
from tests import builders
from tests.planning.sessions.session_actions.session_steps import change, last_entry, refused, row_of, stored

pytestmark = pytest.mark.django_db


# Planning


def test_planned_session_records_who_planned_it(neurologist):
    visit = builders.an_arrived_visit(clinician=neurologist)

    session = plan_session(visit=visit, by=neurologist)

    assert (session.visit, session.planned_by, session.product) == (visit, neurologist, None)
    assert last_entry() == ("planned", [visit.patient_id])


def test_second_product_is_a_second_session_of_the_visit(neurologist, planned):
    second = plan_session(visit=planned.visit, by=neurologist, product=builders.a_product("Dysport"))

    assert second.pk != planned.pk
    assert planned.visit.sessions.count() == 2


def test_session_cannot_be_planned_for_a_cancelled_visit(neurologist):
    visit = builders.an_arrived_visit(clinician=neurologist)
    change_visit_state(visit=visit, state=VisitState.CANCELLED, by=neurologist, version=visit.version, reason="Ill")

    with refused("The visit is cancelled"):
        plan_session(visit=visit, by=neurologist)


def test_session_cannot_be_planned_with_a_retired_product(neurologist):
    visit, product = builders.an_arrived_visit(clinician=neurologist), builders.a_product("Xeomin")
    product.retire()
    product.save()

    with refused("retired"):
        plan_session(visit=visit, by=neurologist, product=product)


# Product before dose


def test_dose_without_a_product_is_rejected(neurologist):
    session = builders.a_planned_session(by=neurologist, product=None)

    with refused("Choose the product first"):
        change(row_of(session), by=neurologist, planned_dose="1.11")
    with refused("Choose the product first"):
        builders.record(session, by=neurologist)


def test_product_is_chosen_without_confirmation_if_empty(neurologist, planned):
    changed = choose_product(
        session=planned, product=builders.a_product("Dysport"), by=neurologist, version=planned.version
    )

    assert changed.product.brand_name == "Dysport"
    assert last_entry() == ("chose product", [planned.visit.patient_id])


def two_vials_and_a_removed_row(recording, neurologist):
    """Doses planned and given, vials, a muscle twice with two vials, and a removed row that has a dose."""
    one = builders.a_vial(session=recording, lot_number="A")
    other = builders.a_vial(session=recording, lot_number="B")
    change(row_of(recording), by=neurologist, given_dose="1.11", vial=one, sites=3, guidance="emg")
    twin = add_injection(
        session=recording,
        product=recording.product,
        muscle=builders.a_muscle(),
        side="right",
        by=neurologist,
        another_vial=True,
    )
    change(twin, by=neurologist, given_dose="2.22", vial=other)
    removed = change(row_of(recording, "LS"), by=neurologist, given_dose="3.33", vial=one)
    remove_injection(injection=removed, product=removed.session.product, by=neurologist, version=removed.version)
    recording.refresh_from_db()
    return twin, removed


def test_change_of_product_needs_confirmation(neurologist, recording):
    two_vials_and_a_removed_row(recording, neurologist)

    with refused("Doses and vials belong to Botox.*3 doses, 2 vials.*does not restore it"):
        choose_product(
            session=recording, product=builders.a_product("Dysport"), by=neurologist, version=recording.version
        )


def test_change_of_product_empties_doses_and_vials_for_good(neurologist, recording):
    # Given doses and vials, of a removed row too
    twin, removed = two_vials_and_a_removed_row(recording, neurologist)

    # When the product is changed, confirmed, and changed back
    for brand in ("Dysport", "Botox"):
        recording = choose_product(
            session=recording,
            product=builders.a_product(brand),
            by=neurologist,
            version=recording.version,
            empties_confirmed=True,
        )

        # Then no dose and no vial is left, in no row
        rows = recording.injections.all()
        assert {(row.planned_dose, row.given_dose, row.vial) for row in rows} == {("", "", None)}
        assert not recording.vials.exists()

    # And what is not of the product stays, in one row for each muscle and side
    assert [(row.sites, row.guidance) for row in recording.injections.active()] == [(3, "emg")]
    twin.refresh_from_db()
    assert twin.removed_at is not None

    # And the restored row is empty too
    builders.restore_row(removed, by=neurologist)
    removed.refresh_from_db()
    assert (removed.planned_dose, removed.given_dose, removed.vial) == ("", "", None)


def test_choosing_the_current_product_succeeds_when_stale(neurologist, planned):
    before = stored()

    choose_product(
        session=planned, product=planned.product, by=neurologist, version=planned.version - 1, empties_confirmed=True
    )

    assert stored() == before


def test_stale_choice_of_product_is_a_conflict(neurologist, planned):
    with refused("has changed this", Conflict):
        choose_product(
            session=planned,
            product=builders.a_product("Dysport"),
            by=neurologist,
            version=planned.version + 1,
            empties_confirmed=True,
        )


def test_retired_product_cannot_be_chosen_but_stays_if_chosen(neurologist, planned):
    for brand in ("Botox", "Dysport"):
        product = builders.a_product(brand)
        product.retire()
        product.save()

    with refused("retired"):
        choose_product(session=planned, product=product, by=neurologist, version=planned.version)
    change(row_of(planned), by=neurologist, planned_dose="1.11")
    choose_product(session=planned, product=builders.a_product("Botox"), by=neurologist, version=planned.version)


# From plan to recording, and back


def test_user_who_starts_recording_is_the_recorder(neurologist, trainee, planned):
    session = builders.record(planned, by=trainee)

    assert session.is_recording
    assert session.recorder == trainee
    assert last_entry() == ("started recording", [planned.visit.patient_id])


def test_starting_twice_has_no_further_effect(neurologist, trainee, recording):
    before = stored()

    builders.record(recording, by=trainee)

    assert stored() == before


def test_recording_before_the_visit_date_is_refused(neurologist):
    visit = builders.a_visit(clinician=neurologist, day=builders.today() + dt.timedelta(days=2))
    session = builders.a_planned_session(by=neurologist, visit=visit)

    with refused("can be recorded from that day on"):
        builders.record(session, by=neurologist)


def test_return_to_plan_keeps_given_values(neurologist, recording):
    change(row_of(recording), by=neurologist, given_dose="1.11")

    session = builders.plan_again(recording, by=neurologist)

    assert not session.is_recording
    assert row_of(session).given_dose == "1.11"
    assert session.state == "given"
    assert last_entry() == ("went back to the plan", [session.visit.patient_id])


def test_returning_to_plan_twice_has_no_further_effect(neurologist, planned):
    before = stored()

    builders.plan_again(planned, by=neurologist)

    assert stored() == before


def test_given_values_are_rejected_while_planning(neurologist, planned):
    row = row_of(planned)
    change(row, by=neurologist, planned_dose="1.11")
    row.refresh_from_db()

    for values in ({"given_dose": "2.22"}, {"not_given": True}, {"not_given": True, "not_given_reason": "Pain"}):
        with refused("Start recording"):
            change(row, by=neurologist, **values)
    with refused("Start recording"):
        change_session(session=planned, by=neurologist, version=planned.version, given_on=builders.today())
    with refused("Start recording what was given"):
        add_vial(session=planned, product=planned.product, by=neurologist, lot_number="A")


def test_planned_values_are_rejected_while_recording(neurologist, recording):
    with refused("Go back to the plan"):
        change(row_of(recording), by=neurologist, planned_dose="1.11")


def test_unchanged_values_are_accepted_in_either_phase(neurologist, planned):
    row = change(row_of(planned), by=neurologist, planned_dose="1.11")
    builders.record(planned, by=neurologist)

    row = change(row, by=neurologist, planned_dose="1.11", given_dose="2.22")

    assert (row.planned_dose, row.given_dose) == ("1.11", "2.22")


def test_row_with_a_given_dose_cannot_be_removed_in_the_plan(neurologist, recording):
    row = change(row_of(recording), by=neurologist, given_dose="1.11")
    builders.plan_again(recording, by=neurologist)

    with refused("Start recording to remove it"):
        remove_injection(injection=row, product=row.session.product, by=neurologist, version=row.version)


def test_vials_cannot_be_changed_or_removed_in_the_plan(neurologist, recording):
    vial = builders.a_vial(session=recording)
    builders.plan_again(recording, by=neurologist)

    with refused("Start recording what was given"):
        change_vial(vial=vial, product=vial.session.product, by=neurologist, version=vial.version, lot_number="B")
    with refused("Start recording what was given"):
        remove_vial(vial=vial, product=vial.session.product, by=neurologist, version=vial.version)


# The session's own details


def test_operator_must_be_a_clinician(neurologist, trainee, staff, superuser, recording):
    session = change_session(session=recording, by=neurologist, version=recording.version, operator=trainee)
    assert session.operator == trainee
    assert last_entry() == ("changed", [recording.visit.patient_id])

    for person in (staff, superuser):
        with refused("neurologist or a trainee"):
            change_session(session=session, by=neurologist, version=session.version, operator=person)
    assert change_session(session=session, by=neurologist, version=session.version, operator=None).operator is None


def test_deactivated_operator_stays_when_details_change(neurologist, trainee, recording):
    session = change_session(session=recording, by=neurologist, version=recording.version, operator=trainee)
    trainee.is_active = False
    trainee.save()

    session = change_session(session=session, by=neurologist, version=session.version, operator=trainee, notes="x")

    assert (session.operator, session.notes) == (trainee, "x")


def test_given_on_cannot_be_in_the_future(neurologist, recording):
    tomorrow = builders.today() + dt.timedelta(days=1)

    with refused("is in the future", ValidationError):
        change_session(session=recording, by=neurologist, version=recording.version, given_on=tomorrow)


def test_day_given_is_the_visit_date_unless_changed(neurologist, recording):
    assert recording.day_given == recording.visit.day

    yesterday = builders.today() - dt.timedelta(days=1)
    session = change_session(session=recording, by=neurologist, version=recording.version, given_on=yesterday)
    assert session.day_given == yesterday


def test_stale_details_are_a_conflict_unless_unchanged(neurologist, trainee, recording):
    change_session(session=recording, by=trainee, version=recording.version, notes="one")

    with refused("has changed this", Conflict) as conflict:
        change_session(session=recording, by=neurologist, version=recording.version, notes="two")
    assert conflict.value.current.notes == "one"
    change_session(session=recording, by=neurologist, version=recording.version, notes="one")


def test_consent_is_recorded_and_linked_to_the_session(neurologist, planned):
    consent = builders.a_consent(session=planned, by=neurologist)

    planned.refresh_from_db()
    assert planned.consent == consent
    assert (consent.patient, consent.recorded_by) == (planned.patient, neurologist)
    assert last_entry() == ("recorded consent", [planned.visit.patient_id])


@pytest.mark.parametrize(
    "values", [{"given_by": ""}, {"form_version": ""}, {"given_on": timezone.localdate() + dt.timedelta(days=2)}]
)
def test_incomplete_or_future_consent_is_rejected(values, neurologist, planned):
    typed = {"given_by": "The patient", "given_on": builders.today(), "form_version": "1", **values}

    with refused(None, ValidationError):
        record_consent(session=planned, by=neurologist, **typed)


def test_consent_of_another_patient_is_rejected(neurologist, planned):
    foreign = builders.a_consent(session=builders.a_planned_session())

    with refused("another patient"):
        change_session(session=planned, by=neurologist, version=planned.version, consent=foreign)
