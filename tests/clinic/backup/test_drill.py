"""A drill restores a backup into a database that exists only for the drill, and records whether that worked."""

from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection

from clinic.backup import drills, scratch
from clinic.backup.errors import BackupError
from clinic.models import AuditEntry, BackupRun
from tests import builders

pytestmark = [pytest.mark.engine, pytest.mark.django_db(transaction=True)]


def scratch_databases():
    if connection.vendor == "sqlite":
        return [*Path(settings.VAR_DIR).glob("drill-*")]
    with connection.cursor() as cursor:
        cursor.execute("SELECT datname FROM pg_database WHERE datname LIKE current_database() || '_drill%'")
        return cursor.fetchall()


def runs():
    return list(BackupRun.objects.order_by("pk").values_list("kind", "succeeded"))


@pytest.mark.full
def test_drill_restores_the_newest_backup(tmp_path, capsys):
    builders.a_person()
    call_command("backup", tmp_path / "first", verbosity=0)
    call_command("backup", tmp_path / "second", verbosity=0)
    call_command("drill")
    assert f"{tmp_path / 'second'} can be restored" in capsys.readouterr().out
    assert runs() == [("backup", True), ("backup", True), ("drill", True)]
    assert AuditEntry.objects.last().action == "restored a backup in a drill"
    assert scratch_databases() == []


def test_drill_that_finds_a_difference_fails(tmp_path, monkeypatch):
    call_command("backup", tmp_path / "backup", verbosity=0)
    printed = []
    monkeypatch.setattr(drills, "_manage", lambda *words, environment: printed.append(words) or "")
    with pytest.raises(CommandError, match="differs from the backup"):
        call_command("drill", tmp_path / "backup", verbosity=0)
    assert [words[0] for words in printed] == ["restore", "backup"]
    assert runs()[-1] == ("drill", False)
    assert AuditEntry.objects.last().outcome == "failed"
    assert scratch_databases() == []


def test_drill_without_backups_says_what_to_do():
    with pytest.raises(CommandError, match="No backup is recorded"):
        call_command("drill")


def test_drill_of_a_damaged_file_is_recorded_as_failed(tmp_path):
    call_command("backup", tmp_path / "backup", verbosity=0)
    (tmp_path / "backup").write_bytes((tmp_path / "backup").read_bytes()[:-1])
    with pytest.raises(CommandError, match="damaged or incomplete"):
        call_command("drill", verbosity=0)
    assert runs()[-1] == ("drill", False)


def test_scratch_database_is_removed_after_a_failure():
    def fail(environment):
        assert environment["DATABASE_URL"]
        assert len(scratch_databases()) == 1
        raise RuntimeError

    with pytest.raises(RuntimeError), scratch.scratch_database() as environment:
        fail(environment)
    assert scratch_databases() == []


def test_another_database_of_that_name_is_not_dropped():
    if connection.vendor == "sqlite":
        pytest.skip("The folder of a drill has a random name.")
    name = f"{connection.settings_dict['NAME']}_drill"
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {name}")
    try:
        with pytest.raises(BackupError, match="cannot be created for the drill"), scratch.scratch_database():
            pass
        assert len(scratch_databases()) == 1
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"DROP DATABASE {name}")
