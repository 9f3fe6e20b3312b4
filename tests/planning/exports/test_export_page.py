"""Who can export all patients, by page and by command: with a reason that is stored, and in the audit trail."""

import io
import stat
import zipfile

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction

from clinic.models import AuditEntry
from planning.models import DataExport
from tests import builders

pytestmark = pytest.mark.django_db

REASON = "Data warehouse of the hospital"
EVERYTHING = "/exports/everything/"


def audited():
    entry = AuditEntry.objects.filter(action="exported").latest("pk")
    return entry, {row.patient_id for row in entry.patients.all()}


@pytest.fixture
def patients():
    return {builders.a_patient().pk, builders.a_patient().pk}


# The page


def test_page_lists_earlier_exports_with_their_reasons(login, neurologist):
    DataExport.objects.create(kind="everything", reason=REASON, by=neurologist)
    DataExport.objects.create(kind="everything", reason="For the migration")
    body = login(neurologist).get("/exports/").content.decode()
    assert REASON in body
    assert f"by {neurologist}" in body
    assert "by a command on the server" in body


def test_export_without_a_reason_is_rejected(login, neurologist, patients):
    response = login(neurologist).post(EVERYTHING, {"everything-reason": " "})
    assert "This field is required" in response.content.decode()
    assert not DataExport.objects.exists()
    assert not AuditEntry.objects.filter(action="exported").exists()


def test_export_is_streamed_and_audited_with_its_patients(login, neurologist, patients):
    response = login(neurologist).post(EVERYTHING, {"everything-reason": REASON}, headers={"Accept-Encoding": "gzip"})
    # Stored before the first byte
    export = DataExport.objects.get()
    entry, named = audited()
    assert (export.kind, export.reason, export.by) == ("everything", REASON, neurologist)
    assert (entry.actor, entry.object_id, named) == (neurologist, export.pk, patients)
    assert response.streaming
    assert response["X-Accel-Buffering"] == "no"
    assert response["Cache-Control"] == "no-store"
    assert "Content-Encoding" not in response
    assert response["Content-Disposition"].startswith('attachment; filename="collum-everything-')
    archive = zipfile.ZipFile(io.BytesIO(b"".join(response.streaming_content)))
    assert archive.namelist()[-1] == "manifest.json"


def test_token_cannot_export(client, neurologist):
    """No operation of the API exports everything, and no token can have the permission."""
    from clinic.accounts.permissions import READING, WRITING, Permission

    assert Permission.EXPORT_ALL not in READING | WRITING


@pytest.mark.engine
def test_exports_stay_recorded():
    export = DataExport.objects.create(kind="everything", reason=REASON)
    table = DataExport._meta.db_table
    for statement in (f"UPDATE {table} SET reason = 'x'", f"DELETE FROM {table}"):
        with pytest.raises(IntegrityError, match="is_append_only"), transaction.atomic():
            connection.cursor().execute(statement)
    assert DataExport.objects.get() == export


# The command


def test_command_writes_a_file_of_its_owner_and_is_audited(tmp_path, patients, capsys):
    path = tmp_path / "export.zip"
    call_command("export_all", path, reason=REASON)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert zipfile.ZipFile(path).testzip() is None
    entry, named = audited()
    assert (entry.actor, named) == (None, patients)
    assert DataExport.objects.get().reason == REASON
    assert "not encrypted" in capsys.readouterr().out


def test_command_reports_its_progress(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("clinic.backup.command_line.SECONDS_BETWEEN", -1)
    call_command("export_all", tmp_path / "export.zip", reason=REASON)
    assert "patients_patient (" in capsys.readouterr().out


@pytest.mark.parametrize("reason", ["", " ", "x" * 301, "a\x07b"])
def test_command_needs_a_reason(reason, tmp_path):
    with pytest.raises(CommandError, match="--reason"):
        call_command("export_all", tmp_path / "export.zip", reason=reason)
    assert not DataExport.objects.exists()


def test_command_never_overwrites_a_file(tmp_path):
    path = tmp_path / "export.zip"
    path.write_text("something else")
    with pytest.raises(CommandError, match="exists already"):
        call_command("export_all", path, reason=REASON)
    assert path.read_text() == "something else"
    assert not DataExport.objects.exists()


def test_incomplete_file_is_removed(tmp_path, monkeypatch):
    def failing(*args, **options):
        yield b"begun"
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("planning.management.commands.export_all.everything_as_zip", failing)
    with pytest.raises(CommandError, match="No space left"):
        call_command("export_all", tmp_path / "export.zip", reason=REASON)
    assert list(tmp_path.iterdir()) == []
