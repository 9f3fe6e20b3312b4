"""Which format a file has, by its content: a name can be wrong."""

from clinic.records.exceptions import Refused
from patients.imports.files.bundles import read_bundle
from patients.imports.files.delimited import read_delimited
from patients.imports.files.vcards import read_vcards
from patients.imports.files.workbooks import read_workbook

FOREIGN = {
    b"\xd0\xcf\x11\xe0": "an old workbook (.xls) or one with a password. Save it as .xlsx, without a password.",
    b"%PDF": "a PDF. Export the patients as CSV or XLSX.",
    b"\x1f\x8b": "compressed. Unpack it first.",
    b"\x89PNG": "an image. Export the patients as CSV or XLSX.",
    b"<": "XML or HTML. Export the patients as CSV or XLSX.",
}


READERS = {b"PK\x03\x04": read_workbook, b"{": read_bundle, b"[": read_bundle, b"BEGIN:VC": read_vcards}


def table_of(content):
    """The SourceTable of these bytes. Raises Refused if they are no table, here or while its rows are read."""
    start = content.lstrip(b"\xef\xbb\xbf \t\r\n")[:8]
    for beginning, what in FOREIGN.items():
        if start.startswith(beginning):
            raise Refused(f"This file is {what}")
    table = _reader_of(start)(content)
    if not table.columns:
        raise Refused("This file has no rows.")
    return table


def _reader_of(start):
    found = (reader for beginning, reader in READERS.items() if start.upper().startswith(beginning))
    return next(found, read_delimited)
