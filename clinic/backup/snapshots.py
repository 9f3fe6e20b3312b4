"""One consistent state of the database, while people work."""

from contextlib import contextmanager

# SQLite's transactions would otherwise begin by taking the lock of writers.
_BEGIN = {
    "postgresql": ["BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", "SELECT 1"],
    "sqlite": ["BEGIN DEFERRED", "SELECT count(*) FROM sqlite_master"],
}


@contextmanager
def snapshot(connection):
    """A connection of its own to the same database, which sees no later change and blocks no other transaction."""
    own = connection.copy()
    try:
        with own.cursor() as cursor:
            for statement in _BEGIN[own.vendor]:
                cursor.execute(statement)
        yield own
    finally:
        own.close()


def last_id(connection, table):
    """The highest id that a table has given, also to rows that are deleted: it is not given again."""
    if not table.auto:
        return None
    quote = connection.ops.quote_name
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT max({quote(table.auto)}) FROM {quote(table.name)}")
        last = cursor.fetchone()[0] or 0
        if connection.vendor == "sqlite":
            cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [table.name])
            return max(last, *(seq for (seq,) in cursor.fetchall()), 0)
        sequence = sequence_of(cursor, table)
        cursor.execute(f"SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM {sequence}")
        return max(last, cursor.fetchone()[0])


def sequence_of(cursor, table):
    """Of a serial or identity column, or the one that its default names."""
    cursor.execute("SELECT pg_get_serial_sequence(quote_ident(%s), %s)", [table.name, table.auto])
    if (name := cursor.fetchone()[0]) is not None:
        return name
    cursor.execute(
        "SELECT substring(column_default from $$nextval\\('([^']+)'::regclass\\)$$) FROM information_schema.columns "
        "WHERE table_schema = current_schema() AND table_name = %s AND column_name = %s",
        [table.name, table.auto],
    )
    return cursor.fetchone()[0]


def set_last_id(connection, table, last):
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("DELETE FROM sqlite_sequence WHERE name = %s", [table.name])
            cursor.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (%s, %s)", [table.name, last])
        else:
            # Without a last one, the next is 1.
            cursor.execute("SELECT setval(%s, %s, %s)", [sequence_of(cursor, table), last or 1, last > 0])
