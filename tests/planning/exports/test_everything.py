"""The export of everything: complete, described by its data dictionary, with doses as typed, and never in memory."""

import csv
import io
import os
import subprocess
import sys
import zipfile

import pytest
from django.apps import apps
from django.conf import settings
from django.db import connection
from django.utils import timezone

from clinic.backup.snapshots import snapshot
from patients.models import Patient
from planning.exports.data_dictionary import data_dictionary
from planning.exports.everything import everything_as_zip
from planning.exports.exported_tables import (
    COLUMNS_LEFT_OUT,
    TABLES_LEFT_OUT,
    exported_tables,
    why_left_out,
)
from planning.exports.zip_stream import BLOCK, zip_stream
from planning.models import Injection, SignedRecord
from planning.sessions.doses import DoseField
from tests import builders
from tests.planning.exports.conftest import TYPED, ReadExport

SCRIPT = settings.BASE_DIR / "docs" / "examples" / "read_an_export.py"

pytestmark = pytest.mark.django_db


def script_on(path):
    """The output of the script and its errors, run as its readers run it: without Collum's packages."""
    command = [sys.executable, "-I", "-S", "-W", "error", SCRIPT, path]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


def rewritten(export, changes):
    """The zip with members replaced, or left out if they are None."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name in export.archive.namelist():
            content = changes[name] if name in changes else export.archive.read(name)
            if content is not None:
                archive.writestr(name, content)
    return file.getvalue()


# What is in it


def test_each_table_is_exported_or_left_out_with_a_reason():
    tables = {model._meta.db_table for model in apps.get_models(include_auto_created=True)}
    exported = {table.name for table in exported_tables()}
    of_clinical_apps = {name for name in tables if name.startswith(("patients_", "planning_"))}
    assert {name for name in tables if why_left_out(name) is None} == exported
    assert of_clinical_apps - exported == {
        "patients_calendarfeed", "patients_patientkey", "patients_possibleduplicate", "patients_recordnumbercounter",
        "patients_reminderrun", "planning_lotspelling", "planning_musclekey",
    }  # fmt: skip
    assert exported - of_clinical_apps == {
        "auth_group", "clinic_clinic", "clinic_historicalclinic", "clinic_user", "clinic_user_groups",
    }  # fmt: skip


def test_what_is_left_out_exists():
    models = {model._meta.db_table: model for model in apps.get_models(include_auto_created=True)}
    for name in TABLES_LEFT_OUT:
        assert any(table.startswith(name.rstrip("*")) for table in models), name
    for table, columns in COLUMNS_LEFT_OUT.items():
        assert columns.keys() <= {field.column for field in models[table]._meta.concrete_fields}


def test_every_row_of_every_table_is_exported(exported):
    for table in exported_tables():
        assert len(exported.rows(table.name)) == table.model._base_manager.count(), table.name


def test_doses_leave_as_the_strings_that_were_typed(exported, world):
    rows = {row["id"]: row for row in exported.rows("planning_injection")}
    for injection in Injection.objects.all():
        row = rows[injection.pk]
        assert (row["planned_dose"], row["given_dose"]) == (injection.planned_dose, injection.given_dose)
    assert {row["given_dose"] for row in rows.values()} >= {*TYPED}
    cells = list(csv.DictReader(io.StringIO(exported.archive.read("csv/planning_injection.csv").decode("utf-8-sig"))))
    assert [cell["given_dose"] for cell in cells] == [row["given_dose"] for row in rows.values()]


def test_exactly_the_dose_fields_are_doses_in_the_dictionary():
    described = {
        (table["name"], column["name"])
        for table in data_dictionary()["tables"]
        for column in table["columns"]
        if column["type"] == "dose"
    }
    assert described == {
        (model._meta.db_table, field.column)
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if isinstance(field, DoseField)
    }
    assert described == {("planning_injection", "planned_dose"), ("planning_injection", "given_dose")}


def test_secrets_and_the_audit_trail_are_not_exported(exported, world):
    text = exported.text()
    assert world.clinician.password not in text
    assert world.token.token_hash not in text
    assert world.calendar_secret not in text
    assert "clinic_auditentry.ndjson" not in text


def test_dictionary_describes_choices_references_and_meaning():
    tables = {table["name"]: table for table in data_dictionary()["tables"]}
    session = {column["name"]: column for column in tables["planning_injection"]["columns"]}["session_id"]
    side = {column["name"]: column for column in tables["planning_injection"]["columns"]}["side"]
    assert session["references"] == "planning_injectionsession.id"
    assert side["choices"]["left"] == "left"
    assert "never changes" in tables["planning_letter"]["description"]


# The script


def test_script_checks_the_export_and_recomputes_every_hash(exported, tmp_path):
    path = tmp_path / "export.zip"
    path.write_bytes(exported.content)
    ended = script_on(path)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert f"{SignedRecord.objects.count()} signed records with their hashes recomputed, 0 faults" in ended.stdout


RECORDS = "ndjson/planning_signedrecord.ndjson"


@pytest.mark.parametrize(
    ("member", "before", "after", "fault"),
    [
        (RECORDS, '\\"given_dose\\":\\"2.50\\"', '\\"given_dose\\":\\"2.5\\"', "the content does not match its hash"),
        (RECORDS, "Dr World", "Dr Wurld", "the record does not match its hash"),
        (RECORDS, '"number":2', '"number":3', "does not follow the record before"),
        ("ndjson/planning_injection.ndjson", '"given_dose":"2.50"', '"given_dose":2.5', "not of the type dose"),
        ("csv/planning_injection.csv", "2.50", "2.5", "differs between NDJSON and CSV"),
        ("csv/planning_injection.csv", "given_dose", "dose", "has other columns than the data dictionary"),
        ("ndjson/planning_vial.ndjson", '"session_id":', '"session_id":9', "is missing"),
    ],
)
@pytest.mark.sample(2)
def test_script_finds_a_changed_export(member, before, after, fault, exported, tmp_path):
    content = exported.archive.read(member).decode()
    assert before in content
    path = tmp_path / "export.zip"
    path.write_bytes(rewritten(exported, {member: content.replace(before, after)}))
    ended = script_on(path)
    assert ended.returncode == 1
    assert fault in ended.stderr
    assert f"{member} does not match the SHA-256 of the manifest" in ended.stderr


def test_script_rejects_an_incomplete_export(exported, tmp_path):
    path = tmp_path / "export.zip"
    path.write_bytes(rewritten(exported, {"manifest.json": None}))
    assert "is not a complete export of Collum" in script_on(path).stderr
    path.write_bytes(exported.content[: len(exported.content) // 2])
    assert "is not a complete export of Collum" in script_on(path).stderr


# A stream


def test_zip_is_sent_while_it_is_written():
    read = []

    def blocks():
        for number in range(50):
            read.append(number)
            yield os.urandom(BLOCK)  # so that it cannot be compressed

    stream = zip_stream([("one.txt", blocks())])
    first = next(stream)
    assert len(read) < 5
    content = first + b"".join(stream)
    assert ReadExport(content).archive.testzip() is None
    assert len(read) == 50


@pytest.mark.engine
@pytest.mark.django_db(transaction=True)
def test_export_contains_one_state_of_the_database():
    first = builders.a_patient()
    with snapshot(connection) as source:
        stream = everything_as_zip(source, at=timezone.now())
        content = next(stream)
        builders.a_patient()
        content += b"".join(stream)
    assert [row["id"] for row in ReadExport(content).rows("patients_patient")] == [first.pk]
    assert Patient.objects.count() == 2
