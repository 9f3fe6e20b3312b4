"""When a seal is added, and up to which entry: no entry may get an id within its range later.

On SQLite, one transaction writes at a time, so an entry that is stored is final, and so are all with a lower id.

On PostgreSQL, ids become visible in another order than they are given out: an entry with a lower id may still be
uncommitted, or its transaction rolled back, which leaves a gap. Neither can be seen in the table. Nor does it help to
compare the transaction ids of visible entries: a transaction with a low one can take its entry's id late. Instead:

1. A trigger runs before the id of any entry is taken, and gives the transaction its transaction id. So a
   transaction that has taken an id had a transaction id before.
2. We read the last id that was given out, and call it `last`. All who took an id up to `last` have a transaction id.
3. Only then we take a transaction id, `limit`. They grow, so all who took an id up to `last` have a lower one.
4. Once no transaction with a lower id is running in this database, every transaction that took an id up to `last` has
   committed or rolled back. A later transaction gets an id above `last`.

Do not wait for that: if others are still running, a later request tries again with its own `last`. The lowest running
transaction of a snapshot would do too, but it counts all databases of the server.
"""

import logging
import threading
import time
from typing import NamedTuple

from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from clinic.records import stored_entries
from clinic.records.locks import advisory_lock_if_free
from clinic.records.models import AuditEntry
from clinic.records.seals import AuditSeal, Covered, known
from clinic.records.triggers import Trigger

logger = logging.getLogger("clinic.seals")

MOST_ENTRIES = 10_000  # of one seal, so that a request does not seal years
AGAIN_SECONDS = 1  # after others were running

GUARDS = [
    Trigger(
        "clinic_auditentry_has_a_transaction_before_its_id",
        "clinic_auditentry",
        "INSERT",
        "pg_current_xact_id() IS NULL",  # never: it gives the transaction its id
        engines=("postgresql",),
        once=True,
    )
]


class _Limit(NamedTuple):
    """All entries with an id up to `last` are final once no transaction below `transaction` is running."""

    last: int
    transaction: int = 0


def limit_now():
    """Steps 2 and 3."""
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        if connection.vendor != "postgresql":
            cursor.execute("SELECT COALESCE(MAX(id), 0) FROM clinic_auditentry")
            return _Limit(cursor.fetchone()[0])
        cursor.execute("SELECT last_value - (NOT is_called)::int FROM clinic_auditentry_id_seq")
        (last,) = cursor.fetchone()
        cursor.execute("SELECT pg_current_xact_id()::text::bigint")
        return _Limit(last, cursor.fetchone()[0])


# Prepared transactions are read last, since they belong to no session any more.
_RUNNING = """
    SELECT backend_xid::text::bigint FROM pg_stat_activity
    WHERE datname = current_database() AND backend_xid IS NOT NULL
    UNION ALL SELECT transaction::text::bigint FROM pg_prepared_xacts WHERE database = current_database()
"""
_XIDS = 2**32  # both lists have the last 32 bits of the transaction id only


def _is_final(limit):
    """Step 4."""
    if connection.vendor != "postgresql":
        return True
    with connection.cursor() as cursor:
        cursor.execute(_RUNNING)
        ages = [(limit.transaction - running) % _XIDS for (running,) in cursor.fetchall()]
    return not any(0 < age < _XIDS // 2 for age in ages)


def add_seal(limit):
    """The new seal; None if there is nothing to seal, or others are running, or another process adds one."""
    with transaction.atomic(durable=True):
        if not (advisory_lock_if_free("audit seal") and _is_final(limit)):
            return None
        seal = seal_up_to(limit.last)
    if seal is not None:
        known.note(seal)
        logger.info("%s. To keep: %s", seal, seal.to_keep)
    return seal


def seal_up_to(last):
    newest = AuditSeal.objects.newest()
    first = newest.last_entry + 1 if newest else 1
    ids = AuditEntry.objects.filter(pk__gte=first, pk__lte=last).order_by("pk").values_list("pk", flat=True)
    if len(ids := list(ids[: MOST_ENTRIES + 1])) > MOST_ENTRIES:
        last = ids[MOST_ENTRIES - 1]
    if not ids:
        return None
    covered = Covered()
    stored_entries.seal_over(covered, first, last)
    return AuditSeal.objects.append(after=newest, last=last, covered=covered)


def seal_all():
    """The seals of all entries that exist now. Stops early if transactions keep running for seconds."""
    limit, seals = limit_now(), []
    for _ in range(5):
        while seal := add_seal(limit):
            seals.append(seal)
        if oldest_unsealed(limit.last) is None:
            break
        time.sleep(AGAIN_SECONDS)
    return seals


def oldest_unsealed(last=stored_entries.HIGHEST):
    """When it was written."""
    newest = AuditSeal.objects.newest()
    known.note(newest)
    unsealed = AuditEntry.objects.filter(pk__gt=newest.last_entry if newest else 0, pk__lte=last)
    return unsealed.order_by("pk").values_list("at", flat=True).first()


class _Clock:
    """Of this process: looks for entries to seal every few seconds, not in each request."""

    def __init__(self):
        self.next = 0.0
        self._lock = threading.Lock()

    def look(self):
        if settings.SEAL_AFTER_SECONDS is None or time.monotonic() < self.next:
            return
        if not self._lock.acquire(blocking=False):
            return
        try:
            self.next = time.monotonic() + self._seal_what_is_due()
        except DatabaseError:
            # The entries are stored, and a later request seals them.
            self.next = time.monotonic() + settings.SEAL_AFTER_SECONDS
            logger.exception("The audit trail could not be sealed.")
        finally:
            self._lock.release()

    def _seal_what_is_due(self):
        """After how many seconds to look again."""
        wait = settings.SEAL_AFTER_SECONDS
        oldest = oldest_unsealed()
        if oldest is None:
            return wait
        age = (timezone.now() - oldest).total_seconds()
        if age < wait:
            return wait - max(age, 0)
        return wait if add_seal(limit_now()) else AGAIN_SECONDS


clock = _Clock()
