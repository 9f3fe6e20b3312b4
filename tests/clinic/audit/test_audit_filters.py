"""The auditor's filters: by person, record, day, action and outcome, and what leaves the page as a file or on paper."""

import datetime as dt

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from clinic.audit import views
from clinic.models import AuditEntry
from clinic.records import audit_log
from tests import builders
from tests.patients.people.pages import text_of
from tests.spreadsheets import text_of_response

pytestmark = pytest.mark.django_db

PAGE, CSV, XLSX, PRINT = (reverse(f"clinic:audit{part}") for part in ("", "-csv", "-xlsx", "-print"))


@pytest.fixture
def patient(staff):
    return builders.a_patient(by=staff, family_name="Okafor", record_number="AB-1")


@pytest.fixture
def trail(staff, neurologist, patient):
    """Yesterday a failed login and an export; today a print, a read and a denied request."""
    with time_machine.travel(timezone.now() - dt.timedelta(days=1)):
        audit_log.record("password failed", staff, by=None, outcome="failed")
        audit_log.record("exported", patient, by=neurologist, patients=[patient.pk])
    for action, route, outcome in (
        ("read", "planning:record-print", "done"),
        ("read", "planning:patient-detail", "done"),
        ("refused", "planning:session-sign", "refused"),
    ):
        AuditEntry.objects.create(action=action, route=route, outcome=outcome, actor=neurologist, roles="neurologist")


def found(response):
    rows = response.context["rows"]
    return [row.what for row in rows if "audit trail" not in row.what and row.what != "logged in"]


def today():
    return timezone.localdate().isoformat()


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"action": "failed-logins"}, ["typed a wrong user name or password (Sam Desk)"]),
        ({"action": "exports"}, ["downloaded the patient’s details"]),
        ({"action": "prints"}, ["printed the signed record"]),
        ({"action": "refused"}, ["tried to sign the session"]),
        ({"outcome": "refused"}, ["tried to sign the session"]),
        ({"outcome": "failed"}, ["typed a wrong user name or password (Sam Desk)"]),
        ({"action": "opened the patient’s page"}, ["opened the patient’s page"]),
        ({"action": "did registered"}, ["registered the patient’s details"]),
        ({"person": "nobody"}, ["typed a wrong user name or password (Sam Desk)"]),
    ],
)
def test_filter_shows_only_its_entries(asked, expected, login, auditor, trail):
    assert found(login(auditor).get(PAGE, asked)) == expected


def test_ready_made_links_list_as_many_as_they_count(login, auditor, trail, patient):
    with time_machine.travel(timezone.now() - dt.timedelta(days=8)):
        audit_log.record("exported", patient, by=auditor, patients=[patient.pk])
    client = login(auditor)
    page = client.get(PAGE)
    [exports] = [query for query in page.context["ready_made"] if query["name"] == "exports"]
    link = f"{PAGE}?action=exports&amp;since={exports['since']:%Y-%m-%d}"
    assert link in page.content.decode()
    assert len(client.get(link.replace("&amp;", "&")).context["rows"]) == exports["count"] == 1


def test_filters_by_person_and_days_are_combined(login, auditor, neurologist, trail):
    client = login(auditor)
    both = client.post(PAGE, {"person": neurologist.pk, "since": today(), "until": today()})
    assert found(both) == ["tried to sign the session", "opened the patient’s page", "printed the signed record"]
    earlier = str(timezone.localdate() - dt.timedelta(days=1))
    assert found(client.post(PAGE, {"person": neurologist.pk, "until": earlier})) == [
        "downloaded the patient’s details"
    ]


def test_days_in_the_wrong_order_show_a_message(login, auditor, trail):
    response = login(auditor).post(PAGE, {"since": today(), "until": "2020-01-01"})
    assert "This day is before the first one." in text_of(response)
    assert found(response) == []


@pytest.mark.parametrize("asked", [{"person": "x"}, {"action": "did nothing"}, {"outcome": "x"}, {"since": "\x00"}])
def test_filter_that_does_not_exist_shows_no_entries(asked, login, auditor, trail):
    response = login(auditor).post(PAGE, asked)
    assert (response.status_code, response.context["rows"]) == (200, [])


def test_record_number_includes_joined_records(login, auditor, neurologist, staff, patient):
    other = builders.a_patient(by=staff, record_number="AB-2")
    builders.the_same_person(patient, other, by=neurologist)
    for number in ("AB-1", "AB-2"):
        rows = login(auditor).post(PAGE, {"record_number": number}).context["rows"]
        assert {row.number for row in rows if row.what.startswith("registered")} == {"AB-1", "AB-2"}


@pytest.mark.parametrize("address", [CSV, XLSX])
def test_file_has_the_filtered_list_and_is_audited(address, login, auditor, patient, trail):
    response = login(auditor).post(address, {"record_number": "AB-1"})
    text = text_of_response(response)
    assert "Dr A. Morgan" in text
    assert "downloaded the patient’s details" in text
    assert "AB-1" in text
    assert "wrong user name" not in text
    entry = AuditEntry.objects.last()
    assert (entry.action, entry.patients.get().patient_id) == ("downloaded the audit trail", patient.pk)


def test_file_with_too_many_entries_asks_for_fewer_days(login, auditor, trail, monkeypatch):
    monkeypatch.setattr(views, "MOST_IN_A_FILE", 2)
    response = login(auditor).post(CSV, {})
    assert "Choose fewer days" in text_of(response)
    assert AuditEntry.objects.last().action != "downloaded the audit trail"


def test_print_for_a_patient_has_a_line_for_each_user_and_day(login, auditor, neurologist, patient, trail):
    # Given that a user changed the record twice today, and that another one was denied access
    for action in ("reviewed alerts", "changed the status"):
        audit_log.record(action, patient, by=neurologist, patients=[patient.pk])
    audit_log.record("refused", by=neurologist, patients=[patient.pk], outcome="refused")

    # When the auditor prints who opened it
    response = login(auditor).post(PRINT, {"record_number": "ab-1"})

    # Then that user has one line for today, and the denied request is not a look into the record
    today_lines = [line for line in response.context["lines"] if line.who == "Dr A. Morgan"][:1]
    assert today_lines[0].what == ["reviewed the patient’s alerts", "changed the patient’s status"]
    assert "tried to" not in text_of(response)
    assert "Okafor" not in response.content.decode()
    assert AuditEntry.objects.last().action == "printed who opened the record"


@pytest.mark.parametrize(
    ("number", "expected"), [("", "Type the patient’s record number"), ("AB-9", "No patient has this record")]
)
def test_print_without_a_known_record_shows_a_message(number, expected, login, auditor, patient):
    response = login(auditor).post(PRINT, {"record_number": number})
    assert expected in text_of(response)
    assert AuditEntry.objects.last().action != "printed who opened the record"
