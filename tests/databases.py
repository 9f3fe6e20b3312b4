"""Test databases that are copies: the migrations run once for all workers, and again after any change of the code."""

import fcntl
import hashlib
import os
import sqlite3
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.db import connection, transaction

from clinic.records import triggers

PACKAGES = ("clinic", "patients", "planning")
SQLITE = connection.vendor == "sqlite"
# What the migrations left: on SQLite a copy in memory, on PostgreSQL a schema with the tables that have rows.
KEPT = sqlite3.connect(":memory:", check_same_thread=False) if SQLITE else "kept"


def create(*, reuse):
    """Connect to a new copy for this process. Returns what Django's teardown_databases() takes.

    `reuse` copies a database that was migrated by other code, and migrates the copy.
    """
    configured, suffix = connection.settings_dict["NAME"], str(os.getpid())
    with _only_one_process():
        _connect_to(_template(reuse))
        connection.creation.clone_test_db(suffix=suffix, verbosity=0)
    _connect_to(connection.creation.get_test_db_clone_settings(suffix)["NAME"])
    if reuse:
        call_command("migrate", verbosity=0)
    keep()
    return [(connection, configured, True)]


def restore():
    """The rows and triggers that the migrations left."""
    if SQLITE:
        connection.ensure_connection()
        KEPT.backup(connection.connection)
        return
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")  # no trigger, no foreign key
        for table in _tables_with_rows(cursor):
            cursor.execute(f"DELETE FROM {table}")
        for table in _tables_in(KEPT, cursor):
            cursor.execute(f"INSERT INTO {table} OVERRIDING SYSTEM VALUE TABLE {KEPT}.{table}")
    if triggers.missing():
        triggers.install()


def keep():
    """Keep what restore() restores: no test has written anything yet."""
    connection.ensure_connection()
    if SQLITE:
        connection.connection.backup(KEPT)
        return
    with connection.cursor() as cursor:
        cursor.execute(f"DROP SCHEMA IF EXISTS {KEPT} CASCADE")
        cursor.execute(f"CREATE SCHEMA {KEPT}")
        for table in _tables_with_rows(cursor):
            cursor.execute(f"CREATE TABLE {KEPT}.{table} AS TABLE {table}")


def _tables_with_rows(cursor):
    asked = [f"SELECT '{table}' WHERE EXISTS (SELECT 1 FROM {table})" for table in _tables_in("public", cursor)]
    cursor.execute(" UNION ALL ".join(asked))
    return [table for (table,) in cursor.fetchall()]


def _tables_in(schema, cursor):
    cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = %s ORDER BY tablename", [schema])
    return [table for (table,) in cursor.fetchall()]


@contextmanager
def _only_one_process():
    with (Path(settings.VAR_DIR) / "test-databases.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _template(reuse):
    """The name of a migrated database, which nothing is connected to."""
    begin = str(settings.VAR_DIR / "test-") if SQLITE else f"test_{connection.settings_dict['NAME']}_"
    end = ".sqlite3" if SQLITE else ""
    name = f"{begin}{digest_of_code(settings.BASE_DIR)}{end}"
    made = _databases(begin)
    if reuse and made:
        return made[0]
    if name not in made:
        for old in made:
            _remove(old)
        # A run that ended too early leaves no half-migrated database under the final name.
        connection.settings_dict["TEST"]["NAME"] = f"{begin}unfinished{end}"
        connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
        connection.close()
        _rename(connection.settings_dict["NAME"], name)
    return name


def digest_of_code(folder):
    """Twelve hexadecimal digits. Not only of the migrations, because guards are installed from other modules."""
    files = sorted(path for package in PACKAGES for path in (folder / package).rglob("*.py"))
    whole = hashlib.sha256((folder / "requirements.lock").read_bytes())
    for path in files:
        whole.update(str(path.relative_to(folder)).encode() + b"\0" + path.read_bytes() + b"\0")
    return whole.hexdigest()[:12]


def _connect_to(name):
    connection.close()
    settings.DATABASES["default"]["NAME"] = connection.settings_dict["NAME"] = name


def _databases(begin):
    if SQLITE:
        return [str(path) for path in settings.VAR_DIR.glob("test-*.sqlite3")]
    with connection.creation._nodb_cursor() as cursor:
        cursor.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [begin])
        return [name for (name,) in cursor.fetchall()]


def _remove(name):
    if SQLITE:
        os.remove(name)
    else:
        _execute(f"DROP DATABASE {connection.ops.quote_name(name)} WITH (FORCE)")


def _rename(name, new):
    if SQLITE:
        os.rename(name, new)
    else:
        quote = connection.ops.quote_name
        _execute(f"ALTER DATABASE {quote(name)} RENAME TO {quote(new)}")


def _execute(statement):
    with connection.creation._nodb_cursor() as cursor:
        cursor.execute(statement)
