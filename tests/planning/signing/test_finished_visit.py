"""Signing also finishes the visit, and one button undoes that."""

import re

import pytest

from patients.models import Visit, VisitState
from planning.pages.actions.patients import change_patient_status
from planning.sessions.actions.sessions import change_session, plan_session
from planning.signing.actions.signing import sign_session
from planning.signing.models.signed_record import digest
from tests import builders
from tests.pageforms import undo_form
from tests.planning.session_pages.sending import sign

pytestmark = [pytest.mark.django_db, pytest.mark.engine]


@pytest.fixture
def doctor(client, neurologist):
    client.force_login(neurologist)
    return client


@pytest.fixture
def given(neurologist):
    return builders.a_given_session(by=neurologist, visit=builders.an_arrived_visit(clinician=neurologist, hour=9))


def state_of(session):
    return Visit.objects.get(pk=session.visit_id).state


def test_signing_finishes_the_visit_unless_the_box_is_cleared(doctor, given):
    page = doctor.get(f"/sessions/{given.pk}/sign/").content.decode()
    assert re.search(r'<input type="checkbox" name="finish_visit"[^>]* checked', page)
    sign(doctor, given)
    assert state_of(given) == VisitState.ARRIVED


def test_undo_returns_the_visit_to_arrived(doctor, given, neurologist):
    following = builders.a_visit(clinician=neurologist, hour=10)
    page = doctor.get(sign(doctor, given, finish_visit="on", then="next")["Location"])
    assert state_of(given) == VisitState.FINISHED
    assert f"The visit of {given.visit.patient} is finished." in page.content.decode()

    url, sent = undo_form(page)
    response = doctor.post(url, sent, follow=True)
    assert response.redirect_chain == [(following.get_absolute_url(), 302)]
    assert f"Undone: the visit of {given.visit.patient} is arrived again." in response.content.decode()
    assert state_of(given) == VisitState.ARRIVED
    assert undo_form(response) is None


def test_undo_of_a_changed_visit_is_a_conflict(doctor, given, neurologist):
    url, sent = undo_form(doctor.get(sign(doctor, given, finish_visit="on")["Location"]))
    builders.finish(builders.arrive(builders.now(given.visit)), by=neurologist)
    response = doctor.post(url, sent)
    assert (response.status_code, state_of(given)) == (409, VisitState.FINISHED)


def test_undo_after_a_change_of_status_is_rejected(doctor, given, neurologist):
    url, sent = undo_form(doctor.get(sign(doctor, given, finish_visit="on")["Location"]))
    patient = builders.now(given.visit.patient)
    change_patient_status(patient=patient, status="moved_away", by=neurologist, version=patient.version)
    response = doctor.post(url, sent)
    assert (response.status_code, state_of(given)) == (409, VisitState.FINISHED)
    assert "so the visit stays finished. Set the status to active first." in response.content.decode()


def test_visit_with_another_open_session_stays_arrived(doctor, given, neurologist):
    plan_session(visit=given.visit, by=neurologist)
    page = doctor.get(f"/sessions/{given.pk}/sign/")
    assert "finish_visit" not in page.content.decode()
    assert undo_form(doctor.get(sign(doctor, given, finish_visit="on")["Location"])) is None
    assert state_of(given) == VisitState.ARRIVED


def test_booked_visit_stays_as_it_is(doctor, neurologist):
    booked = builders.a_given_session(by=neurologist, visit=builders.a_visit(clinician=neurologist, hour=9))
    page = doctor.get(sign(doctor, booked, finish_visit="on")["Location"])
    assert (undo_form(page), state_of(booked)) == (None, VisitState.BOOKED)


def test_amendment_does_not_touch_the_visit(doctor, given, neurologist):
    builders.sign(given, by=neurologist)
    builders.an_amendment(given, by=neurologist)
    amended = builders.now(given)
    amended = change_session(session=amended, by=neurologist, version=amended.version, notes="Noted")
    assert "finish_visit" not in doctor.get(f"/sessions/{given.pk}/sign/").content.decode()
    sign_session(session=amended, by=neurologist, content_hash=digest(amended.content()), finish_visit=True)
    assert state_of(given) == VisitState.ARRIVED


def test_repeated_signature_does_not_finish_the_visit_again(given, neurologist):
    sent = {"session": given, "by": neurologist, "content_hash": digest(builders.now(given).content())}
    sent |= {"see_again": builders.AGAIN, "finish_visit": True}
    sign_session(**sent)
    builders.arrive(Visit.objects.get(pk=given.visit_id))
    sign_session(**sent)
    assert state_of(given) == VisitState.ARRIVED


def test_program_that_omits_the_flag_leaves_the_visit(doctor, given):
    def send(session, **more):
        sent = {"password": builders.PASSWORD, "content_hash": digest(builders.now(session).content())}
        sent |= {"see_again": {"weeks": 12}, **more}
        return doctor.post(f"/api/v1/sessions/{session.pk}/sign/", sent, content_type="application/json")

    other = builders.a_given_session(by=given.visit.clinician, visit=builders.an_arrived_visit(hour=11))
    assert send(given).status_code == send(other, finish_visit=True).status_code == 201
    assert (state_of(given), state_of(other)) == (VisitState.ARRIVED, VisitState.FINISHED)
