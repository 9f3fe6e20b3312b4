"""A patient as a whole: the summary for a referring doctor, the print of everything, the export."""

import datetime as dt
import io
import json
import stat

import pytest
from django.core.management import CommandError, call_command

from clinic.models import AuditEntry
from patients.coverage.actions import add_therapy
from planning.models import Muscle
from planning.reports.chart import chart_of
from planning.reports.export import export_of
from planning.sessions.actions.consents import record_information
from tests import builders
from tests.test_recordable import values_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def doctor(client, neurologist):
    client.force_login(neurologist)
    return client


@pytest.fixture
def patient():
    return builders.a_patient(
        family_name="Summed", given_name="Sunniva", record_number="RN-SUM-1", diagnosis="Dystonia"
    )


def body_of(response):
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def summary(client, patient):
    return body_of(client.get(f"/patients/{patient.pk}/summary/"))


def everything(client, patient):
    return body_of(client.get(f"/patients/{patient.pk}/everything/"))


# The summary


def test_summary_shows_patient_sessions_course_and_follow_up(doctor, patient, neurologist):
    session = builders.a_signed_session_of(patient, by=neurologist, weeks_ago=12)
    builders.an_assessment(visit=session.visit, by=neurologist, postures=[("torticollis", "left")])
    builders.a_response(
        session=session, visit=builders.a_visit_after(session, weeks=11), onset_day=5, wearing_off_day=70,
        impression="much_better",
    )  # fmt: skip
    builders.an_event(session=session, severity="mild", outcome="recovered", began_day=3)
    coming = builders.a_visit(patient=patient, clinician=neurologist, day=builders.today() + dt.timedelta(days=9))
    body = summary(doctor, patient)
    for words in (
        "SUMMED, Sunniva", "RN-SUM-1", "Dystonia", "Torticollis left", "day 5", "day 70", "Much better",
        "Dysphagia, mild from day 3", "recovered", "1.11 units Botox",
        "Sternocleidomastoid", "as signed by Dr A. Morgan",
        f"{coming.day.day} {coming.day:%b %Y}, 10:00",
    ):  # fmt: skip
        assert words in body


def test_summary_shows_the_last_signed_session_as_signed(doctor, patient, neurologist):
    session = builders.a_signed_session_of(patient, by=neurologist, weeks_ago=12)
    muscle = Muscle.objects.get(short_name="SCM")
    muscle.name = "Renamed"
    muscle.save()
    builders.an_amendment(session, by=neurologist)
    builders.amend(session, by=neurologist, given_dose="7.77")
    body = summary(doctor, patient)
    assert "Renamed" not in body
    assert "7.77" not in body
    assert "1.11 units Botox" in body
    assert "being amended" in body


def test_summary_names_unsigned_sessions_without_doses(doctor, patient, neurologist):
    visit = builders.a_visit(patient=patient, clinician=neurologist, day=builders.today() - dt.timedelta(days=3))
    builders.a_given_session(by=neurologist, visit=visit, doses=("9.99", "8.88"))
    body = summary(doctor, patient)
    assert "given, not signed" in body
    assert "9.99" not in body
    assert "Last signed session" not in body


def test_summary_of_a_new_patient_names_what_is_missing(doctor, patient):
    body = summary(doctor, patient)
    assert "None recorded." in body
    assert "Last signed session" not in body


def test_summary_shows_an_open_follow_up(doctor, patient, neurologist):
    follow_up = builders.a_follow_up(patient=patient, clinician=neurologist)
    assert f"to be booked, due {follow_up.due_on.day} {follow_up.due_on:%b %Y}" in summary(doctor, patient)


# The print of everything


def test_full_chart_prints_every_record_of_a_session(doctor, patient, neurologist):
    visit = builders.a_visit(patient=patient, clinician=neurologist, day=builders.today() - dt.timedelta(days=3))
    builders.an_amended_session(by=neurologist, visit=visit)
    body = everything(doctor, patient)
    assert "Record 1" in body
    assert "Record 2" in body
    assert "given 1.11 units" in body
    assert "given 7.77 units" in body


def test_full_chart_marks_plans_and_unsigned_sessions(doctor, patient, neurologist):
    builders.a_planned_session(by=neurologist, visit=builders.a_visit(patient=patient, clinician=neurologist))
    visit = builders.a_visit(patient=patient, clinician=neurologist, hour=15)
    builders.a_given_session(by=neurologist, visit=visit)
    body = everything(doctor, patient)
    assert "Plan. Not a record of what was given" in body
    assert "<h3>Not signed</h3>" in body


def test_full_chart_marks_entries_in_error(doctor, patient, neurologist):
    session = builders.a_signed_session_of(patient, by=neurologist, weeks_ago=12)
    builders.in_error(builders.an_event(session=session), by=neurologist, reason="Another patient's event")
    body = everything(doctor, patient)
    assert "Entered in error, marked by Dr A. Morgan" in body
    assert "Another patient&#x27;s event" in body


def test_full_chart_contains_linked_records(doctor, patient, neurologist):
    other = builders.a_patient(record_number="RN-OTHER-1")
    add_therapy(patient=other, by=neurologist, kind="other", description="Swims")
    builders.the_same_person(patient, other, by=neurologist)
    body = everything(doctor, patient)
    assert "RN-OTHER-1" in body
    assert "Swims" in body


# The export


def test_export_contains_doses_as_typed_and_record_hashes(patient, neurologist):
    session = builders.a_signed_session_of(patient, by=neurologist, weeks_ago=12, doses=("007.10", "0.0"))
    exported = json.loads(json.dumps(export_of(patient)))
    (made,) = [made for visit in exported["visits"] for made in visit["sessions"]]
    assert [row["given_dose"] for row in made["injections"]] == ["007.10", "0.0"]
    (record,) = made["records"]
    assert record["hash"] == session.record().hash
    assert record["content"] == session.record().content
    assert made["unit_label"] == "units"


def test_export_contains_no_data_of_another_patient(patient, neurologist):
    other = builders.a_patient(family_name="Otherwise", record_number="RN-NOT-THIS")
    builders.a_signed_session_of(other, by=neurologist, weeks_ago=2)
    builders.a_signed_session_of(patient, by=neurologist, weeks_ago=1)
    values = set(values_in(export_of(patient)))
    assert not [value for value in values if "Otherwise" in value or "RN-NOT-THIS" in value]


def test_export_marks_entries_in_error(patient, neurologist):
    session = builders.a_signed_session_of(patient, by=neurologist, weeks_ago=12)
    builders.in_error(builders.an_event(session=session), by=neurologist, reason="Twice")
    (event,) = export_of(patient)["visits"][0]["sessions"][0]["adverse_events"]
    assert event["error_reason"] == "Twice"


def test_export_is_a_file_with_the_permission(doctor, patient):
    page = doctor.get(patient.get_absolute_url()).content.decode()
    assert f"/patients/{patient.pk}/export/" in page
    response = doctor.post(f"/patients/{patient.pk}/export/")
    assert response["Content-Type"] == "application/json"
    assert response["Content-Disposition"] == f'attachment; filename="patient-{patient.pk}.json"'
    assert json.loads(response.content)["patient"]["record_number"] == "RN-SUM-1"
    entry = AuditEntry.objects.order_by("-pk").first()
    assert (entry.action, [row.patient_id for row in entry.patients.all()]) == ("exported", [patient.pk])


@pytest.mark.parametrize("who", ["trainee", "staff"])
def test_export_is_not_offered_without_the_permission(who, client, request, patient):
    client.force_login(request.getfixturevalue(who))
    assert "/export/" not in client.get(patient.get_absolute_url()).content.decode()
    assert client.post(f"/patients/{patient.pk}/export/").status_code == 403


def test_command_writes_a_file_only_its_owner_can_read(patient, tmp_path):
    path = tmp_path / "patient.json"
    call_command("export_patient", "rn-sum-1", output=path, stderr=io.StringIO())
    assert json.loads(path.read_text())["patient"]["family_name"] == "Summed"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    entry = AuditEntry.objects.order_by("-pk").first()
    assert (entry.action, entry.actor) == ("exported", None)
    with pytest.raises(CommandError, match="exists already"):
        call_command("export_patient", "RN-SUM-1", output=path)


@pytest.mark.engine
def test_command_writes_to_stdout_and_rejects_unknown_numbers(patient):
    out = io.StringIO()
    call_command("export_patient", "RN-SUM-1", stdout=out)
    assert json.loads(out.getvalue())["format"] == "collum-patient/1"
    with pytest.raises(CommandError, match="No patient has this record number"):
        call_command("export_patient", "RN-NOBODY")


def test_chart_of_a_linked_record_contains_only_its_own_data(patient, neurologist):
    builders.a_signed_session_of(patient, by=neurologist, weeks_ago=2)
    other = builders.a_patient()
    assert chart_of(other).visits == []
    record_information(patient=other, by=neurologist, title="T", given_by="N", given_on=builders.today())
    assert chart_of(patient).information_given == []
