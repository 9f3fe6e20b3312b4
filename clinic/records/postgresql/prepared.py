"""Statements that PostgreSQL plans once for a connection, and not at each request. See docs/decisions/0031.

Planning a long statement takes longer than running it. A prepared statement belongs to a session of the server, which
PgBouncer does not keep for a client in transaction mode. Behind it, nothing is prepared.
"""

from collections import OrderedDict
from functools import cached_property

from psycopg2.extensions import AsIs

MOST = 60  # for each connection: plans take memory of the server


class PreparedStatements:
    """Those of one connection, the last used one last."""

    def __init__(self, connection):
        self._connection = connection
        self._numbers = OrderedDict()

    def call(self, cursor, sql, params):
        """What to execute in place of a RepeatedSQL and its parameters."""
        if not self._has_a_session:
            return sql, params
        if sql.number in self._numbers:
            self._numbers.move_to_end(sql.number)
        else:
            self._prepare(cursor, sql, params)
        ids = [params[place] for place in sql.ids_at]
        return f"EXECUTE {_name(sql.number)}{_in_brackets(['%s'] * len(ids))}", ids

    def _prepare(self, cursor, sql, params):
        params, ids = list(params), range(1, len(sql.ids_at) + 1)
        for place, number in zip(sql.ids_at, ids, strict=True):
            params[place] = AsIs(f"${number}")
        types = _in_brackets(["bigint"] * len(ids))
        cursor.execute(f"PREPARE {_name(sql.number)}{types} AS {cursor.mogrify(sql, params).decode()}")
        self._numbers[sql.number] = None
        if len(self._numbers) > MOST:
            oldest, _ = self._numbers.popitem(last=False)
            cursor.execute(f"DEALLOCATE {_name(oldest)}")

    @cached_property
    def _has_a_session(self):
        """PgBouncer gives its client an invented number of the server's process."""
        with self._connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            return cursor.fetchone()[0] == self._connection.info.backend_pid


def _name(number):
    return f"collum_{number}"


def _in_brackets(texts):
    return f"({', '.join(texts)})" if texts else ""
