"""Responses that a reader could misunderstand."""

import pytest

from planning.sessions.actions.injections import change_injection
from tests import builders

pytestmark = pytest.mark.django_db


@pytest.fixture
def doctor(api, neurologist):
    return api(neurologist)


@pytest.fixture
def amended(neurologist):
    session = builders.a_signed_session(by=neurologist)
    builders.an_amendment(session, by=neurologist)
    return session


def test_amended_session_names_the_product_of_its_rows(doctor, amended, neurologist):
    other = builders.a_product("Dysport")
    path = f"sessions/{amended.pk}/"
    version = doctor.get(path).json()["version"]
    response = doctor.patch(path, {"product": other.pk, "empties_confirmed": True, "version": version})
    assert (response.status_code, response.json()["product"], response.json()["product_name"]) == (
        200,
        other.pk,
        "Dysport",
    )
    assert {row["product_name"] for row in response.json()["injections"]} == {"Dysport"}

    # And where the amendment is discarded, as it was signed
    builders.discard(amended, by=neurologist)
    assert doctor.get(path).json()["product_name"] == "Botox"


def test_every_dose_is_returned_with_unit_and_product(doctor, neurologist):
    session = builders.a_given_session(by=neurologist)
    for row in doctor.get(f"sessions/{session.pk}/injections/").json()["results"]:
        assert (row["unit"], row["product_name"]) == ("units", "Botox")


def test_see_again_with_an_amendment_is_rejected(doctor, amended, neurologist):
    row = amended.injections.in_order().first()
    change_injection(injection=row, product=row.session.product, by=neurologist, version=row.version, note="As it was")
    shown = doctor.get(f"sessions/{amended.pk}/").json()
    sent = {"password": builders.PASSWORD, "content_hash": shown["content_hash"]}
    response = doctor.post(f"sessions/{amended.pk}/sign/", {**sent, "see_again": {"weeks": 3}})
    assert (response.status_code, amended.records.count()) == (409, 1)
    assert doctor.post(f"sessions/{amended.pk}/sign/", sent).status_code == 201


def test_record_shows_that_its_session_was_entered_in_error(doctor, neurologist):
    session = builders.a_signed_session(by=neurologist)
    path = f"records/{session.record().pk}/"
    before = doctor.get(path).json()
    assert (before["session_state"], before["error_reason"]) == ("signed", "")
    assert before["patient"] == session.visit.patient_id
    builders.an_error(session, by=neurologist, reason="Another patient’s")
    after = doctor.get(path).json()
    assert (after["session_state"], after["error_reason"]) == ("entered_in_error", "Another patient’s")


def test_date_given_is_returned_with_the_typed_date(doctor, neurologist):
    session = builders.a_planned_session(by=neurologist)
    shown = doctor.get(f"sessions/{session.pk}/").json()
    assert (shown["given_on"], shown["day_given"]) == (None, str(session.visit.day))


def test_error_names_the_field_as_sent(doctor, neurologist):
    visit = builders.an_arrived_visit(clinician=neurologist)
    sent = {"patient": visit.patient_id, "clinician": neurologist.pk, "kind": "review", "due_on": str(visit.day)}
    assert set(doctor.post("follow-ups/", sent).json()["errors"]) == {"due_on"}
    response = doctor.post(f"visits/{visit.pk}/finish/", {"version": visit.version})
    assert set(response.json()["errors"]) == {"see_again.weeks"}


def test_lot_of_spaces_and_hyphens_is_rejected(doctor):
    for lot in ("-", "--", "-%20-"):
        response = doctor.get(f"lots/?lot={lot}")
        assert (response.status_code, set(response.json()["errors"])) == (400, {"lot"})


def test_media_type_ignores_case(doctor):
    patient = builders.a_patient()
    response = doctor.ask(
        "PATCH", f"patients/{patient.pk}/", {"phone": "1"}, content_type="Application/JSON", If_Match='"1"'
    )
    assert response.status_code == 200
