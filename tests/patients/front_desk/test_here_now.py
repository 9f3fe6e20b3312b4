"""*Here now* in a row of a search: one click marks today's visit as arrived, or books one from now on."""

import datetime as dt

import pytest

from patients.models import Visit, VisitKind, VisitState
from tests import builders
from tests.pageforms import sendings
from tests.patients.people.pages import text_of

pytestmark = [pytest.mark.django_db, pytest.mark.engine]


@pytest.fixture
def patient():
    return builders.a_patient(family_name="Okafor")


@pytest.fixture
def desk(login, staff):
    return login(staff)


def button(client):
    """What the only *Here now* of a search sends."""
    body = client.post("/patients/", {"q": "okafor"}, headers={"HX-Request": "true"}).content.decode()
    found = [each for each in sendings(body, "/patients/") if "q" not in each.fields]
    return found[0] if found else None


def click(client):
    sent = button(client)
    return client.post(sent.path, sent.fields, follow=True), sent


def test_booked_visit_of_today_is_marked_as_arrived(desk, patient, neurologist):
    visit = builders.a_visit(patient=patient, clinician=neurologist)
    response, _ = click(desk)
    assert "OKAFOR, Given: arrived." in text_of(response)
    assert [each.state for each in Visit.objects.all()] == [VisitState.ARRIVED]
    assert visit == Visit.objects.get()
    assert button(desk) is None  # the row shows the visit instead


def test_walk_in_is_with_the_last_chosen_clinician(desk, patient, staff, neurologist, other_neurologist):
    for clinician in (neurologist, other_neurologist):
        builders.a_visit(clinician=clinician, day=builders.today() + dt.timedelta(days=9), by=staff)
    builders.a_visit(clinician=neurologist, day=builders.today() + dt.timedelta(days=8))  # of another user
    response, sent = click(desk)
    visit = Visit.objects.get(patient=patient)
    assert (visit.clinician, visit.kind, visit.state) == (other_neurologist, VisitKind.OTHER, VisitState.ARRIVED)
    assert "Booked, and marked as arrived" in text_of(response)
    # Sent twice, it is booked once
    assert desk.post(sent.path, sent.fields).status_code == 302
    assert Visit.objects.filter(patient=patient).count() == 1


def test_walk_in_answers_its_only_follow_up_if_that_is_due(login, patient, neurologist):
    follow_up = builders.a_follow_up(patient=patient, clinician=neurologist, due_on=builders.today())
    click(login(neurologist))
    visit = Visit.objects.get()
    assert (visit.clinician, visit.kind, visit.follow_ups.get()) == (neurologist, VisitKind.INJECTION, follow_up)


def test_unknown_clinician_is_to_be_chosen(desk, patient):
    response, _sent = click(desk)
    assert response.status_code == 200
    assert "Choose the clinician." in text_of(response)
    assert not Visit.objects.exists()


def test_old_row_of_a_patient_booked_since_is_a_conflict(desk, patient, neurologist, staff):
    builders.a_visit(clinician=neurologist, day=builders.today() + dt.timedelta(days=9), by=staff)
    old = button(desk)
    builders.a_visit(patient=patient, clinician=neurologist)
    response = desk.post(old.path, old.fields)
    assert response.status_code == 409
    assert "The patient has a visit today" in text_of(response)


def test_patient_who_moved_away_has_no_button(desk, patient, neurologist):
    patient.status = "moved_away"
    patient.status_since = builders.today()
    patient.save()
    assert button(desk) is None
