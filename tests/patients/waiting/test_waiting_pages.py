"""The pages of the waiting list, and where a freed time names those who could take it."""

import csv
import datetime as dt
import io
import re

import pytest

from clinic.models import AuditEntry
from clinic.records.actions import assign
from patients.models import Visit, VisitState, WaitingEntry
from planning.pages.actions.visits import change_visit_state
from tests import builders
from tests.builders import now
from tests.pageforms import undo_form
from tests.patients.people.pages import filled, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(login, staff):
    return login(staff)


@pytest.fixture
def patient(staff):
    return builders.a_patient(by=staff, family_name="Petrov", given_name="Ivan", phone="0555 0101")


@pytest.fixture
def entry(patient, staff):
    return builders.a_waiting_entry(patient=patient, by=staff, kind="injection", note="Lives nearby")


@pytest.fixture
def visit(neurologist):
    """In a week, on any day of the week, of another patient."""
    clinician = builders.hours(neurologist, saturday="9:00-17:00", sunday="9:00-17:00")
    return builders.a_visit(clinician=clinician, day=builders.today() + dt.timedelta(days=7))


def post(client, path, patient, **sent):
    return client.post(path, {"patient_seen": patient.pk, **sent}, follow=True)


def cancel(client, visit):
    return post(client, f"/visits/{visit.pk}/state/", visit.patient, state="cancelled", reason="Ill", version=1)


def link(response, words):
    """The URL of the link with this text."""
    html = response.content.decode()
    found = re.search(rf'href="([^"]+)"[^>]*>{words}', html)
    return found[1].replace("&amp;", "&")


# The list


def test_list_has_the_patient_the_phone_and_the_reason(desk, entry, patient):
    response = desk.get("/waiting-list/")
    assert 'href="tel:05550101"' in response.content.decode()
    for words in ("PETROV, Ivan", patient.record_number, "Injection, any clinician", "Any day", "Lives nearby"):
        assert words in text_of(response)


def test_those_who_wait_longest_are_first(desk, entry, staff):
    later = builders.a_waiting_entry(by=staff)
    assert [row["entry"] for row in desk.get("/waiting-list/").context["rows"]] == [entry, later]


def test_list_shows_departed_clinicians_and_passed_dates(desk, patient, staff):
    clinician = builders.a_clinician()
    yesterday = builders.today() - dt.timedelta(days=1)
    builders.a_waiting_entry(patient=patient, by=staff, clinician=clinician, from_on=yesterday, until=yesterday)
    assign(clinician, {"is_active": False})
    clinician.save()
    text = text_of(desk.get("/waiting-list/"))
    assert "no longer sees patients here" in text
    assert "which has passed" in text


def test_print_and_file_have_all_rows_without_the_note(desk, entry, patient, staff):
    printed = text_of(desk.get("/waiting-list/print/"))
    assert "PETROV, Ivan" in printed
    assert "0555 0101" in printed
    assert "Lives nearby" not in printed
    response = desk.get("/waiting-list/csv/")
    (row,) = csv.DictReader(io.StringIO(response.content.decode("utf-8-sig")))
    assert (row["Family name"], row["Phone"], row["Kind of visit"], row["Days"]) == (
        "Petrov", "0555 0101", "Injection", "any day",
    )  # fmt: skip
    audited = AuditEntry.objects.get(action="exported")
    assert (audited.actor, [each.patient_id for each in audited.patients.all()]) == (staff, [patient.pk])


@pytest.mark.parametrize("page", ["/follow-ups/", "/visits/"])
def test_other_pages_link_to_the_list(page, desk):
    assert 'href="/waiting-list/"' in desk.get(page).content.decode()


# Forms


def test_patient_is_added_from_their_page(desk, patient):
    path = link(desk.get(patient.get_absolute_url()), "Add to the waiting list")
    page = desk.get(path)
    form = filled(page, kind="review", part_of_day="morning", saturday=False, sunday=False)
    response = post(desk, path, patient, **form)
    assert "PETROV, Ivan is on the waiting list: Review with any clinician" in text_of(response)
    assert "Mon–Fri, mornings" in text_of(response)
    assert "On the waiting list: Review" in text_of(desk.get(patient.get_absolute_url()))
    # Sent twice, it is added once
    post(desk, path, patient, **form)
    assert WaitingEntry.objects.count() == 1


def test_mistakes_are_shown_next_to_their_fields(desk, patient, entry):
    path = f"/patients/{patient.pk}/waiting-list/"
    form = filled(desk.get(path), kind="injection", note="Typed")
    assert "already on the waiting list: injection" in text_of(post(desk, path, patient, **form))
    none = {name: value for name, value in form.items() if not name.endswith("day")}
    response = post(desk, path, patient, **none, part_of_day="any")
    assert "Select at least one weekday." in text_of(response)
    response = post(desk, path, patient, **{**form, "kind": "other", "until": "2020-01-01"})
    assert "This date is before the first one." in text_of(response)
    assert 'value="Typed"' in response.content.decode()
    assert list(WaitingEntry.objects.all()) == [entry]


def test_stale_form_shows_both_values(desk, patient, entry):
    path = f"/waiting-list/{entry.pk}/"
    page = desk.get(path)
    post(desk, path, patient, **filled(page, part_of_day="morning", monday=False))
    response = post(desk, path, patient, **filled(page, part_of_day="afternoon"))
    assert response.status_code == 409
    assert "Stored now: Morning, before 12:00." in text_of(response)
    assert "Stored now: no." in text_of(response)


def test_entry_is_removed_with_one_button(desk, patient, entry):
    page = desk.get(f"/waiting-list/{entry.pk}/")
    assert "Could not be reached" in text_of(page)
    sent = {"reason": "Could not be reached", "version": entry.version}
    response = post(desk, f"/waiting-list/{entry.pk}/remove/", patient, **sent)
    assert "PETROV, Ivan is no longer on the waiting list." in text_of(response)
    assert "Removed on" in text_of(desk.get(f"/waiting-list/{entry.pk}/"))


def test_joined_record_cannot_be_added(desk, patient, neurologist, staff):
    other = builders.a_patient(by=staff)
    builders.the_same_person(patient, other, by=neurologist)
    page = desk.get(f"/patients/{other.pk}/waiting-list/")
    assert "Continue there." in text_of(page)
    response = post(desk, f"/patients/{other.pk}/waiting-list/", other, **filled(page, kind="review"))
    assert response.status_code == 409
    assert not WaitingEntry.objects.exists()


# A freed time


def test_cancelled_visit_names_who_could_take_its_time(desk, visit, patient, entry):
    response = cancel(desk, visit)
    text = text_of(response)
    assert "Could take" in text
    assert "PETROV, Ivan 0555 0101 Book" in text
    # Book opens the form with the time; booking it ends the entry
    path = link(response, "Book<")
    page = desk.get(path)
    assert "On the waiting list : Injection with any clinician" in text_of(page)
    form = filled(page, time="10:00")
    assert page.context["form"]["time"].value() == dt.time(10)
    assert (form["day"], form["kind"], form["minutes"]) == (str(visit.day), "injection", "30")
    response = post(desk, path.partition("?")[0], patient, **form)
    assert "No longer on the waiting list: injection." in text_of(response)
    booked = Visit.objects.get(patient=patient)
    assert (booked.starts_at, now(entry).booked_visit) == (visit.starts_at, booked)
    assert "Could take" not in text_of(desk.get(visit.get_absolute_url()))
    # Undo restores the entry
    url, sent = undo_form(response)
    response = desk.post(url, sent, follow=True)
    assert "The patient is on the waiting list again." in text_of(response)
    assert now(entry).is_open


def test_second_booking_of_a_stale_page_is_refused(desk, visit, patient, entry):
    path = link(cancel(desk, visit), "Book<")
    page = desk.get(path)
    builders.a_visit(patient=patient, day=builders.today() + dt.timedelta(days=9))
    response = post(desk, path.partition("?")[0], patient, **filled(page, time="10:00"))
    assert response.status_code == 409
    assert "The patient is no longer on the waiting list with this entry: a visit is booked" in text_of(response)


def test_moved_visit_names_them_on_its_page(desk, visit, entry, staff):
    page = desk.get(f"/visits/{visit.pk}/move/")
    form = filled(page, time="14:00")
    response = post(desk, f"/visits/{visit.pk}/move/", visit.patient, **form)
    assert "PETROV, Ivan 0555 0101 Book" in text_of(response)


def test_move_in_the_diary_tells_how_many_could_take_the_time(desk, visit, entry):
    form = filled(desk.get(f"/visits/{visit.pk}/move/"), time="14:00")
    response = post(desk, f"/visits/{visit.pk}/move/", visit.patient, **form, next="/visits/")
    assert "On the waiting list, 1 patient could take the time that is free now." in text_of(response)
    assert f'href="{visit.get_absolute_url()}#waiting"' in response.content.decode()


def test_later_visit_is_offered_to_be_moved(desk, visit, patient, neurologist, staff):
    later = builders.a_visit(patient=patient, clinician=neurologist, day=visit.day + dt.timedelta(days=20))
    entry = builders.a_waiting_entry(patient=patient, by=staff, kind="injection")
    response = cancel(desk, visit)
    path = link(response, "Move here")
    form = filled(desk.get(path), time="10:00")
    assert form["day"] == str(visit.day)
    response = post(desk, path.partition("?")[0], patient, **form)
    assert "No longer on the waiting list: injection." in text_of(response)
    assert now(entry).booked_visit.moved_from == later
    url, sent = undo_form(response)
    assert "The patient is on the waiting list again." in text_of(desk.post(url, sent, follow=True))


def test_free_time_of_the_diary_names_them(desk, visit, entry, neurologist):
    path = f"/visits/new/?clinician={neurologist.pk}&day={visit.day}&time=11:00"
    assert "Could take" in text_of(desk.get(path))
    assert "Could take" not in text_of(desk.get(path.replace("11:00", "10:00")))
    assert "Could take" not in text_of(desk.get(f"/visits/new/?clinician={neurologist.pk}&day=x&time=y"))


def test_visit_in_error_says_that_the_patient_waits_again(desk, patient, entry):
    visit = builders.a_visit(patient=patient, day=builders.today() + dt.timedelta(days=3))
    sent = {"state": "entered_in_error", "reason": "Wrong patient", "version": 1}
    response = post(desk, f"/visits/{visit.pk}/state/", patient, **sent)
    assert "The patient is on the waiting list again." in text_of(response)


def test_names_are_in_the_audit_trail(desk, visit, entry, patient):
    change_visit_state(visit=visit, state=VisitState.CANCELLED, by=visit.clinician, version=1, reason="Ill")
    desk.get(visit.get_absolute_url())
    read = AuditEntry.objects.filter(route="planning:visit-detail").latest("pk")
    assert {each.patient_id for each in read.patients.all()} == {visit.patient_id, patient.pk}
