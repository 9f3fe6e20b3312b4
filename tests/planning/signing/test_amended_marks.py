"""A session that was amended is marked as such in every output, and every reason is shown."""

import json

import pytest

from planning.models import InjectionSession, SessionState
from planning.reports.export import export_of
from planning.sessions.actions.injections import add_injection, remove_injection, repeat_muscles
from tests import builders
from tests.patients.people.pages import text_of

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

MARK = "signed, amended"
REASONS = ("Typed from the wrong sheet", "Two sides were exchanged")


def again(record):
    return type(record).objects.get(pk=record.pk)


@pytest.fixture
def amended(neurologist):
    """A session with three records."""
    session = builders.a_given_session(by=neurologist)
    builders.a_vial(session=session, by=neurologist, lot_number="LOT-AMENDED")
    builders.sign(session, by=neurologist)
    for reason, dose in zip(REASONS, ("7.77", "8.88"), strict=True):
        builders.an_amendment(again(session), by=neurologist, reason=reason)
        builders.amend(again(session), by=neurologist, given_dose=dose)
        builders.sign(session, by=neurologist)
    return again(session)


@pytest.fixture
def doctor(login, neurologist):
    return login(neurologist)


def test_each_page_that_lists_the_session_marks_it_as_amended(doctor, amended):
    patient, records = amended.patient, amended.records.all()
    pages = [
        patient.get_absolute_url(), amended.visit.get_absolute_url(), "/lots/?lot=LOT-AMENDED", "/?whose=all",
        f"/patients/{patient.pk}/summary/", f"/patients/{patient.pk}/everything/", "/lots/csv/?lot=LOT-AMENDED",
        *(f"/records/{record.pk}/{page}" for record in records for page in ("", "print/")),
    ]  # fmt: skip
    assert [path for path in pages if MARK not in doctor.get(path).content.decode().lower()] == []


def test_front_desk_sees_that_it_was_amended(client, staff, amended):
    client.force_login(staff)
    assert "Signed, amended" in text_of(client.get(amended.visit.get_absolute_url()))


def test_export_marks_it_as_amended(amended):
    exported = json.dumps(export_of(amended.patient))
    assert '"state": "amended"' in exported
    assert all(reason in exported for reason in REASONS)


@pytest.mark.parametrize("output", ["", "print/", "text/"])
def test_each_record_names_every_amendment_with_its_reason(doctor, amended, output):
    for record in amended.records.all():
        body = " ".join(doctor.get(f"/records/{record.pk}/{output}").content.decode().split())
        for number, reason in enumerate(REASONS, start=2):
            assert f"Record {number} amends record {number - 1}. Recorded incorrectly: {reason}" in body


def test_list_finds_amended_sessions_by_their_state(amended, neurologist):
    signed = builders.a_signed_session(by=neurologist, visit=builders.a_visit(clinician=neurologist, hour=16))
    opened = builders.a_signed_session(by=neurologist, visit=builders.a_visit(clinician=neurologist, hour=17))
    builders.an_amendment(opened, by=neurologist)
    found = {
        state: set(InjectionSession.objects.in_state(state))
        for state in (SessionState.SIGNED, SessionState.AMENDED, SessionState.BEING_AMENDED)
    }
    assert found == {
        SessionState.SIGNED: {signed}, SessionState.AMENDED: {amended}, SessionState.BEING_AMENDED: {opened},
    }  # fmt: skip


def test_session_amended_again_is_being_amended(amended, neurologist):
    builders.an_amendment(amended, by=neurologist)
    assert again(amended).state is SessionState.BEING_AMENDED
    assert set(InjectionSession.objects.in_state(SessionState.AMENDED)) == set()


# The values of an open amendment are not signed


def test_same_muscles_copies_signed_rows_not_an_amendment(neurologist):
    # Given a signed session whose amendment adds one muscle and removes another
    earlier = builders.a_session_of_weeks_ago(by=neurologist, muscles=(("SCM", "right"), ("LS", "right")))
    builders.an_amendment(earlier, by=neurologist)
    removed = earlier.injections.in_order().last()
    remove_injection(injection=removed, product=removed.session.product, by=neurologist, version=removed.version)
    add_injection(
        session=earlier, product=earlier.product, muscle=builders.a_muscle("SCAL"), side="left", by=neurologist
    )
    visit = builders.an_arrived_visit(patient=earlier.patient, clinician=neurologist)
    planned = builders.a_planned_session(by=neurologist, visit=visit, muscles=())

    added, left_out = repeat_muscles(session=planned, product=planned.product, earlier=again(earlier), by=neurologist)

    assert [(row.muscle.short_name, row.side) for row in added] == [("SCM", "right"), ("LS", "right")]
    assert left_out == []


def test_title_of_a_printed_record_is_the_name_as_signed(doctor, neurologist):
    session = builders.a_signed_session(by=neurologist)
    patient, name = session.patient, str(session.patient)
    patient.family_name = "Renamed"
    patient.save()
    title = doctor.get(f"/records/{session.record().pk}/print/").content.decode().partition("</title>")[0]
    assert name in " ".join(title.split())
    assert "RENAMED" not in title
