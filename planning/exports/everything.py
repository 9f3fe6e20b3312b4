"""All rows of Collum as a zip of NDJSON and CSV, with a data dictionary. A dose leaves as the string that was typed."""

import csv
import datetime as dt
import hashlib
import io
import json

from django.utils import timezone

from clinic.models import Clinic
from clinic.web.downloads import harmless
from planning.catalogue.scores import in_figures
from planning.exports.data_dictionary import FORMAT, as_rows, data_dictionary, type_of
from planning.exports.exported_tables import exported_tables, rows_of
from planning.exports.zip_stream import in_blocks, zip_stream

BYTE_ORDER_MARK = "\ufeff"  # by which a spreadsheet recognises UTF-8
README = """\
An export of Collum. It contains personal data of patients.

data-dictionary.json  each table and column: type, references, choices and meaning; what is left out, and why
data-dictionary.csv   the same for a spreadsheet, one line for each column
ndjson/               one file for each table; each line is a JSON object with all columns of a row
csv/                  the same rows for a spreadsheet
manifest.json         when it was made; the number of rows and a SHA-256 of each file. A complete export ends with it

A dose is the text that a clinician typed, never a number. Do not convert it.
docs/examples/read_an_export.py of Collum's source reads this file without Collum, and recomputes the hashes of the
signed records.
"""


def everything_as_zip(connection, *, at, progress=lambda text: None):
    """Blocks of bytes. `connection` sees one state of the database; `progress(text)` is called for each table."""
    return zip_stream(_members(connection, at, progress))


def _members(connection, at, progress):
    dictionary, files = data_dictionary(), {}
    yield "README.txt", [README.encode()]
    yield "data-dictionary.json", [as_json(dictionary)]
    yield "data-dictionary.csv", in_blocks(csv_lines(as_rows(dictionary)))
    for number, table in enumerate(exported_tables(), start=1):
        progress(f"{table.name} ({number} of {len(exported_tables())} tables)")
        for name, lines in (
            (f"ndjson/{table.name}.ndjson", _ndjson(table, connection)),
            (f"csv/{table.name}.csv", _csv(table, connection)),
        ):
            files[name] = file = ExportedFile()
            yield name, in_blocks_counted(lines, file)
    yield "manifest.json", [as_json(_manifest(at, files))]


def _manifest(at, files):
    clinic = Clinic.ours()
    return {
        "format": FORMAT,
        "exported_at": timezone.localtime(at, clinic.zone).isoformat(timespec="seconds"),
        "clinic": clinic.name,
        "files": {name: {"rows": file.rows, "sha256": file.hash.hexdigest()} for name, file in files.items()},
    }


class ExportedFile:
    """Counts the rows of a file, and computes its SHA-256, while it is written."""

    def __init__(self):
        self.rows, self.hash = 0, hashlib.sha256()


def in_blocks_counted(lines, file):
    """`lines` are (text, whether it is a row)."""

    def counted():
        for line, is_row in lines:
            file.rows += is_row
            yield line

    for block in in_blocks(counted()):
        file.hash.update(block)
        yield block


def _ndjson(table, connection):
    columns = [(field.column, writer_of(field)) for field in table.fields]
    for row in rows_of(table, connection):
        written = {name: write(value) for (name, write), value in zip(columns, row, strict=True)}
        yield json.dumps(written, ensure_ascii=False, separators=(",", ":")) + "\n", True


def _csv(table, connection):
    writers = [writer_of(field) for field in table.fields]
    for number, line in enumerate(csv_lines(_csv_rows(table, writers, connection))):
        yield line, number > 0


def _csv_rows(table, writers, connection):
    yield [field.column for field in table.fields]
    for row in rows_of(table, connection):
        yield [in_csv(write(value)) for write, value in zip(writers, row, strict=True)]


def in_csv(value):
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return harmless(value) if isinstance(value, str) else str(value)


def csv_lines(rows):
    """The text of each row; the first begins with a byte order mark."""
    text, mark = io.StringIO(newline=""), BYTE_ORDER_MARK
    writer = csv.writer(text)
    for row in rows:
        writer.writerow(row)
        yield mark + text.getvalue()
        mark = ""
        text.seek(0)
        text.truncate()


def as_json(content):
    return json.dumps(content, ensure_ascii=False, indent=1).encode()


def _utc(value):
    return value and value.astimezone(dt.UTC).isoformat()


def _as_text(value):
    return None if value is None else str(value)


def _iso(value):
    return value and value.isoformat()


# How a value of each type is written; text, whole numbers and booleans are as they are.
_WRITERS = {
    "datetime": _utc,
    "date": _iso,
    "time": _iso,
    "uuid": _as_text,
    "text": _as_text,
    "decimal": lambda value: None if value is None else in_figures(value),
    "json": lambda value: None if value is None else json.dumps(value, ensure_ascii=False, sort_keys=True),
}


def writer_of(field):
    return _WRITERS.get(type_of(field), lambda value: value)
