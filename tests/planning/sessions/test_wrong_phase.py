"""What is typed without a script for a phase that has ended: it is not stored, and it is shown as it was typed."""

import pytest

from clinic.records.exceptions import Refused
from planning.sessions.actions.sessions import change_session
from tests import builders
from tests.planning.session_pages.sending import row_data, row_path, vial_data

pytestmark = pytest.mark.django_db


@pytest.fixture
def doctor(login, neurologist):
    return login(neurologist)


@pytest.fixture
def planned(neurologist):
    return builders.a_planned_session(by=neurologist)


def first(session):
    return session.injections.in_order().first()


def shown(response):
    return " ".join(response.content.decode().split())


def test_given_dose_typed_before_a_return_to_the_plan_is_shown(doctor, planned, trainee):
    # Given a recording page, while another user returns to the plan
    builders.record(planned, by=trainee)
    sent = row_data(first(planned), given_dose="2.220", note="typed note")
    builders.plan_again(planned, by=trainee)

    # When the dose is sent, then it is not stored, and shown as it was typed
    response = doctor.post(row_path(first(planned)), sent)
    assert response.status_code == 409
    page = shown(response)
    assert "This session is back in planning." in page
    assert "You typed this text. It is not stored, and this page has no field for it now:" in page
    assert "Sternocleidomastoid, right: given</dt> <dd> 2.220 </dd>" in page
    assert "<dd> typed note </dd>" in page
    assert (first(planned).given_dose, first(planned).planned_dose, first(planned).note) == ("", "", "")


def test_planned_dose_typed_before_recording_began_is_shown(doctor, planned, trainee):
    sent = row_data(first(planned), recording=False, planned_dose="1.110")
    builders.record(planned, by=trainee)
    response = doctor.post(row_path(first(planned)), sent)
    assert response.status_code == 409
    assert "Sternocleidomastoid, right: planned</dt> <dd> 1.110 </dd>" in shown(response)
    assert (first(planned).given_dose, first(planned).planned_dose) == ("", "")


def test_unreadable_dose_of_another_phase_is_shown(doctor, planned, trainee):
    sent = row_data(first(planned), recording=False, planned_dose="2,5")
    builders.record(planned, by=trainee)
    response = doctor.post(row_path(first(planned)), sent)
    assert response.status_code == 422
    assert "<dd> 2,5 </dd>" in shown(response)


def test_vial_typed_before_a_return_to_the_plan_is_shown(doctor, planned, trainee):
    builders.record(planned, by=trainee)
    sent = vial_data(planned, lot_number="LOT-TYPED", size="100", shared="")
    builders.plan_again(planned, by=trainee)
    response = doctor.post(f"/sessions/{planned.pk}/vials/", sent)
    assert response.status_code == 409
    assert "<dd> LOT-TYPED </dd>" in shown(response)
    assert not planned.vials.exists()


def test_dose_typed_before_the_session_was_signed_is_shown(doctor, neurologist):
    session = builders.a_given_session(by=neurologist)
    sent = row_data(first(session), given_dose="7.770")
    builders.sign(session, by=neurologist)
    response = doctor.post(row_path(first(session)), sent)
    assert response.status_code == 409
    assert "<dd> 7.770 </dd>" in shown(response)
    assert first(session).given_dose == "1.11"


@pytest.mark.parametrize(
    ("name", "typed", "message"),
    [
        ("operator", None, "Start recording to enter who injected."),
        ("complications", "Bruise", "Start recording to enter complications."),
        ("given_on", "2026-01-05", "Start recording to enter when it was given."),
    ],
)
def test_facts_of_recording_are_not_stored_in_the_plan(doctor, planned, neurologist, name, typed, message):
    typed, prefix = typed or neurologist.pk, f"s{planned.pk}-details"
    sent = {"patient": planned.visit.patient_id, f"{prefix}-version": planned.version, f"{prefix}-{name}": typed}
    response = doctor.post(f"/sessions/{planned.pk}/details/", sent)
    assert response.status_code == 409
    assert message in shown(response)
    assert f'name="{prefix}-{name}"' in shown(response)
    response = doctor.patch(
        f"/api/v1/sessions/{planned.pk}/",
        {"version": planned.version, name: typed},
        content_type="application/json",
    )
    assert (response.status_code, response.json()["errors"]) == (409, {name: [message]})
    stored = builders.now(planned)
    assert (stored.operator, stored.complications, stored.given_on) == (None, "", None)


def test_stored_facts_do_not_change_back_in_the_plan(neurologist):
    given = builders.a_given_session(by=neurologist)
    planned = builders.plan_again(given, by=neurologist)
    with pytest.raises(Refused, match="Start recording to enter who injected"):
        change_session(session=planned, by=neurologist, version=planned.version, operator=None)
    change_session(session=planned, by=neurologist, version=planned.version, operator=neurologist, notes="Kept")
    assert (builders.now(planned).operator, builders.now(planned).notes) == (neurologist, "Kept")


def vial_of_row(doctor, session, vial):
    row = first(session)
    body = {"version": row.version, "product": session.product_id, "vial": vial and vial.pk}
    path = f"/api/v1/sessions/{session.pk}/injections/{row.pk}/"
    return doctor.patch(path, body, content_type="application/json")


def test_row_names_a_vial_only_if_there_are_several(doctor, neurologist):
    session = builders.a_given_session(by=neurologist)
    vial = builders.a_vial(session=session)
    response = vial_of_row(doctor, session, vial)
    message = "This session has only one vial. Leave the vial of the row empty."
    assert (response.status_code, response.json()["errors"]) == (409, {"vial": [message]})
    builders.a_vial(session=session)
    assert vial_of_row(doctor, session, vial).status_code == 200
    assert first(session).vial == vial


def test_row_names_no_vial_in_the_plan(doctor, neurologist):
    session = builders.a_given_session(by=neurologist)
    vial, _ = builders.a_vial(session=session), builders.a_vial(session=session)
    builders.plan_again(session, by=neurologist)
    assert vial_of_row(doctor, session, vial).status_code == 409
    assert first(session).vial is None


def test_form_that_the_page_shows_is_not_shown_twice(doctor, planned):
    response = doctor.post(row_path(first(planned)), row_data(first(planned), recording=False, planned_dose="2,5"))
    assert response.status_code == 422
    assert "You typed this text." not in shown(response)
