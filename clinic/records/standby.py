"""Long reports can read from a standby, if REPLICA_URL names one. Everything else reads what was just written."""

from contextlib import contextmanager
from contextvars import ContextVar

from django.db import DEFAULT_DB_ALIAS, connections, router

REPLICA = "replica"
_is_reading = ContextVar("is_reading", default=False)


@contextmanager
def reads():
    """QuerySets inside read from the standby, which can be some seconds behind. Nothing inside writes."""
    token = _is_reading.set(REPLICA in connections)
    try:
        yield
    finally:
        _is_reading.reset(token)


def connection_of(model):
    """For SQL of our own."""
    return connections[router.db_for_read(model)]


class StandbyRouter:
    def db_for_read(self, model, **hints):
        return REPLICA if _is_reading.get() else DEFAULT_DB_ALIAS

    def db_for_write(self, model, **hints):
        return DEFAULT_DB_ALIAS

    def allow_relation(self, one, other, **hints):
        return True

    def allow_migrate(self, db, app_label, **hints):
        return db == DEFAULT_DB_ALIAS
