"""Restoring a backup: the whole file is verified first, then everything happens in one transaction."""

from contextlib import contextmanager
from dataclasses import replace
from typing import NamedTuple

from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.db.migrations.executor import MigrationExecutor

from clinic.backup import backup_file
from clinic.backup.backed_up_tables import LEFT_OUT, applied_to, filled_by_migrations, known_migrations, tables_at
from clinic.backup.backup_format import BackupReader
from clinic.backup.errors import BackupError
from clinic.backup.later_checks import checked_later
from clinic.backup.snapshots import set_last_id
from clinic.backup.table_rows import digest, store_rows
from clinic.records import triggers


class Verified(NamedTuple):
    header: dict
    migrations: list
    tables: list
    digests: dict  # (rows, SHA-256) by table

    @property
    def rows(self):
        return sum(rows for rows, _ in self.digests.values())


def verify(path, *, keys, progress):
    """Read the whole file. Raises BackupError if it is not a complete backup that this release can restore."""
    with backup_file.opened(path, keys) as stream:
        reader = BackupReader(stream)
        tables = tables_at(reader.migrations)
        digests = {}
        for section in reader.sections(tables):
            section.read_through()
            digests[section.name] = (section.digest.rows, section.digest.sha256)
            progress(f"verified {section.name}")
        return Verified(reader.header, reader.migrations, tables, digests)


def restore(path, verified, *, keys, progress, finish):
    """Fill an empty database. `finish()` is called in the same transaction; if anything fails, nothing has changed."""
    refuse_used_database()
    known = known_migrations()
    with _one_transaction():
        refuse_used_database()
        triggers.lift()
        is_at_same_migrations = applied_to(connection) == verified.migrations
        if not is_at_same_migrations:
            _migrate_anew(verified.migrations, progress)
        with checked_later(verified.tables):
            if is_at_same_migrations:
                refuse_used_database()  # now all tables are locked
            _replace_rows(path, verified, keys, progress)
        ContentType.objects.clear_cache()
        if verified.migrations != known:
            progress("migrating to this release")
            _migrate(known)
            call_command("migrate", verbosity=0)
        else:
            triggers.install()
        finish()
    with connection.cursor() as cursor:
        # PostgreSQL itself does so too, a little later; it is not worth waiting for that.
        cursor.execute("ANALYZE (SKIP_LOCKED)" if connection.vendor == "postgresql" else "ANALYZE")


def refuse_used_database():
    """An empty database has no tables, or is at this release and only has the rows that its migrations filled."""
    applied = applied_to(connection)
    if not applied:
        return
    if applied != known_migrations():
        raise BackupError("The database is not at this release. Create a new one, or run “manage.py migrate” first.")
    used = [table for table in tables_at(applied) if table.name not in filled_by_migrations() and _has_rows(table.name)]
    if used:
        names = ", ".join(table.name for table in used[:3])
        raise BackupError(f"The database is not empty: there are rows in {names}. Restore into a new database.")


def _has_rows(name):
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT 1 FROM {connection.ops.quote_name(name)} LIMIT 1")
        return cursor.fetchone() is not None


@contextmanager
def _one_transaction():
    """SQLite can change the definition of tables only while it does not check foreign keys."""
    connection.disable_constraint_checking()
    try:
        with transaction.atomic():
            yield
    except DatabaseError as error:
        # Its own message may contain a row.
        raise BackupError(f"The database rejects the backup ({type(error).__name__}). Nothing was restored.") from None
    finally:
        connection.enable_constraint_checking()


def _migrate_anew(migrations, progress):
    progress("migrating to the release of the backup")
    ours = [table.name for table in tables_at(applied_to(connection))]
    present = set(connection.introspection.table_names())
    cascade = " CASCADE" if connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:
        for name in present & {*ours, *LEFT_OUT}:
            cursor.execute(f"DROP TABLE {connection.ops.quote_name(name)}{cascade}")
    _migrate(migrations)
    if applied_to(connection) != migrations:
        raise BackupError("The migrations that the backup names do not belong together.")


def _migrate(migrations):
    """To the last of these migrations."""

    def check(action, *_):
        if action == "apply_success":
            connection.check_constraints()  # PostgreSQL changes no table that has checks to come

    executor = MigrationExecutor(connection, check)
    children = executor.loader.graph.node_map
    last = [one for one in migrations if not {child.key for child in children[one].children} & {*migrations}]
    executor.migrate(last)


def _replace_rows(path, verified, keys, progress):
    left_out = set(connection.introspection.table_names()) & {*LEFT_OUT}
    with connection.cursor() as cursor:
        for name in [*(table.name for table in verified.tables), *sorted(left_out)]:
            cursor.execute(f"DELETE FROM {connection.ops.quote_name(name)}")
    with backup_file.opened(path, keys) as stream:
        for table, section in zip(verified.tables, BackupReader(stream).sections(verified.tables), strict=False):
            in_file = replace(table, columns=section.columns)
            store_rows(connection, in_file, section.blocks())
            if table.auto:
                set_last_id(connection, table, section.last_id)
            progress(f"{table.name}: {section.digest.rows:,} rows")
            _compare(in_file, verified)


def _compare(table, verified):
    found = digest(connection, table)
    if (found.rows, found.sha256) != verified.digests[table.name]:
        raise BackupError(f"The database changed the rows of {table.name} while it stored them. Nothing was restored.")
