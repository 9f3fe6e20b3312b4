"""What is typed without a script for a phase that has ended: it is not stored, and it is shown as it was typed."""

import pytest

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


def test_form_that_the_page_shows_is_not_shown_twice(doctor, planned):
    response = doctor.post(row_path(first(planned)), row_data(first(planned), recording=False, planned_dose="2,5"))
    assert response.status_code == 422
    assert "You typed this text." not in shown(response)
