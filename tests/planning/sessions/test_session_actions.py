"""What may be written to a session, when, and what an action leaves behind when it refuses."""

import datetime as dt
import threading
from contextlib import contextmanager
from types import SimpleNamespace

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.utils import timezone

from clinic.models import AuditEntry
from clinic.records.exceptions import Conflict, Refused
from patients.models import VisitState
from planning.models import Consent, Guidance, Injection, InjectionSession, Muscle, Sides, Vial
from planning.pages.actions.visits import change_visit_state
from planning.sessions.actions.consents import record_consent
from planning.sessions.actions.injections import (
    add_injection,
    add_injections,
    change_injection,
    remove_injection,
    repeat_muscles,
    restore_injection,
)
from planning.sessions.actions.sessions import change_session, choose_product, plan_session
from planning.sessions.actions.vials import add_vial, change_vial, remove_vial
from tests import builders

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def made_world(module_transaction):
    """Two sessions of one neurologist, at hours at which no test books."""
    neurologist = builders.a_clinician()
    planned, recording = (
        builders.a_planned_session(by=neurologist, visit=builders.an_arrived_visit(clinician=neurologist, hour=hour))
        for hour in (4, 5)
    )
    recording = builders.record(recording, by=neurologist)
    return SimpleNamespace(neurologist=neurologist, planned=planned, recording=recording)


@pytest.fixture
def neurologist(world):
    return world.neurologist


@pytest.fixture
def planned(world):
    return world.planned


@pytest.fixture
def recording(world):
    return world.recording


def row_of(session, short_name="SCM"):
    return session.injections.active().filter(muscle__short_name=short_name).order_by("pk").first()


def change(row, *, by, **values):
    return change_injection(injection=row, product=row.session.product, by=by, version=row.version, **values)


def stored():
    """All that the database holds of sessions, to compare before and after."""
    return [list(model.objects.order_by("pk").values()) for model in (InjectionSession, Injection, Vial, Consent)]


def last_entry():
    entry = AuditEntry.objects.order_by("-pk").first()
    return entry.action, [row.patient_id for row in entry.patients.all()]


@contextmanager
def refused(sentence, kind=Refused):
    """Inside, an action is refused with that sentence: nothing is stored, and the trail holds no deed."""
    before = stored(), AuditEntry.objects.count()
    with pytest.raises(kind, match=sentence) as refusal:
        yield refusal
    assert (stored(), AuditEntry.objects.count()) == before


# Planning


def test_a_session_is_planned_for_a_visit_and_tells_who_planned_it(neurologist):
    visit = builders.an_arrived_visit(clinician=neurologist)

    session = plan_session(visit=visit, by=neurologist)

    assert (session.visit, session.planned_by, session.product) == (visit, neurologist, None)
    assert last_entry() == ("planned", [visit.patient_id])


def test_a_second_product_is_a_second_session_of_the_visit(neurologist, planned):
    second = plan_session(visit=planned.visit, by=neurologist, product=builders.a_product("Dysport"))

    assert second.pk != planned.pk
    assert planned.visit.sessions.count() == 2


def test_no_session_is_planned_for_a_visit_that_has_fallen_even_if_the_page_did_not_know(neurologist):
    visit = builders.an_arrived_visit(clinician=neurologist)
    change_visit_state(visit=visit, state=VisitState.CANCELLED, by=neurologist, version=visit.version, reason="Ill")

    with refused("The visit is cancelled"):
        plan_session(visit=visit, by=neurologist)


def test_no_session_is_planned_with_a_retired_product(neurologist):
    visit, product = builders.an_arrived_visit(clinician=neurologist), builders.a_product("Xeomin")
    product.retire()
    product.save()

    with refused("retired"):
        plan_session(visit=visit, by=neurologist, product=product)


# Product before dose


def test_no_dose_is_taken_before_a_product_is_chosen(neurologist):
    session = builders.a_planned_session(by=neurologist, product=None)

    with refused("Choose the product first"):
        change(row_of(session), by=neurologist, planned_dose="1.11")
    with refused("Choose the product first"):
        builders.record(session, by=neurologist)


def test_a_product_is_chosen_without_a_question_where_nothing_is_typed(neurologist, planned):
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


def test_changing_the_product_is_refused_until_it_is_confirmed_and_says_what_goes(neurologist, recording):
    two_vials_and_a_removed_row(recording, neurologist)

    with refused("Doses and vials belong to Botox.*3 doses, 2 vials.*does not restore it"):
        choose_product(
            session=recording, product=builders.a_product("Dysport"), by=neurologist, version=recording.version
        )


def test_changing_the_product_empties_doses_and_vials_of_all_rows_and_changing_back_restores_none(
    neurologist, recording
):
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

    # And the row that is put back is empty too
    builders.put_back(removed, by=neurologist)
    removed.refresh_from_db()
    assert (removed.planned_dose, removed.given_dose, removed.vial) == ("", "", None)


def test_choosing_the_product_that_stands_already_is_a_success_however_old_the_page(neurologist, planned):
    before = stored()

    choose_product(
        session=planned, product=planned.product, by=neurologist, version=planned.version - 1, empties_confirmed=True
    )

    assert stored() == before


def test_a_stale_page_chooses_no_product(neurologist, planned):
    with refused("has changed this", Conflict):
        choose_product(
            session=planned,
            product=builders.a_product("Dysport"),
            by=neurologist,
            version=planned.version + 1,
            empties_confirmed=True,
        )


def test_a_retired_product_is_not_chosen_but_stays_where_it_stands(neurologist, planned):
    for brand in ("Botox", "Dysport"):
        product = builders.a_product(brand)
        product.retire()
        product.save()

    with refused("retired"):
        choose_product(session=planned, product=product, by=neurologist, version=planned.version)
    change(row_of(planned), by=neurologist, planned_dose="1.11")
    choose_product(session=planned, product=builders.a_product("Botox"), by=neurologist, version=planned.version)


# From plan to recording, and back


def test_recording_starts_with_whoever_started_it_as_recorder(neurologist, trainee, planned):
    session = builders.record(planned, by=trainee)

    assert session.is_recording
    assert session.recorder == trainee
    assert last_entry() == ("started recording", [planned.visit.patient_id])


def test_starting_twice_changes_nothing_the_second_time(neurologist, trainee, recording):
    before = stored()

    builders.record(recording, by=trainee)

    assert stored() == before


def test_nothing_is_recorded_before_the_day_of_the_visit(neurologist):
    visit = builders.a_visit(clinician=neurologist, day=builders.today() + dt.timedelta(days=2))
    session = builders.a_planned_session(by=neurologist, visit=visit)

    with refused("can be recorded from that day on"):
        builders.record(session, by=neurologist)


def test_going_back_to_the_plan_keeps_what_was_given(neurologist, recording):
    change(row_of(recording), by=neurologist, given_dose="1.11")

    session = builders.plan_again(recording, by=neurologist)

    assert not session.is_recording
    assert row_of(session).given_dose == "1.11"
    assert session.state == "given"
    assert last_entry() == ("went back to the plan", [session.visit.patient_id])


def test_going_back_twice_changes_nothing_the_second_time(neurologist, planned):
    before = stored()

    builders.plan_again(planned, by=neurologist)

    assert stored() == before


def test_while_planning_only_the_plan_is_typed(neurologist, planned):
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


def test_while_recording_the_plan_is_not_typed(neurologist, recording):
    with refused("Go back to the plan"):
        change(row_of(recording), by=neurologist, planned_dose="1.11")


def test_what_stands_already_may_be_sent_in_either_phase(neurologist, planned):
    row = change(row_of(planned), by=neurologist, planned_dose="1.11")
    builders.record(planned, by=neurologist)

    row = change(row, by=neurologist, planned_dose="1.11", given_dose="2.22")

    assert (row.planned_dose, row.given_dose) == ("1.11", "2.22")


def test_in_the_plan_a_row_with_a_given_dose_is_not_removed(neurologist, recording):
    row = change(row_of(recording), by=neurologist, given_dose="1.11")
    builders.plan_again(recording, by=neurologist)

    with refused("Start recording to remove it"):
        remove_injection(injection=row, product=row.session.product, by=neurologist, version=row.version)


def test_vials_are_neither_changed_nor_removed_in_the_plan(neurologist, recording):
    vial = builders.a_vial(session=recording)
    builders.plan_again(recording, by=neurologist)

    with refused("Start recording what was given"):
        change_vial(vial=vial, product=vial.session.product, by=neurologist, version=vial.version, lot_number="B")
    with refused("Start recording what was given"):
        remove_vial(vial=vial, product=vial.session.product, by=neurologist, version=vial.version)


# Rows


def test_a_row_is_added_without_a_dose(neurologist, planned):
    row = add_injection(
        session=planned, product=planned.product, muscle=builders.a_muscle("SCAL"), side="left", by=neurologist
    )

    assert (row.planned_dose, row.given_dose, row.sites, row.guidance, row.note) == ("", "", None, "", "")
    assert last_entry() == ("added", [planned.visit.patient_id])


def test_adding_a_muscle_and_side_that_stand_gives_their_row(neurologist, planned):
    before = stored()

    again = add_injection(
        session=planned, product=planned.product, muscle=builders.a_muscle(), side="right", by=neurologist
    )

    assert again == row_of(planned)
    assert stored() == before


@pytest.mark.engine
@pytest.mark.django_db(transaction=True)
def test_adding_at_the_same_moment_gives_one_row(trainee):
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
def test_only_the_sides_that_a_muscle_has_are_added(sides, allowed, side, neurologist, planned):
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


def test_a_retired_muscle_is_not_added_but_goes_on_where_it_stands(neurologist, planned):
    muscle = builders.a_muscle()
    muscle.retire()
    muscle.save()

    with refused("retired"):
        add_injection(session=planned, product=planned.product, muscle=muscle, side="left", by=neurologist)
    assert change(row_of(planned), by=neurologist, planned_dose="1.11").planned_dose == "1.11"


@pytest.mark.parametrize(("first", "second"), [("SCAL", "SCAL-M"), ("SCAL-M", "SCAL")])
def test_a_group_and_its_part_do_not_both_stand_on_one_side(first, second, neurologist, planned):
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


def test_two_parts_of_a_group_stand_on_one_side(neurologist, planned):
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
def test_a_second_row_of_a_muscle_and_side_needs_another_vial(neurologist, recording):
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


def test_a_row_names_a_vial_of_its_own_session_that_is_still_there(neurologist, recording):
    foreign = builders.a_vial(session=builders.record(builders.a_planned_session(), by=neurologist))
    gone = builders.a_vial(session=recording)
    remove_vial(vial=gone, product=gone.session.product, by=neurologist, version=gone.version)

    for vial in (foreign, gone):
        with refused("does not belong to this session"):
            change(row_of(recording), by=neurologist, vial=vial)


def test_what_is_typed_into_a_row_is_kept_and_audited(neurologist, recording):
    row = change(
        row_of(recording), by=neurologist, given_dose="1.11", sites=4, guidance=Guidance.EMG, note="Two passes"
    )

    row.refresh_from_db()
    assert (row.given_dose, row.sites, row.guidance, row.note) == ("1.11", 4, "emg", "Two passes")
    assert last_entry() == ("changed", [recording.visit.patient_id])


@pytest.mark.parametrize("values", [{"given_dose": "2,5"}, {"sites": 0}, {"sites": 100}, {"guidance": "x-ray"}])
def test_what_has_not_the_right_shape_is_refused(values, neurologist, recording):
    with refused(None, ValidationError):
        change(row_of(recording), by=neurologist, **values)


def test_a_stale_row_conflicts_and_shows_what_is_stored(neurologist, trainee, recording):
    row = row_of(recording)
    change(row, by=trainee, given_dose="1.11")

    with refused("has changed this", Conflict) as conflict:
        change(row, by=neurologist, given_dose="2.22")
    assert conflict.value.current.given_dose == "1.11"


def test_a_row_sent_again_after_a_lost_answer_is_a_success(neurologist, recording):
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


def test_a_row_is_either_not_given_or_has_a_given_dose(neurologist, recording):
    row = change(row_of(recording), by=neurologist, given_dose="1.11")

    with refused("A given dose is typed"):
        change(row, by=neurologist, not_given=True)
    row = change(row, by=neurologist, given_dose="", not_given=True, not_given_reason="Pain")
    assert row.not_given
    with refused("A given dose is typed"):
        change(row, by=neurologist, given_dose="1.11")


def test_why_a_muscle_was_left_out_is_said_only_where_it_was(neurologist, recording):
    with refused("Clear it first"):
        change(row_of(recording), by=neurologist, not_given_reason="Pain")
    row = change(row_of(recording), by=neurologist, not_given=True, not_given_reason="Pain")
    with refused("Clear it first"):
        change(row, by=neurologist, not_given=False)
    change(row, by=neurologist, not_given=False, not_given_reason="")


@pytest.mark.engine
def test_a_removed_row_is_put_back_as_it_was_typed(neurologist, recording):
    row = change(row_of(recording), by=neurologist, given_dose="1.11", sites=2)

    row = remove_injection(injection=row, product=row.session.product, by=neurologist, version=row.version)
    assert row not in recording.injections.active()
    assert last_entry() == ("removed", [recording.visit.patient_id])

    row = builders.put_back(row, by=neurologist)
    assert (row.removed_at, row.given_dose, row.sites) == (None, "1.11", 2)
    assert last_entry() == ("restored", [recording.visit.patient_id])


def test_removing_and_putting_back_twice_changes_nothing_the_second_time(neurologist, planned):
    row = row_of(planned)
    for repeat in (remove_injection, restore_injection):
        read = {"version": builders.now(row).version}
        repeat(injection=row, product=planned.product, by=neurologist, **read)
        before = stored()
        repeat(injection=row, product=planned.product, by=neurologist, **read)
        assert stored() == before


def test_nothing_is_typed_into_a_removed_row(neurologist, planned):
    row = remove_injection(
        injection=row_of(planned),
        product=row_of(planned).session.product,
        by=neurologist,
        version=row_of(planned).version,
    )

    with refused("was removed"):
        change(row, by=neurologist, planned_dose="1.11")


def test_a_row_is_not_put_back_beside_its_successor(neurologist, planned):
    row = remove_injection(
        injection=row_of(planned),
        product=row_of(planned).session.product,
        by=neurologist,
        version=row_of(planned).version,
    )
    add_injection(session=planned, product=planned.product, muscle=row.muscle, side=row.side, by=neurologist)

    with refused("added again"):
        builders.put_back(row, by=neurologist)


def test_a_part_is_not_put_back_beside_its_group(neurologist, planned):
    part = add_injection(
        session=planned, product=planned.product, muscle=builders.a_muscle("SCAL-A"), side="right", by=neurologist
    )
    remove_injection(injection=part, product=part.session.product, by=neurologist, version=part.version)
    add_injection(
        session=planned, product=planned.product, muscle=builders.a_muscle("SCAL"), side="right", by=neurologist
    )

    with refused("overlaps"):
        builders.put_back(part, by=neurologist)


def test_guidance_is_set_for_every_row_that_stands(neurologist, planned):
    remove_injection(
        injection=row_of(planned, "LS"),
        product=row_of(planned, "LS").session.product,
        by=neurologist,
        version=row_of(planned, "LS").version,
    )

    builders.set_guidance(planned, Guidance.ULTRASOUND, by=neurologist)

    assert [row.guidance for row in planned.injections.in_order()] == ["ultrasound", ""]
    assert last_entry() == ("set guidance", [planned.visit.patient_id])


def test_an_unknown_guidance_is_refused_for_all_rows(neurologist, planned):
    with refused(None, ValidationError):
        builders.set_guidance(planned, "x-ray", by=neurologist)


# Who recorded


def test_who_types_what_was_given_is_the_recorder_of_several_the_last(neurologist, trainee, recording):
    version = recording.version

    change(row_of(recording), by=trainee, given_dose="1.11")
    recording.refresh_from_db()
    assert recording.recorder == trainee

    change(row_of(recording, "LS"), by=neurologist, not_given=True)
    recording.refresh_from_db()
    assert recording.recorder == neurologist

    # And nobody's page of the session's details became stale by it
    assert recording.version == version


@pytest.mark.parametrize("values", [{"sites": 3}, {"note": "x"}, {"guidance": "emg"}])
def test_who_types_what_belongs_to_plan_and_record_alike_is_no_recorder(values, neurologist, trainee, recording):
    change(row_of(recording), by=trainee, **values)

    recording.refresh_from_db()
    assert recording.recorder == neurologist


def test_who_types_a_vial_is_the_recorder(neurologist, trainee, recording):
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


def test_a_vial_is_kept_as_typed(neurologist, recording):
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


def test_an_empty_vial_is_refused(neurologist, recording):
    with refused("lot number"):
        add_vial(session=recording, product=recording.product, by=neurologist, lot_number="", expiry="")


def test_a_stale_vial_conflicts_unless_it_says_what_is_stored(neurologist, trainee, recording):
    vial = builders.a_vial(session=recording)
    change_vial(vial=vial, product=vial.session.product, by=trainee, version=vial.version, lot_number="B")

    with refused("has changed this", Conflict) as conflict:
        change_vial(vial=vial, product=vial.session.product, by=neurologist, version=vial.version, lot_number="C")
    assert conflict.value.current.lot_number == "B"
    change_vial(vial=vial, product=vial.session.product, by=neurologist, version=vial.version, lot_number="B")
    with refused("has changed this", Conflict):
        remove_vial(vial=vial, product=vial.session.product, by=neurologist, version=vial.version)


def test_a_vial_that_a_row_names_is_not_removed(neurologist, recording):
    vial = builders.a_vial(session=recording)
    row = change(row_of(recording), by=neurologist, vial=vial)

    with refused("names this vial"):
        remove_vial(vial=vial, product=vial.session.product, by=neurologist, version=vial.version)

    remove_injection(injection=row, product=row.session.product, by=neurologist, version=row.version)
    remove_vial(vial=vial, product=vial.session.product, by=neurologist, version=vial.version)
    row.refresh_from_db()
    assert row.vial is None
    assert last_entry() == ("removed", [recording.visit.patient_id])
    assert AuditEntry.objects.order_by("-pk").first().object_id == vial.pk


def test_a_vial_that_is_gone_is_removed_again_with_success_and_changed_with_a_sentence(neurologist, recording):
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
    vial = builders.a_vial(session=session)
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


def test_same_muscles_brings_muscles_and_sides_and_nothing_else(neurologist, planned, earlier):
    added, left_out = repeat_muscles(session=planned, product=planned.product, earlier=earlier, by=neurologist)

    # Without what stands already, and without what was not given
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


def test_same_muscles_twice_adds_nothing_the_second_time(neurologist, planned, earlier):
    repeat_muscles(session=planned, product=planned.product, earlier=earlier, by=neurologist)

    assert repeat_muscles(session=planned, product=planned.product, earlier=earlier, by=neurologist) == ([], [])


def test_same_muscles_says_which_could_not_be_taken_over(neurologist, planned):
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


def test_same_muscles_of_another_patient_are_refused(neurologist, planned):
    foreign = builders.a_signed_session()

    with refused("another patient"):
        repeat_muscles(session=planned, product=planned.product, earlier=foreign, by=neurologist)


def test_same_muscles_of_a_session_that_nobody_signed_are_refused(neurologist, planned):
    visit = builders.an_arrived_visit(
        clinician=neurologist, patient=planned.patient, day=builders.today() - dt.timedelta(weeks=12)
    )
    unsigned = builders.a_given_session(by=neurologist, visit=visit)

    with refused("not signed. Choose a signed session"):
        repeat_muscles(session=planned, product=planned.product, earlier=unsigned, by=neurologist)


# The session's own details


def test_who_injected_is_a_clinician(neurologist, trainee, staff, superuser, recording):
    session = change_session(session=recording, by=neurologist, version=recording.version, operator=trainee)
    assert session.operator == trainee
    assert last_entry() == ("changed", [recording.visit.patient_id])

    for person in (staff, superuser):
        with refused("neurologist or a trainee"):
            change_session(session=session, by=neurologist, version=session.version, operator=person)
    assert change_session(session=session, by=neurologist, version=session.version, operator=None).operator is None


def test_an_operator_who_left_stays_while_the_rest_is_changed(neurologist, trainee, recording):
    session = change_session(session=recording, by=neurologist, version=recording.version, operator=trainee)
    trainee.is_active = False
    trainee.save()

    session = change_session(session=session, by=neurologist, version=session.version, operator=trainee, notes="x")

    assert (session.operator, session.notes) == (trainee, "x")


def test_the_day_of_the_injections_is_not_in_the_future(neurologist, recording):
    tomorrow = builders.today() + dt.timedelta(days=1)

    with refused("is in the future", ValidationError):
        change_session(session=recording, by=neurologist, version=recording.version, given_on=tomorrow)


def test_the_day_of_the_injections_is_the_visits_unless_changed(neurologist, recording):
    assert recording.day_given == recording.visit.day

    yesterday = builders.today() - dt.timedelta(days=1)
    session = change_session(session=recording, by=neurologist, version=recording.version, given_on=yesterday)
    assert session.day_given == yesterday


def test_stale_details_conflict_unless_they_say_what_is_stored(neurologist, trainee, recording):
    change_session(session=recording, by=trainee, version=recording.version, notes="one")

    with refused("has changed this", Conflict) as conflict:
        change_session(session=recording, by=neurologist, version=recording.version, notes="two")
    assert conflict.value.current.notes == "one"
    change_session(session=recording, by=neurologist, version=recording.version, notes="one")


def test_a_consent_is_recorded_and_named_in_the_session(neurologist, planned):
    consent = builders.a_consent(session=planned, by=neurologist)

    planned.refresh_from_db()
    assert planned.consent == consent
    assert (consent.patient, consent.recorded_by) == (planned.patient, neurologist)
    assert last_entry() == ("recorded consent", [planned.visit.patient_id])


@pytest.mark.parametrize(
    "values", [{"given_by": ""}, {"form_version": ""}, {"given_on": timezone.localdate() + dt.timedelta(days=2)}]
)
def test_a_consent_is_complete_and_not_of_the_future(values, neurologist, planned):
    typed = {"given_by": "The patient", "given_on": builders.today(), "form_version": "1", **values}

    with refused(None, ValidationError):
        record_consent(session=planned, by=neurologist, **typed)


def test_another_patients_consent_is_refused(neurologist, planned):
    foreign = builders.a_consent(session=builders.a_planned_session())

    with refused("another patient"):
        change_session(session=planned, by=neurologist, version=planned.version, consent=foreign)


# When nothing may be written


def sign(session):
    builders.sign(session, by=session.visit.clinician)


def cancel(session):
    for row in session.injections.all():
        change(row, by=session.visit.clinician, given_dose="")
    for vial in session.vials.all():
        vial.delete()
    visit = session.visit
    change_visit_state(visit=visit, state=VisitState.CANCELLED, by=visit.clinician, version=visit.version, reason="Ill")


def fall_without_the_session(session):
    type(session.visit).objects.filter(pk=session.visit_id).update(state=VisitState.NO_SHOW)


ENDS = {
    "signed": (sign, "This session is signed"),
    "not done": (cancel, "This session was not done: Cancelled: Ill"),
    "visit fallen": (fall_without_the_session, "The visit is no-show"),
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
    "put a row back": lambda s, by: builders.put_back(s.injections.exclude(removed_at=None).get(), by=by),
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
@pytest.mark.parametrize("write", WRITES)
def test_nothing_is_written_to_a_session_that_has_come_to_its_end(write, end, neurologist):
    session = builders.a_given_session(by=neurologist)
    row = add_injection(
        session=session, product=session.product, muscle=builders.a_muscle("SCAL"), side="left", by=neurologist
    )
    remove_injection(injection=row, product=row.session.product, by=neurologist, version=row.version)
    come_to_its_end, sentence = ENDS[end]
    come_to_its_end(session)
    session = InjectionSession.objects.get(pk=session.pk)

    with refused(sentence):
        WRITES[write](session, neurologist)


@pytest.mark.parametrize("end", ENDS)
def test_the_vials_of_a_session_that_has_come_to_its_end_stay(end, neurologist):
    session = builders.a_given_session(by=neurologist)
    come_to_its_end, sentence = ENDS[end]
    if end != "not done":
        builders.a_vial(session=session)
    come_to_its_end(session)
    vial = Vial.objects.first() or Vial(session=session)

    with refused(sentence):
        change_vial(vial=vial, product=vial.session.product, by=neurologist, version=vial.version, lot_number="B")
    with refused(sentence):
        remove_vial(vial=vial, product=vial.session.product, by=neurologist, version=vial.version)


# Two patients


def test_nothing_crosses_from_one_patient_to_another(neurologist):
    # Given two patients whose sessions are open at once, on two pages
    one = builders.record(builders.a_planned_session(by=neurologist), by=neurologist)
    visit = builders.an_arrived_visit(clinician=neurologist, hour=12)
    other = builders.record(builders.a_planned_session(by=neurologist, visit=visit), by=neurologist)
    before = other.content()

    # When everything is done to the one
    vial = builders.a_vial(session=one)
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
