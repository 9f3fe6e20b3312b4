"""A restore fills an empty database with exactly what the backup contains, or changes nothing."""

import re

import pytest
from django.contrib.auth.models import Group
from django.contrib.sessions.models import Session
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from clinic.backup.backed_up_tables import filled_by_migrations
from clinic.backup.backing_up import back_up, digests
from clinic.backup.errors import BackupError
from clinic.backup.restoring import restore, verify
from clinic.models import AuditEntry, BackupRun, LoginFailures, User
from clinic.records import triggers
from planning.models import Muscle
from tests import builders
from tests.clinic.backup.made_files import PLAIN, content_of, nothing, with_rows, write_content

pytestmark = [pytest.mark.engine, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def path(tmp_path):
    back_up(tmp_path / "backup", keys=PLAIN, progress=nothing)
    return tmp_path / "backup"


def state():
    return list(digests())


def test_restored_database_is_the_one_of_the_backup(path):
    # Given a backup, and an empty database with another catalogue and remains of the server
    before = state()
    Muscle.objects.update(description="Other")
    LoginFailures.objects.create(key="k", failures=1, last_at=timezone.now())
    Session.objects.create(session_key="s", session_data="d", expire_date=timezone.now())

    call_command("restore", path, "--as-is", verbosity=0)

    assert state() == before
    assert (LoginFailures.objects.count(), Session.objects.count()) == (0, 0)
    assert triggers.missing() == []
    assert Group.objects.create(name="new").pk == Group.objects.order_by("pk").last().pk


def test_restore_is_recorded_and_audited(path):
    call_command("restore", path, verbosity=0)
    run, entry = BackupRun.objects.get(), AuditEntry.objects.get()
    assert (run.kind, run.succeeded, run.path) == ("restore", True, str(path))
    assert (entry.action, entry.object_id, entry.actor) == ("restored a backup", run.pk, None)


def test_database_with_rows_is_not_overwritten(path, staff):
    before = state()
    with pytest.raises(CommandError, match="is not empty: there are rows in clinic_user"):
        call_command("restore", path)
    assert state() == before


def test_database_that_is_used_meanwhile_is_not_overwritten(path):
    verified = verify(path, keys=PLAIN, progress=nothing)
    builders.a_person()
    with pytest.raises(BackupError, match="is not empty"):
        restore(path, verified, keys=PLAIN, progress=nothing, finish=lambda: None)
    assert User.objects.count() == 1


INVALID = {
    "not a number": ("auth_group_permissions", b"1\tx\t1\n"),
    "too few cells": ("auth_group_permissions", b"1\n"),
    "too many cells": ("auth_group_permissions", b"1\t1\t1\t1\n"),
    "a missing row": ("auth_group_permissions", b"1\t99999\t99999\n"),
    "a duplicate": ("auth_group", b"1\tsame\n2\tsame\n"),
    "not null": ("auth_group", b"1\t\\N\n"),
    "another order": ("auth_group", b"2\tb\n1\ta\n"),
    "a check": ("clinic_backuprun", b"1\tother\t2026-11-30 00:00:00+00\t2026-11-30 00:00:00+00\tt\tx\tf\t0\t\n"),
}


@pytest.mark.parametrize("fault", INVALID)
@pytest.mark.sample(3)
def test_invalid_rows_change_nothing(fault, path, tmp_path):
    before = state()
    table, rows = INVALID[fault]
    bad = write_content(tmp_path / "bad", with_rows(content_of(path), table, rows))

    with pytest.raises(CommandError) as error:
        call_command("restore", bad, verbosity=0)

    assert b"same" not in str(error.value).encode()
    assert state() == before
    assert triggers.missing() == []
    connection.check_constraints()
    assert not BackupRun.objects.exists()


def test_failure_at_the_end_changes_nothing(path):
    before = state()

    def fail():
        raise RuntimeError

    with pytest.raises(RuntimeError):
        restore(path, verify(path, keys=PLAIN, progress=nothing), keys=PLAIN, progress=nothing, finish=fail)
    assert state() == before
    assert triggers.missing() == []


def test_foreign_keys_are_checked_after_a_restore(path):
    call_command("restore", path, verbosity=0)
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA foreign_keys")
            assert cursor.fetchone() == (1,)
        else:
            cursor.execute("SELECT count(*) FROM pg_constraint WHERE contype = 'f' AND convalidated")
            assert cursor.fetchone()[0] > 100


def test_migrated_database_only_has_rows_in_registered_tables():
    """A migration that fills another table has to register it: otherwise no backup could be restored there."""
    assert {table for table, rows, _ in digests() if rows} <= filled_by_migrations()


def test_indexes_and_constraints_are_those_of_before(path):
    before = definitions()
    call_command("restore", path, verbosity=0)
    assert definitions() == before
    assert len(before) > 300


def definitions():
    read = {
        # without what ANALYZE adds
        "sqlite": "SELECT type, name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_stat_'",
        "postgresql": "SELECT 'i', indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' "
        "UNION ALL SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint",
    }
    with connection.cursor() as cursor:
        cursor.execute(read[connection.vendor])
        return {(*named, _without_casts(definition)) for *named, definition in cursor.fetchall()}


def _without_casts(definition):
    """PostgreSQL writes a list of texts with other casts after each restore."""
    return re.sub(r"::(text|character varying)(\[\])?|[()]", "", definition) if definition else definition
