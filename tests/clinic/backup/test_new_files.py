"""A backup appears under its name only when it is complete, and nobody else can read it."""

import errno
import gc
import os
import signal
import stat
import subprocess
import sys

import pyrage
import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import DataError, IntegrityError, connection, transaction
from django.utils import timezone

from clinic.backup import backup_file
from clinic.backup.backup_keys import BackupKeys
from clinic.backup.errors import BackupError
from clinic.management.commands import backup as backup_command
from clinic.models import AuditEntry, BackupRun
from tests.clinic.backup.made_files import PLAIN, content_of, write_content

OWN = pyrage.x25519.Identity.generate()
AGE = BackupKeys(recipients=(OWN.to_public(),), identities=(OWN,))
CONTENT = os.urandom(2_000_000)


def test_only_the_owner_can_read_the_file(tmp_path):
    before = os.umask(0)
    try:
        write_content(tmp_path / "backup", b"x")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "backup").stat().st_mode) == 0o600
    assert os.listdir(tmp_path) == ["backup"]


@pytest.mark.parametrize("existing", ["file", "folder", "link"])
def test_existing_file_is_not_overwritten(existing, tmp_path):
    path = tmp_path / "backup"
    {"file": path.touch, "folder": path.mkdir, "link": lambda: path.symlink_to("nowhere")}[existing]()
    with pytest.raises(BackupError, match=r"exists already\. Name another file"):
        write_content(path, b"x")
    assert os.listdir(tmp_path) == ["backup"]


def test_file_that_appears_meanwhile_is_not_overwritten(tmp_path):
    path = tmp_path / "backup"
    with pytest.raises(BackupError, match="exists already"), backup_file.created(path, PLAIN):
        path.write_text("other")
    assert (path.read_text(), os.listdir(tmp_path)) == ("other", ["backup"])


def test_folder_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").touch()
    for path in (tmp_path / "missing" / "backup", tmp_path / "file" / "backup", tmp_path / ("x" * 300)):
        with pytest.raises(BackupError, match="cannot be written"):
            write_content(path, b"x")
    assert os.listdir(tmp_path) == ["file"]


@pytest.mark.parametrize("keys", [PLAIN, AGE], ids=["plain", "encrypted"])
@pytest.mark.parametrize("after", [0, 1, 3])
def test_full_disk_leaves_no_file(keys, after, tmp_path, monkeypatch):
    writes = []

    def write(descriptor, block, real=os.write):
        writes.append(block)
        if len(writes) > after:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return real(descriptor, block)

    monkeypatch.setattr(backup_file.os, "write", write)
    with pytest.raises(BackupError, match="cannot be written: No space left on device"):
        write_content(tmp_path / "backup", CONTENT, keys)
    assert os.listdir(tmp_path) == []


def fail_after_writing(out):
    out.write(CONTENT)
    raise RuntimeError


def test_failure_of_the_content_leaves_no_file(tmp_path):
    for keys in (PLAIN, AGE):
        with pytest.raises(RuntimeError), backup_file.created(tmp_path / "backup", keys) as out:
            fail_after_writing(out)
    assert os.listdir(tmp_path) == []


def test_file_and_folder_are_on_the_disk_before_the_end(tmp_path, monkeypatch):
    synced = []

    def fsync(descriptor):
        synced.append((os.readlink(f"/proc/self/fd/{descriptor}"), (tmp_path / "backup").exists()))

    monkeypatch.setattr(backup_file.os, "fsync", fsync)
    write_content(tmp_path / "backup", CONTENT)
    (part, before), (folder, after) = synced
    assert (part.endswith(".part"), before, folder, after) == (True, False, str(tmp_path), True)


def test_file_system_without_links_is_supported(tmp_path, monkeypatch):
    def link(part, path):
        raise PermissionError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(backup_file.os, "link", link)
    assert content_of(write_content(tmp_path / "backup", b"x")) == b"x"
    assert os.listdir(tmp_path) == ["backup"]


# Keys


def test_keys_come_from_files_or_the_environment(tmp_path, monkeypatch):
    (tmp_path / "key").write_text(f"# created: today\n{OWN}\n")
    (tmp_path / "recipients").write_text(f"{OWN.to_public()} # the office\n{OWN.to_public()}\n")
    from_files = BackupKeys.given(recipients_file=tmp_path / "recipients", identity_file=tmp_path / "key")
    assert (len(from_files.recipients), len(from_files.identities), from_files.mode) == (2, 1, "age")
    monkeypatch.setenv("COLLUM_BACKUP_RECIPIENTS", f"{OWN.to_public()},{OWN.to_public()}")
    assert len(BackupKeys.given().recipients) == 2
    monkeypatch.setenv("COLLUM_BACKUP_PASSPHRASE", "secret")
    with pytest.raises(BackupError, match="Choose one of them"):
        _ = BackupKeys.given().mode


@pytest.mark.parametrize("text", ["age1nokey", str(OWN), "hunter2"], ids=["public", "secret", "other"])
def test_invalid_key_is_rejected_without_its_text(text, monkeypatch):
    monkeypatch.setenv("COLLUM_BACKUP_RECIPIENTS", text)
    with pytest.raises(BackupError) as error:
        BackupKeys.given()
    assert str(error.value) == "COLLUM_BACKUP_RECIPIENTS does not contain age keys."


def test_missing_key_file_is_named(tmp_path):
    with pytest.raises(BackupError, match="missing cannot be read: No such file"):
        BackupKeys.given(passphrase_file=tmp_path / "missing")


# The command


@pytest.mark.django_db
def test_command_needs_a_file_or_digests(tmp_path):
    for words in ([], [tmp_path / "x", "--digests"]):
        with pytest.raises(CommandError, match="Name a file, or use --digests"):
            call_command("backup", *words)


@pytest.mark.django_db(transaction=True)
def test_backup_is_recorded_and_audited(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("COLLUM_BACKUP_RECIPIENTS", str(OWN.to_public()))
    call_command("backup", tmp_path / "backup")
    run, entry = BackupRun.objects.get(), AuditEntry.objects.get()
    assert (run.kind, run.succeeded, run.is_encrypted, run.path) == ("backup", True, True, str(tmp_path / "backup"))
    assert (entry.action, entry.object_id, entry.actor) == ("made a backup", run.pk, None)
    printed = capsys.readouterr()
    assert f"{run.rows} rows" in printed.out.replace(",", "")
    assert "not encrypted" not in printed.err


@pytest.mark.django_db(transaction=True)
def test_failed_backup_is_recorded_with_its_reason(tmp_path):
    with pytest.raises(CommandError, match="cannot be written"):
        call_command("backup", tmp_path / "missing" / "backup")
    run = BackupRun.objects.get()
    assert (run.succeeded, "cannot be written" in run.problem) == (False, True)
    assert AuditEntry.objects.get().outcome == "failed"


@pytest.mark.django_db(transaction=True)
def test_table_of_another_program_is_named(tmp_path, capsys):
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE of_another_program (id integer)")
    try:
        call_command("backup", tmp_path / "backup")
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP TABLE of_another_program")
    assert "The table of_another_program is not Collum’s" in capsys.readouterr().err


@pytest.mark.django_db(transaction=True)
def test_database_error_is_recorded_without_its_message(tmp_path, monkeypatch):
    def fail(path, **how):
        raise DataError("a row with a name")

    monkeypatch.setattr(backup_command, "back_up", fail)
    with pytest.raises(CommandError) as error:
        call_command("backup", tmp_path / "backup")
    assert str(error.value) == BackupRun.objects.get().problem == "The database reports an error (DataError)."


@pytest.mark.django_db
@pytest.mark.parametrize("wrong", [{"kind": "other"}, {"problem": "x"}, {"succeeded": False}])
def test_database_rejects_an_impossible_run(wrong):
    run = {"kind": "backup", "succeeded": True, "path": "/x", "started_at": timezone.now(), **wrong}
    with pytest.raises(IntegrityError), transaction.atomic():
        BackupRun.objects.create(**run)


def test_terminated_backup_leaves_no_file(tmp_path):
    program = (
        "import sys, time; from pathlib import Path\n"
        "from clinic.backup.backup_file import created; from clinic.backup.backup_keys import BackupKeys\n"
        "from clinic.backup.command_line import ended_cleanly\n"
        "with ended_cleanly(), created(Path(sys.argv[1]), BackupKeys()) as out:\n"
        "    out.write(b'x'); print('began', flush=True); time.sleep(60)\n"
    )
    command = [sys.executable, "-c", f"import django; django.setup()\n{program}", str(tmp_path / "backup")]
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "clinic.settings"}
    with subprocess.Popen(command, cwd=settings.BASE_DIR, env=environment, stdout=subprocess.PIPE) as running:
        assert running.stdout.readline() == b"began\n"
        assert [name[-5:] for name in os.listdir(tmp_path)] == [".part"]
        running.send_signal(signal.SIGTERM)
        assert running.wait(30) == 143
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("keys", [PLAIN, AGE], ids=["plain", "encrypted"])
def test_failed_backup_never_writes_into_another_file(keys, tmp_path, monkeypatch):
    """A stream that was not flushed is flushed when it is collected. Its descriptor can be another file’s by then."""
    others, written = [], []

    def write(descriptor, block, real=os.write):
        if not (others or len(written) < 2):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        written.append(block)
        return real(descriptor, block)

    monkeypatch.setattr(backup_file.os, "write", write)
    try:
        write_content(tmp_path / "backup", CONTENT, keys)
    except BackupError:
        # Given the failed streams, which nobody has collected yet, and other files with their descriptors
        others = [(tmp_path / f"other-{number}").open("wb") for number in range(20)]
    # When they are collected, then nothing is written
    gc.collect()
    assert len(others) == 20
    assert [file.name for file in others if os.path.getsize(file.name)] == []
    for file in others:
        file.close()
