"""Locks on what has no row yet."""

import hashlib

from django.db import connection


def take_turns(*keys):
    """Let writers that name one of the same keys run one after the other, until their transactions end.

    SQLite runs all writers one after the other. The locks are taken in one order, so that two writers never wait for
    each other; name all keys of a transaction in its first call.
    """
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        for number in sorted({_number_of(key) for key in keys}):
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [number])


def _number_of(key):
    return int.from_bytes(hashlib.blake2b(key.encode(), digest_size=8).digest(), signed=True)
