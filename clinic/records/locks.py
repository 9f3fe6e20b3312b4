"""Locks for things that have no row yet."""

import hashlib

from django.db import connection


def advisory_lock(*keys):
    """Make writers with a common key run one after the other, until their transactions end.

    SQLite runs all writers one after the other. The locks are taken in one order to avoid deadlocks, so name all
    keys of a transaction in its first call.
    """
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        for number in sorted({_number_of(key) for key in keys}):
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [number])


def advisory_lock_if_free(key):
    """Whether this transaction has the lock now; it does not wait for it. SQLite runs one writer at a time anyway."""
    if connection.vendor != "postgresql":
        return True
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_number_of(key)])
        return cursor.fetchone()[0]


def _number_of(key):
    return int.from_bytes(hashlib.blake2b(key.encode(), digest_size=8).digest(), signed=True)
