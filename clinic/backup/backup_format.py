"""The inside of a backup: a header, then each table with its rows, their number and their digest, then the end.

{"format": 1, "release": …, "migrations": […], "tables": […], …}
{"table": "clinic_user", "columns": [["id", "integer"], …]}
1   pbkdf2… (the row; cells separated by tabs, as COPY writes them)
\\.
{"rows": 1, "sha256": …, "last_id": 1}
…
{"end": true, "tables": 90, "rows": 12345}
"""

import json
import zlib
from dataclasses import dataclass, field

from clinic.backup.errors import BackupError, DamagedError
from clinic.backup.table_rows import BLOCK, TableDigest

FORMAT = 1
END_OF_ROWS = b"\\.\n"
LONGEST_LINE = 32 * 1024 * 1024  # a row; the text of one request has at most 1 MB


class BackupWriter:
    def __init__(self, out, header):
        self.out, self.tables, self.rows = out, 0, 0
        self._line(header)

    def _line(self, content):
        self.out.write(json.dumps(content).encode() + b"\n")

    def add(self, table, read, last_id):
        """`read(write)` calls `write` with blocks of rows. Returns the digest of the table."""
        self._line({"table": table.name, "columns": table.columns})
        digest = TableDigest(table.name, table.columns)

        def write(block):
            digest.update(block)
            self.out.write(block)

        read(write)
        self.out.write(END_OF_ROWS)
        self._line({"rows": digest.rows, "sha256": digest.sha256, "last_id": last_id})
        self.tables += 1
        self.rows += digest.rows
        return digest

    def end(self):
        self._line({"end": True, "tables": self.tables, "rows": self.rows})


@dataclass
class Section:
    """One table of a backup. Read `blocks` to the end; after that, `last_id` is there and the digest was compared."""

    name: str
    columns: tuple
    source: "LineReader"
    last_id: int | None = None
    digest: TableDigest = field(init=False)

    def __post_init__(self):
        self.digest = TableDigest(self.name, self.columns)

    def blocks(self):
        for block in self.source.rows():
            self.digest.update(block)
            yield block
        stored = self.source.json_line()
        if (stored.get("rows"), stored.get("sha256")) != (self.digest.rows, self.digest.sha256):
            raise DamagedError(f"the rows of {self.name} are not those that were backed up")
        self.last_id = stored.get("last_id")
        if not isinstance(self.last_id, int | None):
            raise DamagedError(f"the last id of {self.name} is not a number")

    def read_through(self):
        for _ in self.blocks():
            pass


class BackupReader:
    def __init__(self, stream):
        self.lines = LineReader(stream)
        self.header = self.lines.json_line()
        version = self.header.get("format")
        if not isinstance(version, int):
            raise BackupError("This is not a backup of Collum.")
        if version > FORMAT:
            raise BackupError(f"The backup has format {version}. A newer release of Collum can read it.")
        self.migrations = sorted(_pairs(self.header.get("migrations")))

    def sections(self, expected):
        """The tables in the file, which must be those that the database needs, in their order."""
        rows = 0
        for table in expected:
            start = self.lines.json_line()
            columns = _pairs(start.get("columns"))
            if start.get("table") != table.name or sorted(columns) != sorted(table.columns):
                raise DamagedError(f"the table {table.name} is missing, or has other columns")
            section = Section(table.name, columns, self.lines)
            yield section
            rows += section.digest.rows
        if self.lines.json_line() != {"end": True, "tables": len(expected), "rows": rows}:
            raise DamagedError("the end is not where it should be")
        if self.lines.has_more():
            raise DamagedError("something follows its end")


def _pairs(found):
    """As tuples of two texts."""
    if not isinstance(found, list) or not all(
        isinstance(one, list) and list(map(type, one)) == [str, str] for one in found
    ):
        raise DamagedError("a line cannot be read")
    return tuple(map(tuple, found))


class LineReader:
    """Reads lines and blocks of rows from a stream, with bounded memory."""

    def __init__(self, stream):
        self.stream, self.rest = stream, b""

    def _more(self):
        try:
            read = self.stream.read(BLOCK)
        except (EOFError, zlib.error, OSError) as error:
            raise DamagedError(f"it cannot be decompressed ({type(error).__name__})") from error
        self.rest += read
        if len(self.rest) > LONGEST_LINE:
            raise DamagedError("a line is too long")
        return bool(read)

    def has_more(self):
        return bool(self.rest) or self._more()

    def json_line(self):
        while b"\n" not in self.rest:
            if not self._more():
                raise DamagedError("it ends too soon")
        line, _, self.rest = self.rest.partition(b"\n")
        try:
            content = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise DamagedError("a line cannot be read") from error
        if not isinstance(content, dict):
            raise DamagedError("a line cannot be read")
        return content

    def rows(self):
        """Blocks of whole rows, up to the line that ends them."""
        while not self.rest.startswith(END_OF_ROWS):
            end = self.rest.find(b"\n" + END_OF_ROWS)
            if end < 0:
                # The last three bytes may be the beginning of the end.
                end = self.rest.rfind(b"\n", 0, max(len(self.rest) - len(END_OF_ROWS), 0))
            if end >= 0:
                block, self.rest = self.rest[: end + 1], self.rest[end + 1 :]
                yield block
            elif not self._more():
                raise DamagedError("it ends too soon")
        self.rest = self.rest[len(END_OF_ROWS) :]
