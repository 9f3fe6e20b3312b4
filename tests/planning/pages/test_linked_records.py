"""Two linked records of one person: the details of each are shown with the other."""

import datetime as dt

import pytest

from clinic.models import AuditEntry
from patients.followups.actions import close_follow_up
from patients.models import FollowUp, Patient, Visit, VisitState
from patients.people.actions.patients import review_alerts
from planning.pages.actions.visits import change_visit_state
from tests import builders
from tests.patients.people.pages import text_of

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

LATEX = "Allergy: latex (in OLD-77)"


def again(record):
    return type(record).objects.get(pk=record.pk)


def reviewed(patient, by, **alerts):
    return review_alerts(patient=again(patient), by=by, version=again(patient).version, **alerts)


@pytest.fixture
def patient(neurologist):
    """With no alert known, joined with a record that has an allergy, a phone and a diagnosis."""
    patient = builders.a_patient(family_name="Okafor", given_name="Grace", phone="0555 1")
    other = builders.a_patient(
        family_name="Lindqvist",
        given_name="Maja",
        record_number="OLD-77",
        phone="0555 2",
        diagnosis="Dystonia elsewhere",
    )
    reviewed(patient, neurologist, none_known=True)
    reviewed(other, neurologist, alert_allergy="latex")
    builders.the_same_person(again(patient), again(other), by=neurologist)
    return again(patient)


@pytest.fixture
def other(patient):
    return patient.others.get()


@pytest.fixture
def doctor(login, neurologist):
    return login(neurologist)


@pytest.fixture
def session(patient, neurologist):
    return builders.a_given_session(
        by=neurologist, visit=builders.an_arrived_visit(patient=patient, clinician=neurologist)
    )


def test_each_page_about_the_patient_shows_the_alert(doctor, patient, session):
    pages = [
        patient.get_absolute_url(), session.visit.get_absolute_url(), session.get_absolute_url(),
        f"/sessions/{session.pk}/sign/", f"/patients/{patient.pk}/summary/", f"/patients/{patient.pk}/alerts/",
        f"/patients/{patient.pk}/coverage/", f"/patients/{patient.pk}/everything/",
    ]  # fmt: skip
    without = [path for path in pages if "latex" not in text_of(doctor.get(path))]
    assert without == []


def test_plan_shows_the_alert(doctor, patient, neurologist):
    visit = builders.an_arrived_visit(patient=patient, clinician=neurologist)
    plan = builders.a_planned_session(by=neurologist, visit=visit)
    assert LATEX in text_of(doctor.get(f"/sessions/{plan.pk}/plan/print/"))


def test_signed_content_states_the_alert(session, neurologist):
    assert builders.sign(session, by=neurologist).content["patient"]["alerts"] == LATEX


def test_page_of_the_linked_record_shows_the_alert(doctor, other):
    assert "Allergy: latex" in text_of(doctor.get(other.get_absolute_url()))


def test_api_shows_the_alert(client, patient, neurologist):
    client.force_login(neurologist)
    shown = client.get(f"/api/v1/patients/{patient.pk}/").json()
    assert shown["alerts_in_words"] == LATEX
    assert [row["alerts_in_words"] for row in client.get("/api/v1/patients/").json()["results"]] == [
        LATEX, "Allergy: latex",
    ]  # fmt: skip


def test_alert_needs_a_review_that_then_replaces_it(doctor, patient, neurologist):
    page = text_of(doctor.get(f"/patients/{patient.pk}/alerts/"))
    assert "Recorded in OLD-77, which is the same person: Allergy: latex" in page
    reviewed(patient, neurologist, alert_allergy="latex gloves")
    assert again(patient).alerts_text() == "Allergy: latex gloves"
    assert "Recorded in OLD-77" not in text_of(doctor.get(f"/patients/{patient.pk}/alerts/"))


def test_alert_needs_a_new_review_after_linking_again(patient, other, neurologist):
    reviewed(patient, neurologist, none_known=True)
    builders.two_people(other, by=neurologist)
    assert again(patient).alerts_text() == "none known"
    builders.the_same_person(again(patient), again(other), by=neurologist)
    assert again(patient).alerts_text() == LATEX


def test_alerts_not_asked_do_not_hide_none_known(neurologist):
    patient, other = builders.a_patient(), builders.a_patient()
    reviewed(patient, neurologist, none_known=True)
    builders.the_same_person(again(patient), again(other), by=neurologist)
    assert again(patient).alerts_text() == "none known"


def test_details_of_the_linked_record_are_shown_with_number(doctor, patient):
    page = text_of(doctor.get(patient.get_absolute_url()))
    assert "0555 2 (in OLD-77)" in page
    assert "Dystonia elsewhere (in OLD-77)" in page


def test_lists_show_both_phone_numbers(doctor, patient, neurologist):
    builders.a_follow_up(patient=patient, clinician=neurologist, due_on=builders.today())
    for page in (doctor.get("/follow-ups/"), doctor.post("/patients/", {"q": "okafor"})):
        assert "0555 1" in text_of(page)
        assert "0555 2" in text_of(page)


def test_reading_the_linked_records_details_is_audited(doctor, patient, other):
    doctor.get(patient.get_absolute_url())
    entry = AuditEntry.objects.filter(action="read").latest("pk")
    assert set(entry.patients.values_list("patient_id", flat=True)) == {patient.pk, other.pk}


def test_visits_of_the_linked_record_are_those_of_the_person(doctor, neurologist, staff):
    # Given a person who was here as the record that joined, and has no follow-up any more
    patient, other = builders.a_patient(), builders.a_patient()
    before = builders.today() - dt.timedelta(days=40)
    builders.finish(builders.an_arrived_visit(patient=other, clinician=neurologist, day=before), by=neurologist)
    builders.the_same_person(again(patient), again(other), by=neurologist)
    follow_up = FollowUp.objects.get()
    close_follow_up(follow_up=follow_up, reason="Declined", by=staff, version=follow_up.version)

    # Then the list of patients with no follow-up has that date, and the form that clinician
    (listed,) = doctor.get("/follow-ups/unattended/").context["page"]
    assert (listed, listed.last_seen and listed.last_seen.date()) == (patient, before)
    assert doctor.get(f"/patients/{patient.pk}/return/").context["form"]["clinician"].value() == neurologist.pk


def test_summary_has_the_next_visit_of_the_linked_record(doctor, neurologist):
    patient, other = builders.a_patient(), builders.a_patient()
    visit = builders.a_visit(patient=other, clinician=neurologist, day=builders.today() + dt.timedelta(days=7))
    builders.the_same_person(patient, other, by=neurologist, staying=[visit.pk])
    assert doctor.get(f"/patients/{patient.pk}/summary/").context["next"] == visit


# A follow-up is never on a record that was joined into another


def test_reopened_follow_up_belongs_to_the_person(neurologist, staff):
    # Given a finished visit that answered a follow-up, on a record that was joined afterwards
    patient, other = builders.a_patient(), builders.a_patient()
    follow_up = builders.a_follow_up(patient=other, clinician=neurologist)
    yesterday = builders.today() - dt.timedelta(days=1)
    visit = builders.a_visit(patient=other, clinician=neurologist, day=yesterday, follow_up=follow_up)
    builders.finish(builders.arrive(visit), by=neurologist)
    builders.the_same_person(again(patient), again(other), by=neurologist)

    # When it is reverted and cancelled
    for state in (VisitState.ARRIVED, VisitState.BOOKED, VisitState.CANCELLED):
        visit = Visit.objects.get(pk=visit.pk)
        change_visit_state(visit=visit, state=state, by=staff, version=visit.version, reason="Was not here")

    # Then the follow-up can be booked on the person's main record
    follow_up = FollowUp.objects.get(pk=follow_up.pk)
    assert (follow_up.is_open, follow_up.patient) == (True, patient)
    booked = builders.a_visit(patient=again(patient), clinician=neurologist, follow_up=follow_up)
    assert FollowUp.objects.get(pk=follow_up.pk).booked_visit == booked


def test_follow_up_returns_when_records_are_unlinked(neurologist, staff):
    patient, other = builders.a_patient(), builders.a_patient()
    follow_up = builders.a_follow_up(patient=other, clinician=neurologist)
    yesterday = builders.today() - dt.timedelta(days=1)
    visit = builders.a_visit(patient=other, clinician=neurologist, day=yesterday, follow_up=follow_up)
    builders.finish(builders.arrive(visit), by=neurologist)
    builders.the_same_person(again(patient), again(other), by=neurologist)
    for state in (VisitState.ARRIVED, VisitState.BOOKED, VisitState.NO_SHOW):
        visit = Visit.objects.get(pk=visit.pk)
        change_visit_state(visit=visit, state=state, by=staff, version=visit.version)

    builders.two_people(again(other), by=neurologist)

    assert FollowUp.objects.get(pk=follow_up.pk).patient == other


def test_session_of_a_linked_record_can_be_signed(neurologist):
    patient, other = builders.a_patient(), builders.a_patient()
    visit = builders.a_visit(patient=other, clinician=neurologist, day=builders.today() - dt.timedelta(days=1))
    session = builders.a_given_session(by=neurologist, visit=visit)
    builders.finish(builders.arrive(visit), by=neurologist)
    builders.the_same_person(again(patient), again(other), by=neurologist)

    builders.sign(session, by=neurologist)

    assert Patient.objects.get(pk=patient.pk).follow_ups.filter(closed_at=None).exists()


def test_loaded_records_have_the_same_ids_as_the_stored_ones(patient):
    for record in (again(patient), patient.others.get()):
        stored = record.record_ids()
        assert record.joined_records
        assert record.record_ids() == stored
