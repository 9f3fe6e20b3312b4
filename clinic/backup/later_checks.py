"""Rows are stored table by table, so references are checked and indexes are built at the end, all of them at once.

Checking a reference for each row, and adding each row to an index, would take most of the time.
"""

import json
from contextlib import contextmanager
from typing import NamedTuple

from django.db import DatabaseError, connection

from clinic.backup.errors import BackupError


class _Later(NamedTuple):
    drop: str
    create: str


# Those of constraints stay: a primary key, and what was declared as unique with its table.
_INDEXES = {
    "postgresql": """
        SELECT format('DROP INDEX %%s', indexrelid::regclass), pg_get_indexdef(indexrelid)
        FROM pg_index JOIN pg_class t ON t.oid = indrelid
        WHERE t.relname = ANY(%s) AND t.relnamespace = current_schema()::regnamespace
        AND NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conindid = indexrelid)
        ORDER BY indexrelid""",
    "sqlite": """
        SELECT 'DROP INDEX "' || name || '"', sql FROM sqlite_master
        WHERE type = 'index' AND sql IS NOT NULL AND tbl_name IN (SELECT value FROM json_each(%s))
        ORDER BY rowid""",
}
_REFERENCES = """
    SELECT format('ALTER TABLE %%s DROP CONSTRAINT %%I', conrelid::regclass, conname),
    format('ALTER TABLE %%s ADD CONSTRAINT %%I %%s', conrelid::regclass, conname, pg_get_constraintdef(c.oid))
    FROM pg_constraint c JOIN pg_class t ON t.oid = conrelid
    WHERE contype = 'f' AND t.relname = ANY(%s) AND t.relnamespace = current_schema()::regnamespace ORDER BY c.oid"""


@contextmanager
def checked_later(tables):
    names = [table.name for table in tables]
    with connection.cursor() as cursor:
        # Foreign keys need the unique indexes, so they are dropped first and added last.
        later = [*_references(cursor, names), *_indexes(cursor, names)]
        for one in later:
            cursor.execute(one.drop)
        yield
        try:
            for one in reversed(later):
                cursor.execute(one.create)
            _check_references(cursor)
        except DatabaseError as error:
            # Its own message may contain a row.
            raise BackupError(f"Rows of the backup contradict each other ({type(error).__name__}).") from None


def _references(cursor, names):
    """SQLite does not check them in this transaction."""
    if connection.vendor == "sqlite":
        return []
    cursor.execute(_REFERENCES, [names])
    return [_Later(*row) for row in cursor.fetchall()]


def _indexes(cursor, names):
    cursor.execute(_INDEXES[connection.vendor], [json.dumps(names) if connection.vendor == "sqlite" else names])
    return [_Later(*row) for row in cursor.fetchall()]


def _check_references(cursor):
    if connection.vendor == "sqlite":
        cursor.execute("PRAGMA foreign_key_check")
        if cursor.fetchone() is not None:
            raise BackupError("A row of the backup refers to a row that is missing. Nothing was restored.")
