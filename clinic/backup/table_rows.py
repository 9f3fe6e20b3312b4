"""Rows of a table as bytes, and bytes as rows, in blocks of whole lines: never a whole table in memory."""

import hashlib
import io
import json

from django.db import DatabaseError

from clinic.backup.column_kinds import NULL, canonical_json, escape, escaped_json, into_sqlite, on_sqlite, unescape
from clinic.backup.errors import BackupError

BLOCK = 256 * 1024
ROWS_AT_ONCE = 1000
POSTGRESQL_TEXT = "SET timezone = 'UTC'; SET datestyle = 'ISO'"


class TableDigest:
    """SHA-256 over a table's name, its columns and its rows in the order of their keys; the number of rows."""

    def __init__(self, name, columns):
        self.rows = 0
        self._hash = hashlib.sha256(json.dumps([name, columns]).encode() + b"\n")

    def update(self, block):
        self._hash.update(block)
        self.rows += block.count(b"\n")

    @property
    def sha256(self):
        return self._hash.hexdigest()


def digest(connection, table):
    found = TableDigest(table.name, table.columns)
    read_rows(connection, table, found.update)
    return found


def read_rows(connection, table, write):
    """Call `write` with blocks of rows in the order of their keys."""
    try:
        _READ[connection.vendor](connection, table, write)
    except DatabaseError as error:
        raise BackupError(f"The rows of {table.name} cannot be read ({type(error).__name__}).") from error


def _read_postgresql(connection, table, write):
    columns = ", ".join(connection.ops.quote_name(name) for name, _ in table.columns)
    query = f"SELECT {columns} FROM {table.quoted(connection)} ORDER BY {table.ordered_by(connection)}"
    places = [place for place, (_, kind) in enumerate(table.columns) if kind == "json"]
    if places:
        write = _with_canonical_json(write, places)
    with connection.cursor() as cursor:
        cursor.execute(POSTGRESQL_TEXT)
        with _Blocks(write) as blocks:
            cursor.copy_expert(f"COPY ({query}) TO STDOUT", blocks)


class _Blocks(io.RawIOBase):
    """Collects the rows, which COPY writes one by one."""

    def __init__(self, write):
        super().__init__()
        self.pass_on, self.lines, self.size = write, [], 0

    def write(self, line):
        self.lines.append(line)
        self.size += len(line)
        if self.size >= BLOCK:
            self.flush()

    def flush(self):
        lines, self.lines, self.size = self.lines, [], 0
        if lines:
            self.pass_on(b"".join(lines))


def _with_canonical_json(write, places):
    def rewrite(block):
        lines = [line.split("\t") for line in block.decode().removesuffix("\n").split("\n")]
        for cells in lines:
            for place in places:
                if cells[place] != NULL:
                    cells[place] = escape(canonical_json(unescape(cells[place])))
        write("".join("\t".join(cells) + "\n" for cells in lines).encode())

    return rewrite


def _read_sqlite(connection, table, write):
    quote = connection.ops.quote_name
    cells = [f"coalesce({on_sqlite(quote(name), kind)}, '{NULL}')" for name, kind in table.columns]
    line = " || char(9) || ".join(cells)
    query = f"SELECT {line} FROM {table.quoted(connection)} ORDER BY {table.ordered_by(connection)}"
    with connection.cursor() as cursor:
        connection.connection.create_function("collum_json", 1, escaped_json, deterministic=True)
        cursor.execute(query)
        while rows := cursor.fetchmany(ROWS_AT_ONCE):
            write(("\n".join([line for (line,) in rows]) + "\n").encode())


_READ = {"postgresql": _read_postgresql, "sqlite": _read_sqlite}


def store_rows(connection, table, blocks):
    try:
        _STORE[connection.vendor](connection, table, blocks)
    except (DatabaseError, connection.Database.Error) as error:
        # Its own message would contain the row.
        raise BackupError(f"The rows of {table.name} do not fit into it ({type(error).__name__}).") from None


def _store_postgresql(connection, table, blocks):
    columns = ", ".join(connection.ops.quote_name(name) for name, _ in table.columns)
    with connection.cursor() as cursor:
        cursor.execute(POSTGRESQL_TEXT)
        cursor.copy_expert(f"COPY {table.quoted(connection)} ({columns}) FROM STDIN", _Source(blocks))


class _Source(io.RawIOBase):
    """What COPY reads from: `read(size)` gives at most so many bytes."""

    def __init__(self, blocks):
        super().__init__()
        self.blocks, self.rest = iter(blocks), memoryview(b"")

    def read(self, size=-1):
        if not self.rest:
            self.rest = memoryview(next(self.blocks, b""))
        given, self.rest = self.rest[:size], self.rest[size:]
        return bytes(given)


def _store_sqlite(connection, table, blocks):
    quote = connection.ops.quote_name
    columns = ", ".join(quote(name) for name, _ in table.columns)
    values = ", ".join(into_sqlite(number, kind) for number, (_, kind) in enumerate(table.columns, start=1))
    statement = f"INSERT INTO {table.quoted(connection)} ({columns}) VALUES ({values})"
    connection.ensure_connection()
    for block in blocks:
        connection.connection.executemany(statement, _rows_in(block))


def _rows_in(block):
    for line in block.decode().removesuffix("\n").split("\n"):
        yield [cell if "\\" not in cell else None if cell == NULL else unescape(cell) for cell in line.split("\t")]


_STORE = {"postgresql": _store_postgresql, "sqlite": _store_sqlite}
