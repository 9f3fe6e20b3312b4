"""Django's PostgreSQL backend, for a server that its standby can replace at any time. See docs/decisions/0030."""

from contextlib import contextmanager, nullcontext

from django.db.backends.postgresql import base
from django.db.backends.utils import CursorWrapper
from django.db.utils import OperationalError

from clinic.records.compiled import RepeatedSQL
from clinic.records.postgresql.cut_lines import cut_after
from clinic.records.postgresql.prepared import PreparedStatements
from clinic.records.postgresql.servers import Servers

WRITES = ("INSERT", "UPDATE", "DELETE")


class DatabaseWrapper(base.DatabaseWrapper):
    """Reports a commit as failed if the server stopped waiting for its standby.

    PostgreSQL waits for the standby after it has committed. If this wait is cancelled, the commit succeeds with a
    message, and a failover would lose it. The message is in the server's language, so any message of a commit is a
    failure: Collum's own statements cause none.
    """

    def __init__(self, *arguments, **named):
        super().__init__(*arguments, **named)
        self.servers = Servers(self.settings_dict)

    def get_new_connection(self, conn_params):
        connection = super().get_new_connection({**conn_params, **self.servers.last_used_first()})
        self.servers.note_used(connection.info)
        self.prepared = PreparedStatements(connection)
        return connection

    def is_usable(self):
        """A server that has become a standby responds, but stores nothing."""
        return super().is_usable() and not (self.servers.must_write and self._is_read_only())

    def _is_read_only(self):
        try:
            with self.connection.cursor() as cursor:
                cursor.execute("SHOW transaction_read_only")
                return cursor.fetchone()[0] == "on"
        except base.Database.Error:
            return True

    def make_cursor(self, cursor):
        return CommittingCursor(cursor, self)

    def make_debug_cursor(self, cursor):
        return CommittingDebugCursor(cursor, self)

    def _commit(self):
        with self.committing():
            super()._commit()

    @contextmanager
    def committing(self):
        connection, limit = self.connection, self.servers.commit_limit
        if connection is None:
            yield
            return
        connection.notices.clear()
        with cut_after(connection, seconds=limit) if limit else nullcontext():
            yield
        if connection.notices:
            raise OperationalError(f"The commit may be on no standby. {connection.notices.pop().strip()}")


class _Committing:
    def _execute(self, sql, params, *ignored_wrapper_args):
        """Outside of a transaction, a write commits by itself."""
        if isinstance(sql, RepeatedSQL) and not self.db.queries_logged:
            with self.db.wrap_database_errors:
                sql, params = self.db.prepared.call(self.cursor, sql, params)
        commits = not self.db.in_atomic_block and isinstance(sql, str) and sql.lstrip()[:6].upper() in WRITES
        with self.db.committing() if commits else nullcontext():
            return super()._execute(sql, params, *ignored_wrapper_args)


class CommittingCursor(_Committing, CursorWrapper):
    pass


class CommittingDebugCursor(_Committing, base.CursorDebugWrapper):
    pass
