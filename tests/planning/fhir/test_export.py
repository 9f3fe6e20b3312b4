"""Bulk export: its three steps, its lines, and that nothing leaves without an entry of the audit trail."""

import json

import pytest

from clinic.accounts.permissions import Permission
from clinic.models import AuditEntry
from planning.fhir import bulk_export
from planning.fhir.kinds import EXPORTED, OF_A_PATIENT
from tests import builders, rule
from tests.test_reads_audited import entries_since, last_entry

pytestmark = [pytest.mark.django_db, pytest.mark.engine]


class Clinic:
    def __init__(self):
        self.by = builders.a_person("neurologist")
        self.sessions = [
            builders.a_signed_session_of(
                builders.a_patient(diagnosis="Cervical dystonia"), by=self.by, weeks_ago=weeks, doses=("2.50", "0.10")
            )
            for weeks in (9, 8, 7)
        ]
        self.assessment = builders.an_assessment(
            visit=self.sessions[0].visit, by=self.by, scores=[(builders.an_instrument(), 12)]
        )
        self.event = builders.an_event(session=self.sessions[0], by=self.by)

    @property
    def patients(self):
        return {session.visit.patient_id for session in self.sessions}


@pytest.fixture(scope="module")
def clinic(module_transaction):
    return Clinic()


@pytest.fixture
def program(reader, clinic):
    return reader(clinic.by)


def started(program, path="$export"):
    """The URL with the list of files."""
    response = program.get(f"/fhir/{path}", Prefer="respond-async", Accept="application/fhir+json")
    assert (response.status_code, response.content) == (202, b"")
    return response["Content-Location"].removeprefix("http://testserver")


def files(program, url):
    response = program.get(url)
    assert (response.status_code, response["Content-Type"]) == (200, "application/json")
    listed = json.loads(response.content)
    assert (listed["requiresAccessToken"], listed["error"]) == (True, [])
    return {one["type"]: one["url"].removeprefix("http://testserver") for one in listed["output"]}


def lines(program, url):
    response = program.get(url)
    assert (response.status_code, response["Content-Type"]) == (200, "application/fhir+ndjson")
    return b"".join(response.streaming_content).decode().splitlines()


def test_export_contains_what_the_searches_show(program, clinic, monkeypatch):
    monkeypatch.setattr(bulk_export, "ROWS_AT_ONCE", 2)
    found = files(program, started(program))
    assert set(found) == set(EXPORTED)
    for kind, url in found.items():
        assert [json.loads(line) for line in lines(program, url)] == program.search(kind)


def test_exported_dose_is_the_typed_string(program, clinic):
    found = lines(
        program, files(program, started(program, "$export?_type=MedicationAdministration"))["MedicationAdministration"]
    )
    assert len(found) == 6
    assert [rule.faults_in_fhir(line, typed={"2.50", "0.10"}) for line in found] == [[]] * 6
    assert ['"value":2.50,' in line or '"value":0.10,' in line for line in found] == [True] * 6


def test_export_of_patients_leaves_out_users(program):
    assert set(files(program, started(program, "Patient/$export"))) == set(OF_A_PATIENT)


def test_export_since_a_time_contains_what_changed(program, clinic):
    assert files(program, started(program, "$export?_since=2099-01-01T00:00:00Z")).keys() <= {"Practitioner"} | set(
        OF_A_PATIENT
    )
    changed = started(program, "$export?_since=2000-01-01T00:00:00Z&_type=Patient")
    assert len(lines(program, files(program, changed)["Patient"])) == len(program.search("Patient"))
    none = started(program, "$export?_since=2099-01-01T00:00:00Z&_type=Patient")
    assert files(program, none) == {}


def test_file_names_its_patients_in_one_entry_before_it_is_sent(program, clinic):
    url = files(program, started(program))["MedicationAdministration"]
    before = last_entry()
    response = program.get(url)
    assert entries_since(before) == [("exported", clinic.patients)]
    assert (AuditEntry.objects.latest("pk").route, AuditEntry.objects.latest("pk").actor) == (
        "fhir:export-lines", clinic.by
    )  # fmt: skip
    # Then what is signed meanwhile is left to the next export
    builders.a_signed_session(by=clinic.by)
    assert len(b"".join(response.streaming_content).decode().splitlines()) == 6


def test_steps_that_show_no_patient_leave_no_entry(program, clinic):
    before = last_entry()
    url = started(program)
    files(program, url)
    assert program.delete(url).status_code == 202
    assert entries_since(before) == []


def test_export_contains_only_what_its_reader_can_read(reader, clinic, staff):
    found = files(reader(staff), started(reader(staff)))
    assert set(found) == {"Patient", "Practitioner", "Condition", "Appointment", "Encounter"}
    narrow = reader(clinic.by, {Permission.SEE_PATIENTS})
    assert set(files(narrow, started(narrow))) == {"Patient", "Condition"}
    assert narrow.refused("$export?_type=Procedure", 403)


def test_export_belongs_to_the_user_who_started_it(reader, program, neurologist, clinic):
    url = started(program)
    other = reader(neurologist)
    for path in (url, *files(program, url).values()):
        assert other.get(path).status_code == 404
    assert other.delete(url).status_code == 404
    assert program.get(f"{url}x").status_code == 404


def test_permission_is_checked_again_for_each_file(reader, clinic, program):
    url = files(program, started(program))["Procedure"]
    narrow = reader(clinic.by, {Permission.SEE_PATIENTS})
    before = last_entry()
    assert narrow.get(url).status_code == 403
    assert entries_since(before) == [("refused", set())]


def test_unknown_file_is_not_found(program):
    url = started(program, "$export?_type=Patient")
    for kind in ("Procedure", "AuditEvent", "Coverage"):
        assert program.get(f"{url}/{kind}.ndjson").status_code == 404
