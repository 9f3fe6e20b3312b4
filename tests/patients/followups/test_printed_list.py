"""The follow-up list on paper and as a CSV file: all rows of the filter, no clinical content, audited."""

import csv
import datetime as dt
import io

import pytest
from django.urls import reverse

from clinic.models import AuditEntry
from tests import builders
from tests.patients.followups.conftest import WEDNESDAY
from tests.patients.people.pages import queries_of, text_of

LIST, PRINT, FILE = (reverse(f"patients:followup-{name}") for name in ("list", "print", "csv"))

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("on_a_wednesday")]


@pytest.fixture
def okafor(staff):
    return builders.a_patient(
        family_name="Okafor", given_name="Grace", phone="+44 20 7946 0018", email="grace@example.org", by=staff
    )


@pytest.fixture
def follow_up(okafor, neurologist, staff):
    """With a free text that the front desk can read, and a contact with a note."""
    follow_up = builders.a_follow_up(
        patient=okafor, clinician=neurologist, due_on=WEDNESDAY - dt.timedelta(days=9), why="Wore off early."
    )
    builders.a_contact(follow_up, how="phone", outcome="no_answer", by=staff, note="Rings out.")
    return follow_up


def read(response):
    return list(csv.DictReader(io.StringIO(response.content.decode("utf-8-sig"))))


def test_file_has_what_a_call_needs(login, staff, follow_up):
    response = login(staff).get(FILE)
    assert response["Content-Disposition"] == 'attachment; filename="collum-follow-ups-2026-11-25.csv"'
    assert read(response) == [
        {
            "Due on": "2026-11-16", "Family name": "Okafor", "Given name": "Grace",
            "Record number": follow_up.patient.record_number, "Birth date": "1969-03-14",
            "Phone": "'+44 20 7946 0018", "Email": "grace@example.org", "Requested": "Next injection",
            "Clinician": "Dr A. Morgan", "Last contact on": "2026-11-25", "How": "Telephone", "Outcome": "No answer",
            "Call again on": "",
        }
    ]  # fmt: skip


def test_no_cell_of_the_file_is_a_formula(login, staff, neurologist):
    patient = builders.a_patient(family_name="=1+1", given_name="@cmd", phone="-5551 234", by=staff)
    builders.a_follow_up(patient=patient, clinician=neurologist, due_on=WEDNESDAY)
    (row,) = read(login(staff).get(FILE))
    assert (row["Family name"], row["Given name"], row["Phone"]) == ("'=1+1", "'@cmd", "'-5551 234")


def test_download_is_one_export_that_names_all_records(login, staff, neurologist, follow_up):
    other = builders.a_patient(family_name="Okafor-Twice", by=staff)
    builders.the_same_person(follow_up.patient, other, by=neurologist)
    client, last = login(staff), AuditEntry.objects.latest("pk").pk
    client.get(FILE)
    (entry,) = AuditEntry.objects.filter(pk__gt=last).exclude(action="logged in")
    assert (entry.action, entry.actor) == ("exported", staff)
    assert {row.patient_id for row in entry.patients.all()} == {follow_up.patient_id, other.pk}


def test_print_shows_who_is_to_be_called(login, staff, follow_up):
    response = login(staff).get(PRINT, {"only": "overdue", "clinician": follow_up.clinician_id, "then": "5"})
    text = text_of(response)
    for words in (
        "Follow-ups on Wednesday 25 November 2026", "Overdue, Dr A. Morgan", "OKAFOR, Grace", "14 Mar 1969",
        "+44 20 7946 0018", "16 Nov 2026", "Next injection, Dr A. Morgan", "25 Nov 2026: telephone, no answer",
    ):  # fmt: skip
        assert words in text
    back = f"{LIST}?clinician={follow_up.clinician_id}&amp;only=overdue"
    assert f'href="{back}' in response.content.decode()


@pytest.mark.parametrize("address", [PRINT, FILE])
def test_paper_and_file_have_no_clinical_content(address, login, staff, neurologist, follow_up):
    builders.a_signed_session(by=neurologist)
    text = text_of(login(staff).get(address))
    assert "Okafor".lower() in text.lower()
    for words in ("Wore off early", "Rings out", "1.11", "2.22", "ternocleidomastoid", "Botox"):
        assert words not in text


@pytest.mark.parametrize("address", [PRINT, FILE])
def test_paper_and_file_have_all_rows_of_the_filter(address, login, staff, okafor, neurologist):
    for number in range(53):
        due_on = WEDNESDAY + dt.timedelta(days=number - 1)
        builders.a_follow_up(patient=okafor, clinician=neurologist, due_on=due_on)
    client = login(staff)
    assert client.get(address, {"page": "2"}).content.decode().lower().count("okafor") == 53
    assert client.get(address, {"only": "overdue"}).content.decode().lower().count("okafor") == 1


def test_list_leads_to_both_with_its_filters(login, staff, follow_up):
    html = login(staff).get(LIST, {"only": "overdue", "page": "1"}).content.decode()
    for address in (PRINT, FILE):
        assert f'href="{address}?only=overdue"' in html
    assert f'href="{FILE}"' in login(staff).get(LIST).content.decode()


@pytest.mark.parametrize("address", [PRINT, FILE])
@pytest.mark.parametrize("asked", [{"only": "x"}, {"kind": "\x00"}, {"clinician": "9" * 50}, {"page": "-1"}])
@pytest.mark.sample(3)
def test_any_filter_gets_a_list(address, asked, login, staff, follow_up):
    assert "okafor" in login(staff).get(address, asked).content.decode().lower()


@pytest.mark.parametrize("address", [PRINT, FILE])
def test_other_roles_get_no_list(address, login, auditor, catalogue_manager, follow_up):
    for person in (auditor, catalogue_manager):
        assert login(person).get(address).status_code == 403


@pytest.mark.parametrize("address", [PRINT, FILE])
@pytest.mark.sample(2)
def test_query_count_is_the_same_for_50_rows(address, login, staff, neurologist):
    client = login(staff)
    for number in range(50):
        if number == 5:
            few = queries_of(client, address)
        builders.a_contact(
            builders.a_follow_up(clinician=neurologist, due_on=WEDNESDAY), how="phone", outcome="sent", by=staff
        )
    assert queries_of(client, address) == few
