"""Two records that are one patient: confirmed by a neurologist, and undone."""

import datetime as dt

import pytest
from django.db import IntegrityError, transaction

from clinic.records.exceptions import Refused
from patients.followups.actions import record_no_follow_up
from patients.models import Patient, Visit
from patients.people.actions.patients import change_patient, review_alerts
from planning.models import SignedRecord
from planning.pages.actions.patients import change_patient_status
from planning.pages.actions.undo import undo_move
from planning.pages.actions.visits import move_visit
from planning.session_pages.earlier import earlier_sessions
from planning.sessions.actions.injections import repeat_muscles
from tests import builders
from tests.patients.people.pages import filled, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.engine]


@pytest.fixture
def patient(staff):
    return builders.a_patient(by=staff, family_name="Okafor", given_name="Grace")


@pytest.fixture
def other(staff):
    return builders.a_patient(by=staff, family_name="Lindqvist", given_name="Maja", record_number="OLD-77")


def found(query):
    return list(Patient.objects.found_by(query))


def again(instance):
    return type(instance).objects.get(pk=instance.pk)


def ahead_of(patient, by, days=7, hour=10):
    return builders.a_visit(patient=patient, clinician=by, day=builders.today() + dt.timedelta(days=days), hour=hour)


def test_only_a_neurologist_can_confirm_and_undo(patient, other, trainee, staff, neurologist):
    for person in (trainee, staff):
        with pytest.raises(Refused, match="Only a neurologist"):
            builders.the_same_person(patient, other, by=person)
    builders.the_same_person(patient, other, by=neurologist)
    with pytest.raises(Refused, match="Only a neurologist"):
        builders.two_people(other, by=trainee)


def test_linked_record_number_and_names_find_the_patient(patient, other, neurologist):
    builders.the_same_person(patient, other, by=neurologist)
    for query in ("Lindqvist", "old-77", "maja", "Okafor", patient.record_number):
        assert found(query) == [patient], query


def test_linked_names_find_the_patient_after_later_saves(patient, other, neurologist):
    builders.the_same_person(patient, other, by=neurologist)
    again(patient).save()
    again(other).save()
    assert found("Lindqvist") == [patient]
    assert found("Okafor") == [patient]


def test_search_result_names_the_linked_record(login, patient, other, neurologist):
    builders.the_same_person(patient, other, by=neurologist)
    assert "also recorded as OLD-77, LINDQVIST, Maja" in text_of(login(neurologist).post("/patients/", {"q": "okafor"}))


def test_open_visits_plans_and_follow_ups_move_to_the_patient(patient, other, neurologist):
    visit = ahead_of(other, neurologist)
    session = builders.a_planned_session(by=neurologist, visit=visit)
    follow_up = builders.a_follow_up(patient=other, clinician=neurologist)
    builders.the_same_person(patient, other, by=neurologist)
    assert again(visit).patient == patient
    assert again(session).patient == patient
    assert again(follow_up).patient == patient


def test_signed_records_and_past_visits_are_unchanged(patient, other, neurologist):
    signed = builders.a_signed_session_of(other, by=neurologist, weeks_ago=12)
    same_day = builders.a_signed_session(
        by=neurologist, visit=builders.an_arrived_visit(patient=other, clinician=neurologist)
    )
    before = list(SignedRecord.objects.order_by("pk").values())
    builders.the_same_person(patient, other, by=neurologist)
    assert again(signed.visit).patient == again(same_day.visit).patient == other
    assert list(SignedRecord.objects.order_by("pk").values()) == before
    assert all(record.is_intact() for record in SignedRecord.objects.all())


def test_patient_page_shows_sessions_of_the_linked_record(login, patient, other, neurologist):
    builders.a_signed_session_of(other, by=neurologist, weeks_ago=12)
    builders.the_same_person(patient, other, by=neurologist)
    text = text_of(login(neurologist).get(patient.get_absolute_url()))
    assert "recorded under OLD-77" in text
    assert "Sternocleidomastoid" in text
    assert "Also recorded as OLD-77" in text


def test_linked_sessions_are_part_of_the_history(patient, other, neurologist):
    earlier = builders.a_signed_session_of(other, by=neurologist, weeks_ago=12)
    builders.the_same_person(patient, other, by=neurologist)
    session = builders.a_planned_session(
        by=neurologist, visit=builders.an_arrived_visit(patient=patient, clinician=neurologist), muscles=()
    )
    assert [each.session for each in earlier_sessions(session.visit, day=session.day_given)] == [earlier]
    added, _ = repeat_muscles(session=session, product=session.product, earlier=earlier, by=neurologist)
    assert len(added) == 2


def test_linked_record_page_links_to_the_patient(login, patient, other, neurologist):
    builders.the_same_person(patient, other, by=neurologist)
    page = login(neurologist).get(other.get_absolute_url())
    assert "This is the same person as OKAFOR, Grace" in text_of(page)
    assert "/edit/" not in page.content.decode()
    assert "/visits/new/" not in page.content.decode()


def test_linked_record_accepts_no_new_entries(patient, other, neurologist):
    visit = ahead_of(other, neurologist)
    builders.the_same_person(patient, other, by=neurologist)
    other = again(other)
    for act in (
        lambda: ahead_of(other, neurologist, days=9),
        lambda: builders.a_follow_up(patient=other, clinician=neurologist),
        lambda: change_patient(patient=other, by=neurologist, version=other.version, note="x"),
        lambda: review_alerts(patient=other, by=neurologist, version=other.version, none_known=True),
        lambda: record_no_follow_up(patient=other, reason="x", by=neurologist),
        lambda: change_patient_status(patient=other, status="died", by=neurologist, version=other.version),
    ):
        with pytest.raises(Refused, match="Continue there"):
            act()
    assert again(visit).patient == patient


def test_record_cannot_be_linked_to_itself_or_in_chains(patient, other, neurologist, staff):
    third = builders.a_patient(by=staff)
    with pytest.raises(Refused, match="the same record"):
        builders.the_same_person(patient, patient, by=neurologist)
    builders.the_same_person(patient, other, by=neurologist)
    with pytest.raises(Refused, match="is itself the same person"):
        builders.the_same_person(again(other), third, by=neurologist)
    with pytest.raises(Refused, match="Other records are the same person"):
        builders.the_same_person(third, again(patient), by=neurologist)
    with pytest.raises(Refused, match="already"):
        builders.the_same_person(third, again(other), by=neurologist)


def test_database_rejects_chains(patient, other, neurologist, staff):
    builders.the_same_person(patient, other, by=neurologist)
    third = builders.a_patient(by=staff)
    for pk, same_as in ((third.pk, other.pk), (patient.pk, third.pk)):
        with pytest.raises(IntegrityError, match="same_as_has_one_level"), transaction.atomic():
            Patient.objects.filter(pk=pk).update(same_as=same_as)


def test_visit_cannot_move_to_another_patient(patient, other, neurologist, staff):
    visit = ahead_of(other, neurologist)
    third = builders.a_patient(by=staff)
    builders.the_same_person(patient, other, by=neurologist)
    with pytest.raises(IntegrityError, match="patient_does_not_change"), transaction.atomic():
        Visit.objects.filter(pk=visit.pk).update(patient=third)


def test_overlapping_visits_are_named_and_not_moved(patient, other, neurologist, other_neurologist):
    ahead_of(patient, neurologist)
    moved = ahead_of(other, neurologist, hour=9)
    visit = ahead_of(other, other_neurologist)
    with pytest.raises(Refused, match="overlaps with another visit"):
        builders.the_same_person(patient, other, by=neurologist)
    assert again(visit).patient == again(moved).patient == other
    assert again(other).same_as is None


def test_confirming_twice_has_no_further_effect(patient, other, neurologist):
    first = builders.the_same_person(patient, other, by=neurologist)
    assert builders.the_same_person(patient, other, by=neurologist) == first


def test_undoing_separates_search_and_returns_moved_entries(patient, other, neurologist):
    visit = ahead_of(other, neurologist)
    follow_up = builders.a_follow_up(patient=other, clinician=neurologist)
    builders.the_same_person(patient, other, by=neurologist)
    own = ahead_of(patient, neurologist, days=20)
    builders.two_people(other, by=neurologist)
    assert again(visit).patient == again(follow_up).patient == other
    assert again(own).patient == patient
    assert found("Lindqvist") == [other]
    assert found("Okafor") == [patient]
    ahead_of(again(other), neurologist, days=30)


def test_signed_or_finished_entries_stay_with_the_patient(patient, other, neurologist):
    visit = builders.an_arrived_visit(patient=other, clinician=neurologist)
    builders.the_same_person(patient, other, by=neurologist)
    builders.a_signed_session(by=neurologist, visit=again(visit))
    builders.two_people(other, by=neurologist)
    assert again(visit).patient == patient


@pytest.fixture
def reports(patient, other, neurologist):
    """Two reports at a visit of the patient, for a session of the other record, which joined."""
    session = builders.a_signed_session_of(other, by=neurologist, weeks_ago=12)
    builders.the_same_person(patient, other, by=neurologist)
    visit = builders.an_arrived_visit(patient=patient, clinician=neurologist)
    return [build(session=session, visit=visit, by=neurologist) for build in (builders.a_response, builders.an_event)]


def test_undo_names_reports_that_connect_the_records(login, reports, other, neurologist):
    client, address = login(neurologist), f"/patients/{other.pk}/same-person/undo/"
    response = client.post(address, {"version": again(other).version})
    assert response.status_code == 409
    assert "Mark them as entered in error, then undo again: response (session of" in text_of(response)
    assert "; adverse event (session of" in text_of(response)
    assert again(other).same_as is not None
    for report in reports:
        builders.in_error(report, by=neurologist)
    assert client.post(address, {"version": again(other).version}).status_code == 302
    assert again(other).same_as is None


def test_reports_of_separate_records_do_not_return(reports, other, neurologist):
    for report in reports:
        builders.in_error(report, by=neurologist)
    builders.two_people(other, by=neurologist)
    for report in reports:
        with pytest.raises(Refused, match="reported at a visit of another patient"):
            builders.undo_in_error(report, by=neurologist)


def test_reports_within_one_record_do_not_prevent_undo(patient, other, neurologist):
    builders.the_same_person(patient, other, by=neurologist)
    session = builders.a_signed_session_of(patient, by=neurologist, weeks_ago=12)
    builders.a_response(session=session, by=neurologist)
    builders.an_event(session=session, by=neurologist)
    builders.two_people(other, by=neurologist)
    assert again(other).same_as is None


def test_undoing_twice_succeeds_and_can_be_confirmed_again(patient, other, neurologist):
    builders.the_same_person(patient, other, by=neurologist)
    for _ in range(2):
        builders.two_people(other, by=neurologist)
    builders.the_same_person(patient, again(other), by=neurologist)
    assert found("Lindqvist") == [patient]


def test_confirmation_page_shows_both_records(login, patient, other, neurologist):
    client = login(neurologist)
    address = f"/patients/{other.pk}/same-person/"
    assert "No patient has this record number." in text_of(
        client.post(address, filled(client.get(address), record_number="nobody"))
    )
    both = client.post(address, filled(client.get(address), record_number=patient.record_number)).url
    text = text_of(client.get(both))
    assert "Is OLD-77 the same person as" in text
    assert "LINDQVIST" in text
    assert "OKAFOR" in text
    page = client.get(both)
    assert "Enter why they are the same person." in text_of(client.post(both, filled(page, reason=" ")))
    assert client.post(both, filled(page, reason="Same papers")).url == patient.get_absolute_url()
    assert again(other).same_as == patient
    client.post(f"{address}undo/", {"version": again(other).version})
    assert again(other).same_as is None


def moved_to(visit, *, by, hour=14):
    visit = again(visit)
    return move_visit(
        visit=visit, clinician=visit.clinician, starts_at=builders.at(visit.day, hour), minutes=30, by=by,
        version=visit.version, outside_note="Agreed", although_past=True,
    )  # fmt: skip


def test_visit_moved_after_joining_returns_with_its_follow_up(patient, other, neurologist):
    follow_up = builders.a_follow_up(patient=other, clinician=neurologist)
    visit = builders.a_visit(patient=other, clinician=neurologist, day=builders.today(), follow_up=follow_up)
    plan = builders.a_planned_session(by=neurologist, visit=visit)
    builders.the_same_person(patient, other, by=neurologist)
    moved = moved_to(moved_to(visit, by=neurologist), by=neurologist, hour=15)
    builders.two_people(other, by=neurologist)
    assert {again(one).patient for one in (visit, moved, moved.moved_from, follow_up)} == {other}
    assert (again(follow_up).booked_visit, again(plan).visit) == (moved, moved)


def test_visit_rebooked_after_joining_returns_with_its_follow_up(patient, other, neurologist):
    follow_up = builders.a_follow_up(patient=other, clinician=neurologist)
    builders.the_same_person(patient, other, by=neurologist)
    booked = builders.a_visit(patient=patient, clinician=neurologist, day=builders.today(), follow_up=again(follow_up))
    own = builders.a_visit(patient=patient, clinician=neurologist, day=builders.today(), hour=15)
    builders.two_people(other, by=neurologist)
    assert again(booked).patient == again(follow_up).patient == other
    assert again(own).patient == patient


def test_finished_visit_stays_with_its_earlier_times(patient, other, neurologist):
    visit = builders.a_visit(patient=other, clinician=neurologist, day=builders.today())
    builders.the_same_person(patient, other, by=neurologist)
    moved = moved_to(visit, by=neurologist)
    builders.finish(builders.arrive(moved))
    builders.two_people(other, by=neurologist)
    assert again(visit).patient == again(moved).patient == patient


def test_move_of_before_is_not_undone_on_a_joined_record(patient, other, neurologist):
    visit = builders.a_visit(patient=other, clinician=neurologist, day=builders.today() + dt.timedelta(days=3))
    moved = moved_to(visit, by=neurologist)
    builders.the_same_person(patient, again(other), by=neurologist)
    with pytest.raises(Refused, match="same person"):
        undo_move(visit=again(moved), by=neurologist, version=again(moved).version)
    builders.two_people(other, by=neurologist)
    assert undo_move(visit=again(moved), by=neurologist, version=again(moved).version) == visit
