"""The export for research: no name, no free text, stable pseudonyms, dates shifted per patient or kept."""

import csv
import datetime as dt
import io
import zipfile
import zoneinfo

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from clinic.models import AuditEntry
from clinic.records.exceptions import Refused
from patients.models import Patient
from planning.exports import research
from planning.exports.models import DataExport
from planning.exports.pseudonyms import MOST_DAYS, Pseudonyms, research_key
from planning.exports.research import TABLES, research_as_zip
from planning.models import InjectionSession, Response
from tests import builders
from tests.planning.exports.conftest import TYPED
from tests.world import SECRETS

pytestmark = pytest.mark.django_db

KEY, OTHER_KEY = "k" * 32, "o" * 32
REASON = "A study of the hospital"
ZONE = zoneinfo.ZoneInfo("Europe/London")


class Research:
    """An export for research, as somebody reads it."""

    def __init__(self, content):
        self.archive = zipfile.ZipFile(io.BytesIO(content))

    def rows(self, name):
        return list(csv.DictReader(io.StringIO(self.archive.read(f"{name}.csv").decode("utf-8-sig"))))

    def text(self):
        return "\n".join(self.archive.read(name).decode() for name in self.archive.namelist())


def exported_with(key=KEY, dates="shifted"):
    return Research(b"".join(research_as_zip(connection, pseudonyms=Pseudonyms(key.encode(), dates), zone=ZONE)))


@pytest.fixture(scope="module")
def shifted(made_world):
    return exported_with()


@pytest.fixture(scope="module")
def kept(made_world):
    return exported_with(dates="kept")


def test_no_name_and_no_free_text_is_exported(shifted, kept, world):
    for text in (shifted.text(), kept.text()):
        for what in ("family_name", "given_name", "lot_number", "assessment", "words", "event", "reason"):
            assert SECRETS[what] not in text
        for value in (world.patient.record_number, world.patient.phone, world.clinician.printed_name, "Recipientq"):
            assert not value or value not in text


def test_only_listed_columns_of_choices_and_numbers_are_exported():
    """A text field of a model is never a column, except names of the catalogue and a code that looks like one."""
    free = {
        (name, column.path)
        for name, (rows, _, columns) in TABLES.items()
        for column in columns
        if column.kind == "text" and "__" not in column.path
        for field in [rows.model._meta.get_field(column.path)]
        if field.get_internal_type() in ("CharField", "TextField") and not field.choices
    }
    assert free == set()


def test_doses_are_the_strings_that_were_typed(shifted):
    rows = shifted.rows("injections")
    assert {row["given_dose"] for row in rows} >= {*TYPED}
    assert len(rows) == sum(
        len(session.record().content["injections"]) for session in InjectionSession.objects.counted()
    )
    assert {row["muscle"] for row in rows} >= {SECRETS["muscle"]}  # of the catalogue


def test_amended_session_has_its_latest_record_only(shifted):
    numbers = [row["signed_record"] for row in shifted.rows("sessions")]
    assert sorted(numbers) == ["1", "1", "2"]
    assert "7.77" in {row["given_dose"] for row in shifted.rows("injections")}


def test_pseudonyms_are_stable_and_depend_on_the_key(shifted):
    again, other = exported_with(), exported_with(OTHER_KEY)
    of = [[row["patient"] for row in each.rows("patients")] for each in (shifted, again, other)]
    assert of[0] == of[1]
    assert not set(of[0]) & set(of[2])
    assert len(set(of[0])) == Patient.objects.filter(same_as=None).count()
    sessions = {row["session"] for row in shifted.rows("sessions")}
    assert {row["session"] for table in ("injections", "responses") for row in shifted.rows(table)} <= sessions
    assert {row["patient"] for row in shifted.rows("sessions")} <= set(of[0])


def test_rows_are_in_the_order_of_pseudonyms_not_of_time(shifted, monkeypatch):
    """The order of registration would tell about shifted dates. In several portions, too."""
    monkeypatch.setattr(research, "PEOPLE_AT_ONCE", 1)
    for table in ("patients", "sessions", "injections", "assessments"):
        rows = exported_with().rows(table)
        assert rows == shifted.rows(table)
        assert [row["patient"] for row in rows] == sorted(row["patient"] for row in rows)
    sessions = [(row["patient"], row["session"]) for row in shifted.rows("sessions")]
    assert sessions == sorted(sessions)


def test_records_of_one_person_have_one_pseudonym(world):
    joined = builders.a_patient(family_name="Joined")
    builders.the_same_person(world.patient, joined, by=world.clinician)
    rows = exported_with().rows("patients")
    assert len(rows) == Patient.objects.filter(same_as=None).count() == Patient.objects.count() - 1


def test_dates_of_a_patient_are_shifted_by_the_same_days(shifted, kept):
    days = set()
    for table, column in (("sessions", "given_on"), ("assessments", "assessed_on"), ("responses", "reported_on")):
        for one, other in zip(kept.rows(table), shifted.rows(table), strict=True):
            days.add(dt.date.fromisoformat(one[column]) - dt.date.fromisoformat(other[column]))
    assert len(days) == 1  # all of one patient
    assert dt.timedelta() < days.pop() <= dt.timedelta(days=MOST_DAYS)
    of_two = {Pseudonyms(KEY.encode(), "shifted").day(pk, dt.date(2026, 1, 1)) for pk in (1, 2, 3)}
    assert len(of_two) > 1


def test_birth_date_is_reduced_to_its_year(kept, shifted):
    born = builders.a_patient(date_of_birth="1970-01-02")
    unknown = builders.a_patient(date_of_birth="unknown")
    for dates, years in (("kept", {"1970"}), ("shifted", {"1969", "1970"})):
        rows = {row["patient"]: row for row in exported_with(dates=dates).rows("patients")}
        name = Pseudonyms(KEY.encode(), dates).of
        assert rows[name("patient", born.pk)]["birth_year"] in years
        assert rows[name("patient", unknown.pk)]["birth_year"] == ""


def test_diagnosis_is_exported_as_a_code_only():
    builders.a_patient(diagnosis="Told by her sister", diagnosis_code="G24.3")
    builders.a_patient(diagnosis_code="as her sister")
    codes = {row["diagnosis_code"] for row in exported_with().rows("patients")}
    assert "G24.3" in codes
    assert "as her sister" not in codes


def test_what_is_entered_in_error_is_left_out(world):
    builders.in_error(world.response, by=world.clinician)
    builders.an_error(world.signed, by=world.clinician)
    found = exported_with()
    assert found.rows("responses") == []
    assert len(found.rows("sessions")) == 2
    assert Response.objects.count() == 1


@pytest.mark.parametrize("key", ["", "short"])
def test_export_needs_a_key(key, settings, login, neurologist, tmp_path):
    settings.RESEARCH_KEY = key
    with pytest.raises(Refused, match="RESEARCH_KEY"):
        research_key()
    sent = {"research-reason": REASON, "research-dates": "kept"}
    body = login(neurologist).post("/exports/research/", sent).content.decode()
    assert "An administrator sets RESEARCH_KEY" in body
    with pytest.raises(CommandError, match="RESEARCH_KEY"):
        call_command("export_research", tmp_path / "export.zip", reason=REASON, dates="kept")
    assert not DataExport.objects.exists()


def test_page_and_command_store_reason_and_dates(settings, login, neurologist, tmp_path):
    settings.RESEARCH_KEY = KEY
    patient = builders.a_patient()
    response = login(neurologist).post("/exports/research/", {"research-reason": REASON, "research-dates": "kept"})
    assert zipfile.ZipFile(io.BytesIO(b"".join(response.streaming_content))).testzip() is None
    call_command("export_research", tmp_path / "export.zip", reason=REASON, dates="shifted", verbosity=0)
    made = [(each.kind, each.dates, each.reason, each.by) for each in DataExport.objects.order_by("pk")]
    assert made == [("research", "kept", REASON, neurologist), ("research", "shifted", REASON, None)]
    entries = AuditEntry.objects.filter(action="exported")
    assert [{row.patient_id for row in entry.patients.all()} for entry in entries] == [{patient.pk}] * 2


@pytest.mark.parametrize("sent", [{"research-reason": REASON}, {"research-dates": "kept"}])
def test_export_for_research_needs_reason_and_choice_of_dates(sent, settings, login, neurologist):
    settings.RESEARCH_KEY = KEY
    assert "This field is required" in login(neurologist).post("/exports/research/", sent).content.decode()
    assert not DataExport.objects.exists()
