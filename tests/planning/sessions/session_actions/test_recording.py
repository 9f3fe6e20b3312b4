"""Who the recorder is, vials, and the muscles of an earlier session."""

import datetime as dt

import pytest

from clinic.models import AuditEntry
from clinic.records.exceptions import Conflict
from planning.models import Injection, Vial
from planning.sessions.actions.injections import (
    add_injection,
    remove_injection,
    repeat_muscles,
)
from planning.sessions.actions.sessions import change_session
from planning.sessions.actions.vials import add_vial, change_vial, remove_vial
from tests import builders
from tests.planning.sessions.session_actions.session_steps import change, last_entry, refused, row_of

pytestmark = pytest.mark.django_db


# Who recorded


def test_last_user_who_types_a_given_value_is_the_recorder(neurologist, trainee, recording):
    version = recording.version

    change(row_of(recording), by=trainee, given_dose="1.11")
    recording.refresh_from_db()
    assert recording.recorder == trainee

    change(row_of(recording, "LS"), by=neurologist, not_given=True)
    recording.refresh_from_db()
    assert recording.recorder == neurologist

    # And the version of the session's details is unchanged
    assert recording.version == version


@pytest.mark.parametrize("values", [{"sites": 3}, {"note": "x"}, {"guidance": "emg"}])
def test_typing_shared_values_does_not_set_the_recorder(values, neurologist, trainee, recording):
    change(row_of(recording), by=trainee, **values)

    recording.refresh_from_db()
    assert recording.recorder == neurologist


def test_user_who_types_a_vial_is_the_recorder(neurologist, trainee, recording):
    vial = builders.a_vial(session=recording, by=trainee)
    recording.refresh_from_db()
    assert recording.recorder == trainee

    vial = change_vial(vial=vial, product=vial.session.product, by=neurologist, version=vial.version, lot_number="B")
    recording.refresh_from_db()
    assert recording.recorder == neurologist

    remove_vial(vial=vial, product=vial.session.product, by=trainee, version=vial.version)
    recording.refresh_from_db()
    assert recording.recorder == trainee


# Vials


def test_vial_is_stored_as_typed(neurologist, recording):
    typed = {
        "lot_number": "C1234-5",
        "expiry": "03/28",
        "size": "as printed",
        "diluent": "saline",
        "discarded": "none",
        "shared": "no",
    }

    vial = add_vial(session=recording, product=recording.product, by=neurologist, **typed)

    assert Vial.objects.filter(pk=vial.pk, session=recording, **typed).exists()
    assert last_entry() == ("added", [recording.visit.patient_id])


def test_empty_vial_is_rejected(neurologist, recording):
    with refused("lot number"):
        add_vial(session=recording, product=recording.product, by=neurologist, lot_number="", expiry="")


def test_stale_vial_is_a_conflict_unless_unchanged(neurologist, trainee, recording):
    vial = builders.a_vial(session=recording)
    change_vial(vial=vial, product=vial.session.product, by=trainee, version=vial.version, lot_number="B")

    with refused("has changed this", Conflict) as conflict:
        change_vial(vial=vial, product=vial.session.product, by=neurologist, version=vial.version, lot_number="C")
    assert conflict.value.current.lot_number == "B"
    change_vial(vial=vial, product=vial.session.product, by=neurologist, version=vial.version, lot_number="B")
    with refused("has changed this", Conflict):
        remove_vial(vial=vial, product=vial.session.product, by=neurologist, version=vial.version)


def test_vial_used_by_a_row_cannot_be_removed(neurologist, recording):
    vial, _ = builders.a_vial(session=recording), builders.a_vial(session=recording)
    row = change(row_of(recording), by=neurologist, vial=vial)

    with refused("names this vial"):
        remove_vial(vial=vial, product=vial.session.product, by=neurologist, version=vial.version)

    remove_injection(injection=row, product=row.session.product, by=neurologist, version=row.version)
    remove_vial(vial=vial, product=vial.session.product, by=neurologist, version=vial.version)
    row.refresh_from_db()
    assert row.vial is None
    assert last_entry() == ("removed", [recording.visit.patient_id])
    assert AuditEntry.objects.order_by("-pk").first().object_id == vial.pk


def test_removed_vial_can_be_removed_again_but_not_changed(neurologist, recording):
    vial, same = builders.a_vial(session=recording), Vial.objects.get()
    remove_vial(vial=vial, product=vial.session.product, by=neurologist, version=vial.version)

    remove_vial(vial=same, product=same.session.product, by=neurologist, version=same.version)
    with refused("was removed"):
        change_vial(vial=same, product=same.session.product, by=neurologist, version=same.version, lot_number="B")


# The muscles of an earlier session


@pytest.fixture
def earlier(neurologist, planned):
    """A signed session of the same patient, with all that must not be copied."""
    visit = builders.an_arrived_visit(
        clinician=neurologist, patient=planned.patient, day=builders.today() - dt.timedelta(weeks=12)
    )
    session = builders.a_planned_session(by=neurologist, visit=visit, muscles=())
    for short_name, side in (("SCM", "right"), ("SCM", "left"), ("LS", "left"), ("SCAL", "right")):
        add_injection(
            session=session, product=session.product, muscle=builders.a_muscle(short_name), side=side, by=neurologist
        )
    for row in session.injections.all():
        change(row, by=neurologist, planned_dose="1.11", sites=5, guidance="emg", note="note")
    builders.record(session, by=neurologist)
    vial, _ = builders.a_vial(session=session), builders.a_vial(session=session)
    left_out, *others = session.injections.filter(muscle__short_name="SCAL"), *session.injections.all()
    for row in others:
        if row.muscle.short_name != "SCAL":
            change(row, by=neurologist, given_dose="2.22", vial=vial)
    change(left_out.get(), by=neurologist, not_given=True, not_given_reason="Pain")
    session.refresh_from_db()
    change_session(session=session, by=neurologist, version=session.version, operator=neurologist)
    builders.sign(session, by=neurologist)
    session.refresh_from_db()
    return session


def test_same_muscles_copies_only_muscles_and_sides(neurologist, planned, earlier):
    added, left_out = repeat_muscles(session=planned, product=planned.product, earlier=earlier, by=neurologist)

    # Without existing rows, and without rows not given
    assert [(row.muscle.short_name, row.side) for row in added] == [("SCM", "left"), ("LS", "left")]
    assert left_out == []
    own = {"id", "session_id", "muscle_id", "side", "version", "removed_at"}
    nobody_typed = {"planned_typed_by_id": None, "given_typed_by_id": None, "typed_at": None}
    for values in Injection.objects.filter(pk__in=[row.pk for row in added]).values():
        assert {name: value for name, value in values.items() if name not in own} == nobody_typed | {
            "planned_dose": "",
            "given_dose": "",
            "not_given": False,
            "not_given_reason": "",
            "sites": None,
            "guidance": "",
            "vial_id": None,
            "note": "",
        }
    assert not planned.vials.exists()
    assert last_entry() == ("copied muscles and sides", [planned.visit.patient_id])


def test_same_muscles_twice_adds_no_further_rows(neurologist, planned, earlier):
    repeat_muscles(session=planned, product=planned.product, earlier=earlier, by=neurologist)

    assert repeat_muscles(session=planned, product=planned.product, earlier=earlier, by=neurologist) == ([], [])


def test_same_muscles_names_those_that_could_not_be_copied(neurologist, planned):
    visit = builders.an_arrived_visit(
        clinician=neurologist, patient=planned.patient, day=builders.today() - dt.timedelta(weeks=12)
    )
    earlier = builders.a_signed_session(
        by=neurologist, visit=visit, muscles=[("SCAL-A", "right"), ("LS", "left"), ("SCM", "left")]
    )
    add_injection(
        session=planned, product=planned.product, muscle=builders.a_muscle("SCAL"), side="right", by=neurologist
    )
    retired = builders.a_muscle("LS")
    retired.retire()
    retired.save()

    added, left_out = repeat_muscles(session=planned, product=planned.product, earlier=earlier, by=neurologist)

    assert [str(row) for row in added] == ["Sternocleidomastoid, left"]
    assert ["overlaps" in left_out[0], "retired" in left_out[1]] == [True, True]


def test_same_muscles_of_another_patient_are_rejected(neurologist, planned):
    foreign = builders.a_signed_session()

    with refused("another patient"):
        repeat_muscles(session=planned, product=planned.product, earlier=foreign, by=neurologist)


def test_same_muscles_of_an_unsigned_session_are_rejected(neurologist, planned):
    visit = builders.an_arrived_visit(
        clinician=neurologist, patient=planned.patient, day=builders.today() - dt.timedelta(weeks=12)
    )
    unsigned = builders.a_given_session(by=neurologist, visit=visit)

    with refused("not signed. Choose a signed session"):
        repeat_muscles(session=planned, product=planned.product, earlier=unsigned, by=neurologist)
