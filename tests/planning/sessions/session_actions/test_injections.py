"""Adding, changing, removing and restoring the rows of a session."""

import threading

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from clinic.records.exceptions import Conflict
from planning.models import Guidance, Muscle, Sides
from planning.sessions.actions.injections import (
    add_injection,
    add_injections,
    remove_injection,
    restore_injection,
)
from planning.sessions.actions.vials import remove_vial
from tests import builders
from tests.planning.sessions.session_actions.session_steps import change, last_entry, refused, row_of, stored

pytestmark = pytest.mark.django_db


def test_row_is_added_without_a_dose(neurologist, planned):
    row = add_injection(
        session=planned, product=planned.product, muscle=builders.a_muscle("SCAL"), side="left", by=neurologist
    )

    assert (row.planned_dose, row.given_dose, row.sites, row.guidance, row.note) == ("", "", None, "", "")
    assert last_entry() == ("added", [planned.visit.patient_id])


def test_adding_an_existing_muscle_and_side_returns_its_row(neurologist, planned):
    before = stored()

    again = add_injection(
        session=planned, product=planned.product, muscle=builders.a_muscle(), side="right", by=neurologist
    )

    assert again == row_of(planned)
    assert stored() == before


@pytest.mark.engine
@pytest.mark.django_db(transaction=True)
def test_concurrent_additions_create_one_row(trainee):
    planned, made = builders.a_planned_session(by=trainee), []

    def add():
        try:
            row = add_injection(
                session=planned, product=planned.product, muscle=builders.a_muscle("SCAL"), side="left", by=trainee
            )
            made.append(row.pk)
        finally:
            connection.close()

    threads = [threading.Thread(target=add) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(made) == 8
    assert len(set(made)) == 1


@pytest.mark.parametrize(
    ("sides", "allowed"),
    [
        (Sides.LATERAL, {"right", "left"}),
        (Sides.ANY, {"right", "left", "midline"}),
        (Sides.MIDLINE, {"midline"}),
    ],
)
@pytest.mark.parametrize("side", ["right", "left", "midline", "both", ""])
def test_only_sides_of_the_muscle_can_be_added(sides, allowed, side, neurologist, planned):
    muscle = Muscle(name="Platysma", short_name="PLAT", sides=sides)
    muscle.save()

    if side in allowed:
        assert (
            add_injection(session=planned, product=planned.product, muscle=muscle, side=side, by=neurologist).side
            == side
        )
    else:
        with refused("Platysma has no"):
            add_injection(session=planned, product=planned.product, muscle=muscle, side=side, by=neurologist)


def test_retired_muscle_cannot_be_added_but_keeps_its_row(neurologist, planned):
    muscle = builders.a_muscle()
    muscle.retire()
    muscle.save()

    with refused("retired"):
        add_injection(session=planned, product=planned.product, muscle=muscle, side="left", by=neurologist)
    assert change(row_of(planned), by=neurologist, planned_dose="1.11").planned_dose == "1.11"


@pytest.mark.parametrize(("first", "second"), [("SCAL", "SCAL-M"), ("SCAL-M", "SCAL")])
def test_group_and_its_part_cannot_be_on_one_side(first, second, neurologist, planned):
    add_injection(
        session=planned, product=planned.product, muscle=builders.a_muscle(first), side="right", by=neurologist
    )

    with refused("overlaps"):
        add_injection(
            session=planned, product=planned.product, muscle=builders.a_muscle(second), side="right", by=neurologist
        )
    add_injection(
        session=planned, product=planned.product, muscle=builders.a_muscle(second), side="left", by=neurologist
    )


def test_two_parts_of_a_group_can_be_on_one_side(neurologist, planned):
    for part in ("SCAL-A", "SCAL-M", "SCAL-P"):
        add_injection(
            session=planned, product=planned.product, muscle=builders.a_muscle(part), side="right", by=neurologist
        )

    assert planned.injections.active().count() == 5


def test_both_sides_of_a_muscle_are_added_or_none(neurologist, planned):
    rows = add_injections(
        session=planned,
        product=planned.product,
        muscle=builders.a_muscle("SCAL"),
        sides=["right", "left"],
        by=neurologist,
    )
    assert [row.side for row in rows] == ["right", "left"]

    part = builders.a_muscle("SCAL-A")
    remove_injection(injection=rows[1], product=rows[1].session.product, by=neurologist, version=rows[1].version)
    with refused("overlaps"):
        add_injections(session=planned, product=planned.product, muscle=part, sides=["left", "right"], by=neurologist)


@pytest.mark.engine
def test_second_row_of_a_muscle_and_side_needs_another_vial(neurologist, recording):
    vial, other = builders.a_vial(session=recording), builders.a_vial(session=recording)
    muscle = builders.a_muscle()

    # Without a vial in the first row, it is the one
    def add():
        return add_injection(
            session=recording, product=recording.product, muscle=muscle, side="right", by=neurologist, another_vial=True
        )

    first = add()
    assert first == row_of(recording)

    # With one, a second row is added, for another vial only
    first = change(first, by=neurologist, vial=vial)
    second = add()
    assert second != first
    with refused("already in the list with this vial"):
        change(second, by=neurologist, vial=vial)
    second = change(second, by=neurologist, vial=other)

    # And of several without a vial there is one
    assert add() == add()
    with refused("already in the list with this vial"):
        change(second, by=neurologist, vial=None)


def test_row_can_name_only_existing_vials_of_its_session(neurologist, recording):
    foreign = builders.a_vial(session=builders.record(builders.a_planned_session(), by=neurologist))
    gone = builders.a_vial(session=recording)
    remove_vial(vial=gone, product=gone.session.product, by=neurologist, version=gone.version)

    for vial in (foreign, gone):
        with refused("does not belong to this session"):
            change(row_of(recording), by=neurologist, vial=vial)


def test_changed_row_is_stored_and_audited(neurologist, recording):
    row = change(
        row_of(recording), by=neurologist, given_dose="1.11", sites=4, guidance=Guidance.EMG, note="Two passes"
    )

    row.refresh_from_db()
    assert (row.given_dose, row.sites, row.guidance, row.note) == ("1.11", 4, "emg", "Two passes")
    assert last_entry() == ("changed", [recording.visit.patient_id])


@pytest.mark.parametrize("values", [{"given_dose": "2,5"}, {"sites": 0}, {"sites": 100}, {"guidance": "x-ray"}])
def test_invalid_values_are_rejected(values, neurologist, recording):
    with refused(None, ValidationError):
        change(row_of(recording), by=neurologist, **values)


def test_stale_row_is_a_conflict_with_the_stored_values(neurologist, trainee, recording):
    row = row_of(recording)
    change(row, by=trainee, given_dose="1.11")

    with refused("has changed this", Conflict) as conflict:
        change(row, by=neurologist, given_dose="2.22")
    assert conflict.value.current.given_dose == "1.11"


def test_repeated_change_of_a_row_succeeds(neurologist, recording):
    row = row_of(recording)
    change(row, by=neurologist, given_dose="1.11", note="x")
    before = stored()

    again = change(row, by=neurologist, given_dose="1.11", note="x")

    assert again.version == row.version + 1
    assert stored() == before


def test_two_rows_do_not_conflict_with_each_other(neurologist, trainee, recording):
    scm, ls = row_of(recording), row_of(recording, "LS")

    change(scm, by=neurologist, given_dose="1.11")
    change(ls, by=trainee, given_dose="2.22")

    assert [row.given_dose for row in recording.injections.in_order()] == ["1.11", "2.22"]


def test_row_is_either_not_given_or_has_a_given_dose(neurologist, recording):
    row = change(row_of(recording), by=neurologist, given_dose="1.11")

    with refused("A given dose is typed"):
        change(row, by=neurologist, not_given=True)
    row = change(row, by=neurologist, given_dose="", not_given=True, not_given_reason="Pain")
    assert row.not_given
    with refused("A given dose is typed"):
        change(row, by=neurologist, given_dose="1.11")


def test_reason_for_not_given_needs_not_given(neurologist, recording):
    with refused("Clear it first"):
        change(row_of(recording), by=neurologist, not_given_reason="Pain")
    row = change(row_of(recording), by=neurologist, not_given=True, not_given_reason="Pain")
    with refused("Clear it first"):
        change(row, by=neurologist, not_given=False)
    change(row, by=neurologist, not_given=False, not_given_reason="")


@pytest.mark.engine
def test_removed_row_is_restored_as_typed(neurologist, recording):
    row = change(row_of(recording), by=neurologist, given_dose="1.11", sites=2)

    row = remove_injection(injection=row, product=row.session.product, by=neurologist, version=row.version)
    assert row not in recording.injections.active()
    assert last_entry() == ("removed", [recording.visit.patient_id])

    row = builders.restore_row(row, by=neurologist)
    assert (row.removed_at, row.given_dose, row.sites) == (None, "1.11", 2)
    assert last_entry() == ("restored", [recording.visit.patient_id])


def test_removing_and_restoring_twice_has_no_further_effect(neurologist, planned):
    row = row_of(planned)
    for repeat in (remove_injection, restore_injection):
        read = {"version": builders.now(row).version}
        repeat(injection=row, product=planned.product, by=neurologist, **read)
        before = stored()
        repeat(injection=row, product=planned.product, by=neurologist, **read)
        assert stored() == before


def test_removed_row_accepts_no_changes(neurologist, planned):
    row = remove_injection(
        injection=row_of(planned),
        product=row_of(planned).session.product,
        by=neurologist,
        version=row_of(planned).version,
    )

    with refused("was removed"):
        change(row, by=neurologist, planned_dose="1.11")


def test_row_cannot_be_restored_next_to_its_replacement(neurologist, planned):
    row = remove_injection(
        injection=row_of(planned),
        product=row_of(planned).session.product,
        by=neurologist,
        version=row_of(planned).version,
    )
    add_injection(session=planned, product=planned.product, muscle=row.muscle, side=row.side, by=neurologist)

    with refused("added again"):
        builders.restore_row(row, by=neurologist)


def test_part_cannot_be_restored_next_to_its_group(neurologist, planned):
    part = add_injection(
        session=planned, product=planned.product, muscle=builders.a_muscle("SCAL-A"), side="right", by=neurologist
    )
    remove_injection(injection=part, product=part.session.product, by=neurologist, version=part.version)
    add_injection(
        session=planned, product=planned.product, muscle=builders.a_muscle("SCAL"), side="right", by=neurologist
    )

    with refused("overlaps"):
        builders.restore_row(part, by=neurologist)


def test_guidance_is_set_for_every_active_row(neurologist, planned):
    remove_injection(
        injection=row_of(planned, "LS"),
        product=row_of(planned, "LS").session.product,
        by=neurologist,
        version=row_of(planned, "LS").version,
    )

    builders.set_guidance(planned, Guidance.ULTRASOUND, by=neurologist)

    assert [row.guidance for row in planned.injections.in_order()] == ["ultrasound", ""]
    assert last_entry() == ("set guidance", [planned.visit.patient_id])


def test_unknown_guidance_is_rejected_for_all_rows(neurologist, planned):
    with refused(None, ValidationError):
        builders.set_guidance(planned, "x-ray", by=neurologist)
