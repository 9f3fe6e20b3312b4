"""A backup contains one state of the database, while people work and without making them wait."""

import pytest
from django.contrib.auth.models import Group
from django.db import connection

from clinic.backup.backed_up_tables import applied_to, tables_at
from clinic.backup.backing_up import back_up, digests
from clinic.backup.restoring import verify
from clinic.backup.snapshots import last_id, set_last_id, snapshot
from clinic.models import LoginFailures, Submission, User
from tests import builders
from tests.clinic.backup.made_files import PLAIN, nothing
from tests.parallel import at_once

pytestmark = [pytest.mark.engine, pytest.mark.django_db(transaction=True)]


def register(number):
    return builders.a_person(username=f"user{number}")


def test_changes_during_a_backup_are_not_in_it(tmp_path):
    # Given a database, and people who work on it while it is backed up
    register(0)
    before = {table: (rows, sha256) for table, rows, sha256 in digests()}
    done = []

    def work(words):
        if len(done) < 20:
            done.extend(at_once(lambda: register(len(done) + 1)))

    # When it is backed up
    back_up(tmp_path / "backup", keys=PLAIN, progress=work)

    # Then nobody waited, and the backup has the state of its beginning
    assert [type(one) for one in done] == [User] * 20
    assert verify(tmp_path / "backup", keys=PLAIN, progress=nothing).digests == before
    assert User.objects.count() == 21


def test_digests_change_with_a_row(superuser):
    before = {table: sha256 for table, _, sha256 in digests()}
    superuser.printed_name += "x"
    superuser.save()
    after = {table: sha256 for table, _, sha256 in digests()}
    assert {table for table in before if after[table] != before[table]} == {"clinic_user"}


def test_left_out_tables_are_not_read(tmp_path):
    LoginFailures.objects.create(key="k", failures=1, last_at="2026-11-30T00:00Z")
    assert "clinic_loginfailures" not in {table for table, _, _ in digests()}
    assert Submission._meta.db_table in {table for table, _, _ in digests()}


def table_named(name):
    return next(table for table in tables_at(applied_to(connection)) if table.name == name)


def test_id_of_a_deleted_row_is_not_given_again():
    table = table_named("auth_group")
    with snapshot(connection) as source:
        last = last_id(source, table)
    set_last_id(connection, table, last + 10)
    with snapshot(connection) as source:
        assert last_id(source, table) == last + 10
    group = Group.objects.create(name="temporary")
    assert group.pk == last + 11
    group.delete()
    with snapshot(connection) as source:
        assert last_id(source, table) == last + 11


def test_table_without_rows_begins_at_one():
    table = table_named("clinic_backuprun")
    set_last_id(connection, table, 0)
    with snapshot(connection) as source:
        assert last_id(source, table) == 0
