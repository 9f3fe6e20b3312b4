"""The status of a patient: what is open ends with it, and the patient is still found."""

import datetime as dt

import pytest
from django.utils import timezone

from clinic.records.exceptions import Conflict, Refused
from patients.front_desk.actions.visits import book_visit
from patients.models import FollowUp, Patient, Visit, VisitState
from patients.people.actions.patients import change_patient
from planning.models import SessionState
from planning.pages.actions.patients import change_patient_status
from tests import builders
from tests.patients.people.pages import filled, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.engine]


@pytest.fixture
def patient(staff):
    return builders.a_patient(by=staff, family_name="Okafor", given_name="Grace")


def again(instance):
    return type(instance).objects.get(pk=instance.pk)


def become(patient, status, *, by, **details):
    return change_patient_status(patient=patient, status=status, by=by, version=again(patient).version, **details)


def ahead_of(patient, by, days=7):
    return builders.a_visit(patient=patient, clinician=by, day=builders.today() + dt.timedelta(days=days))


def page(patient):
    return f"/patients/{patient.pk}/status/"


def test_change_of_status_ends_visits_plans_and_follow_ups(patient, neurologist, staff):
    visit = ahead_of(patient, neurologist)
    session = builders.a_planned_session(by=neurologist, visit=visit)
    follow_up = builders.a_follow_up(patient=patient, clinician=neurologist)
    become(patient, "moved_away", by=staff)
    assert (again(visit).state, again(visit).reason) == (VisitState.CANCELLED, "Moved away")
    assert again(session).state is SessionState.NOT_DONE
    assert again(follow_up).closed_reason == "Moved away"
    assert again(patient).status == "moved_away"


def test_follow_up_of_the_cancelled_visit_is_closed(patient, neurologist, staff):
    follow_up = builders.a_follow_up(patient=patient, clinician=neurologist)
    day = builders.today() + dt.timedelta(days=7)
    book_visit(
        patient=patient, clinician=neurologist, kind="injection", starts_at=builders.at(day), minutes=30, by=staff,
        follow_up=follow_up,
    )  # fmt: skip
    become(patient, "died", by=staff)
    assert not FollowUp.objects.open().exists()


def test_visit_with_a_given_session_blocks_the_change(patient, neurologist, staff):
    session = builders.a_given_session(
        by=neurologist, visit=builders.an_arrived_visit(patient=patient, clinician=neurologist)
    )
    follow_up = builders.a_follow_up(patient=patient, clinician=neurologist)
    later = ahead_of(patient, neurologist)
    with pytest.raises(Refused, match=r"Injection, \d+ \w+ \d{4}, 10:00: Something was given"):
        become(patient, "declined", by=staff)
    assert again(session.visit).is_active
    assert again(later).is_active
    assert again(follow_up).is_open
    assert again(patient).is_active


def test_reactivated_patient_has_no_status_date(patient, neurologist, staff):
    become(patient, "moved_away", by=staff)
    become(patient, "active", by=staff)
    assert again(patient).status_since is None
    visit = ahead_of(patient, neurologist)
    become(patient, "active", by=staff)
    assert again(visit).is_active


def test_inactive_patient_cannot_be_booked(patient, neurologist, staff):
    become(patient, "moved_away", by=staff)
    with pytest.raises(Refused, match="Set it to active before booking"):
        ahead_of(patient, neurologist)
    become(patient, "active", by=staff)
    ahead_of(patient, neurologist)


def test_stale_page_is_a_conflict(patient, neurologist, staff):
    visit = ahead_of(patient, neurologist)
    version = again(patient).version
    change_patient(patient=patient, by=staff, version=version, note="moved to the coast?")
    with pytest.raises(Conflict):
        change_patient_status(patient=patient, status="moved_away", by=staff, version=version)
    assert again(visit).is_active


def test_page_lists_what_ends_and_banner_shows_the_status(login, patient, neurologist, staff):
    ahead_of(patient, neurologist)
    builders.a_follow_up(patient=patient, clinician=neurologist)
    client = login(staff)
    shown = client.get(page(patient))
    assert "injection with Dr A. Morgan is cancelled" in text_of(shown)
    assert "Next injection, due" in text_of(shown)
    client.post(page(patient), filled(shown, status="treated_elsewhere", status_since="2020-02-01"))
    assert (again(patient).status, again(patient).status_since) == ("treated_elsewhere", dt.date(2020, 2, 1))
    for address in (patient.get_absolute_url(), Visit.objects.get().get_absolute_url()):
        assert "Status Treated elsewhere since 1 Feb 2020" in text_of(client.get(address))


def test_empty_date_of_a_new_status_is_today(login, patient, staff):
    client = login(staff)
    client.post(page(patient), filled(client.get(page(patient)), status="moved_away", status_since="2020-02-01"))
    client.post(page(patient), filled(client.get(page(patient)), status="died"))
    assert (again(patient).status, again(patient).status_since) == ("died", timezone.localdate())


def test_status_cannot_start_in_the_future(login, patient, staff):
    client = login(staff)
    typed = {"status": "died", "status_since": "2999-01-01"}
    response = client.post(page(patient), filled(client.get(page(patient)), **typed))
    assert response.context["form"].errors["status_since"] == ["This date is in the future."]
    assert again(patient).is_active


def test_inactive_patient_is_listed_last(patient, staff):
    active = builders.a_patient(by=staff, family_name="Okaforx", given_name="Zoe")
    assert list(Patient.objects.found_by("okafor")) == [patient, active]
    become(patient, "died", by=staff)
    assert list(Patient.objects.found_by("okafor")) == [active, patient]
