"""Checks that the database does not lose committed writes and enforces Collum's rules."""

from django.core.exceptions import ImproperlyConfigured
from django.db import connection

from clinic.records import triggers

# SQLite reports PRAGMA synchronous as a number; 2 is FULL, 3 is EXTRA.
SAFE = {
    "sqlite": {"journal_mode": {"wal"}, "synchronous": {"2", "3"}, "foreign_keys": {"1"}},
    "postgresql": {
        "fsync": {"on"},
        "synchronous_commit": {"on", "remote_apply", "remote_write", "local"},
        "full_page_writes": {"on"},
    },
}


def unsafe_settings():
    read = "PRAGMA {}" if connection.vendor == "sqlite" else "SHOW {}"
    found = []
    with connection.cursor() as cursor:
        for name, safe in SAFE[connection.vendor].items():
            cursor.execute(read.format(name))
            value = str(cursor.fetchone()[0]).lower()
            if value not in safe:
                found.append(f"The database setting {name} is “{value}”; it must be {' or '.join(sorted(safe))}.")
    return found


def refuse_unsafe_database():
    """Raises ImproperlyConfigured if unsafe_settings() finds anything."""
    if found := unsafe_settings():
        raise ImproperlyConfigured(" ".join(found))


def refuse_unguarded_database():
    """Raises ImproperlyConfigured if a trigger or constraint of clinic.records.triggers is missing from the
    database.
    """
    if found := triggers.missing():
        raise ImproperlyConfigured(f"The database is missing {', '.join(found)}. Run “manage.py migrate”.")
