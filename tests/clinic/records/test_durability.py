"""The database is durable; otherwise Collum does not start."""

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import connection

from clinic.records import durability, sqlite, triggers

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

on_sqlite = pytest.mark.skipif(connection.vendor != "sqlite", reason="a setting of SQLite")
on_postgresql = pytest.mark.skipif(connection.vendor != "postgresql", reason="a setting of PostgreSQL")


def run(statement):
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchone()[0] if cursor.description else None


@on_sqlite
def test_sqlite_is_opened_with_durable_settings():
    assert run("PRAGMA journal_mode") == "wal"
    assert run("PRAGMA synchronous") == 2  # FULL
    assert run("PRAGMA busy_timeout") == 20_000
    assert connection.settings_dict["OPTIONS"]["transaction_mode"] == "IMMEDIATE"
    assert durability.unsafe_settings() == []


@on_sqlite
def test_the_sqlite_in_use_has_no_wal_reset_bug():
    assert sqlite.version_in_use() >= (3, 51, 3)
    assert run("SELECT sqlite_version()") == ".".join(map(str, sqlite.version_in_use()))
    assert durability.database_text() == f"SQLite {run('SELECT sqlite_version()')}, journal mode wal"


@on_sqlite
def test_wal_with_an_affected_sqlite_is_named(monkeypatch):
    monkeypatch.setattr(sqlite, "version_in_use", lambda: (3, 51, 2))
    assert sqlite.journal_mode() == "DELETE"
    assert durability.unsafe_settings() == ["The database setting journal_mode is “wal”; it must be delete."]


@on_sqlite
@pytest.mark.django_db(transaction=True)
def test_unsafe_sqlite_setting_is_named():
    run("PRAGMA synchronous=NORMAL")
    try:
        with pytest.raises(ImproperlyConfigured, match="The database setting synchronous is “1”"):
            durability.refuse_unsafe_database()
    finally:
        run("PRAGMA synchronous=FULL")


@on_postgresql
def test_unsafe_postgresql_setting_is_named():
    assert not any("synchronous_commit" in message for message in durability.unsafe_settings())
    run("SET LOCAL synchronous_commit = off")
    with pytest.raises(ImproperlyConfigured, match="The database setting synchronous_commit is “off”"):
        durability.refuse_unsafe_database()


def test_database_without_guards_fails_the_check():
    durability.refuse_unguarded_database()
    guard = next(guard for guard in triggers.guards() if not guard.lasting)
    run(guard.drop(connection.vendor)[0])
    with pytest.raises(
        ImproperlyConfigured,
        match=(
            rf"The database is missing {guard.name}\. "
            r"Run “manage.py migrate”\."
        ),
    ):
        durability.refuse_unguarded_database()
