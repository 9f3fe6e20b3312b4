"""The auditor's page: who did what, by patient or latest first."""

import pytest
from django.urls import reverse
from django.utils import timezone

from clinic.models import AuditedPatient, AuditEntry
from clinic.records import audit_log
from tests import builders
from tests.patients.people.pages import queries_of, text_of

pytestmark = pytest.mark.engine

PAGE = reverse("clinic:audit")


@pytest.fixture
def patient(staff):
    return builders.a_patient(
        by=staff, family_name="Okafor", given_name="Grace", record_number="AB-1", diagnosis="Cervical dystonia"
    )


def entries_of(response):
    return [(str(entry.actor), entry.action) for entry in response.context["entries"]]


def test_record_number_lists_its_readers_newest_first(login, auditor, staff, neurologist, patient):
    # Given a patient whose page two users opened, and another patient
    login(neurologist).get(reverse("patients:patient-change", args=[patient.pk]))
    builders.a_patient(by=neurologist)

    # When the auditor searches for that record, in any case
    response = login(auditor).post(PAGE, {"record_number": " ab-1 "})

    # Then exactly those entries are listed, newest first, the auditor's own look among them
    assert entries_of(response) == [
        ("Audrey Tor", "read the audit trail"),
        ("Dr A. Morgan", "read"),
        ("Sam Desk", "registered"),
    ]
    read = response.context["entries"][1]
    time = timezone.localtime(read.at)
    expected = "Dr A. Morgan neurologist opened the page to change the patient’s details AB-1 done"
    assert f"{time:%-d %b %Y, %H:%M:%S} {expected}" in text_of(response)


def test_without_a_record_number_the_latest_entries_are_listed(login, auditor, patient):
    response = login(auditor).get(PAGE)
    assert entries_of(response)[0] == ("Audrey Tor", "read the audit trail")
    assert ("Sam Desk", "registered") in entries_of(response)
    assert [entry.pk for entry in response.context["entries"]] == sorted(
        AuditEntry.objects.values_list("pk", flat=True), reverse=True
    )


def test_opening_the_page_is_audited(login, auditor, patient):
    login(auditor).post(PAGE, {"record_number": "AB-1"})
    entry = AuditEntry.objects.last()
    assert (entry.actor, entry.action, entry.route) == (auditor, "read the audit trail", "clinic:audit")
    assert entry.patients.get().patient_id == patient.pk


def test_page_shows_no_name_and_no_clinical_data(login, auditor, neurologist, patient):
    visit = builders.an_arrived_visit(patient=patient, clinician=neurologist)
    builders.a_signed_session(by=neurologist, visit=visit)
    for asked in ({}, {"record_number": "AB-1"}):
        page = login(auditor).post(PAGE, asked).content.decode().lower()
        for word in ("okafor", "grace", "dystonia", "1.11", "sternocleidomastoid", "botox", "mar 1969", "1969-03"):
            assert word not in page


def test_unknown_record_number_shows_a_message_and_is_audited(login, auditor, patient):
    response = login(auditor).post(PAGE, {"record_number": "AB-2"})
    assert "No patient has this record number." in text_of(response)
    assert response.context["form"]["record_number"].value() == "AB-2"
    assert AuditEntry.objects.last().action == "read the audit trail"


@pytest.mark.parametrize(
    "asked",
    [
        {"record_number": "\x00"},
        {"record_number": "x" * 5000},
        {"record_number": "%"},
        {"before": "x"},
        {"before": "0"},
        {"before": "9" * 50},
        {"before": "1"},
        {"record_number": "AB-1", "before": "9223372036854775807"},
    ],
)
@pytest.mark.sample(3)
def test_any_query_gets_a_page(asked, login, auditor, patient):
    response = login(auditor).post(PAGE, asked)
    assert response.status_code == 200
    if set(asked) == {"record_number"}:
        assert entries_of(response) == []


def test_page_has_100_entries_and_pages_have_no_gaps(login, auditor, patient):
    # Given more than a hundred entries
    for _ in range(205):
        audit_log.record("read", by=auditor, patients=[patient.pk])
    client, asked, seen = login(auditor), {"record_number": "AB-1"}, []

    # When they are paged through, although each look adds one
    while True:
        response = client.post(PAGE, asked)
        page = [entry.pk for entry in response.context["entries"]]
        assert len(page) <= 100
        seen += page
        if response.context["earlier"] is None:
            break
        assert f'value="{page[-1]}"' in response.content.decode()
        asked["before"] = page[-1]

    # Then all older ones were seen, each once
    assert len(seen) == len(set(seen)) == 207
    assert AuditedPatient.objects.filter(patient_id=patient.pk, entry__lte=seen[0]).count() == 207


@pytest.mark.parametrize("person", ["neurologist", "trainee", "staff", "catalogue_manager", "superuser"])
def test_only_auditors_can_read_the_audit_trail(person, login, request):
    response = login(request.getfixturevalue(person)).get(PAGE)
    assert response.status_code == 403
    assert "read the audit trail" not in AuditEntry.objects.values_list("action", flat=True)


def test_query_count_is_constant_for_more_entries(login, auditor, patient):
    people = [builders.a_person("clinic staff") for _ in range(50)]
    client, searched = login(auditor), {"record_number": "AB-1"}
    for person in people[:5]:
        audit_log.record("read", by=person, patients=[patient.pk])
    few = queries_of(client, PAGE, searched)
    for person in people[5:]:
        audit_log.record("read", by=person, patients=[patient.pk])
    assert queries_of(client, PAGE, searched) == few
