"""Checks that the database does not lose committed writes and enforces Collum's rules."""

from django.core.exceptions import ImproperlyConfigured
from django.db import connection, connections

from clinic.records import sqlite, triggers


def _safe():
    if connection.vendor == "postgresql":
        # With several servers, a commit that is on one of them only is lost with it.
        alone = set() if connection.servers.are_several else {"remote_write", "local"}
        return {
            "fsync": {"on"},
            "synchronous_commit": {"on", "remote_apply", *alone},
            "full_page_writes": {"on"},
        }
    # SQLite reports PRAGMA synchronous as a number; 2 is FULL, 3 is EXTRA.
    return {
        "journal_mode": {"delete", sqlite.journal_mode().lower()},
        "synchronous": {"2", "3"},
        "foreign_keys": {"1"},
    }


def unsafe_settings():
    read = "PRAGMA {}" if connection.vendor == "sqlite" else "SHOW {}"
    found = []
    with connection.cursor() as cursor:
        for name, safe in _safe().items():
            cursor.execute(read.format(name))
            value = str(cursor.fetchone()[0]).lower()
            if value not in safe:
                found.append(f"The database setting {name} is “{value}”; it must be {' or '.join(sorted(safe))}.")
    return found + _unreplicated()


def _unreplicated():
    if connection.vendor != "postgresql" or not connection.servers.are_several:
        return []
    with connection.cursor() as cursor:
        cursor.execute("SHOW synchronous_standby_names")
        if cursor.fetchone()[0].strip():
            return []
    return [
        "DATABASE_URL names several hosts, and the database setting synchronous_standby_names is empty: commits would "
        "wait for no standby. Set synchronous_mode and synchronous_mode_strict in Patroni."
    ]


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


def database_text():
    """The database and its version, for the log at startup."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SHOW server_version")
            return f"PostgreSQL {cursor.fetchone()[0]}"
        cursor.execute("PRAGMA journal_mode")
        version = ".".join(map(str, sqlite.version_in_use()))
        return f"SQLite {version}, journal mode {cursor.fetchone()[0]}"


def limit_statements(seconds):
    """On PostgreSQL, end a statement that takes longer, in connections that are opened from now on."""
    for each in connections.all():
        if each.vendor == "postgresql":
            options = each.settings_dict["OPTIONS"]
            options["options"] = f"{options.get('options', '')} -c statement_timeout={seconds}s".strip()
            each.close()


def refuse_unlimited_waits():
    """Raises ImproperlyConfigured if the limits did not arrive: PgBouncer passes no options on."""
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        for name, limit in {"statement_timeout": "20s", "lock_timeout": "10s"}.items():
            cursor.execute(f"SHOW {name}")
            if cursor.fetchone()[0] == "0":
                raise ImproperlyConfigured(
                    f"The database setting {name} is 0, so a request could wait without end. With PgBouncer, set it "
                    f"for the role: ALTER ROLE … SET {name} = '{limit}'."
                )
