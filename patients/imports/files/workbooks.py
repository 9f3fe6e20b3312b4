"""Workbooks (.xlsx): the first sheet that has any rows."""

import datetime as dt
import io
import re
import zipfile

from python_calamine import CalamineError, CalamineWorkbook

from clinic.records.exceptions import Refused
from patients.imports.files.source_table import MOST_COLUMNS, MOST_ROWS, SourceRow, SourceTable, headed

MOST_UNPACKED = 300_000_000
PIECE = 1 << 20
LONGEST_TAG = 1 << 12
DAMAGED = "This workbook is damaged or has a password. Save it again in the spreadsheet, without a password."
SPARSE = "This workbook has a cell far from the others. Copy the table into a new workbook."
# A cell that has a value.
_CELL = re.compile(rb"""<c\s[^>]*?\br\s*=\s*["']\$?([A-Za-z]{1,9})\$?(\d{1,12})["'][^>]*(?<!/)>""")


def read_workbook(content):
    _require_harmless(content)
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        sheets = [book.get_sheet_by_name(name) for name in book.sheet_names]
    except (CalamineError, OSError, ValueError) as error:
        raise Refused(DAMAGED) from error
    sheet = next((sheet for sheet in sheets if sheet.total_height), None)
    if sheet is None:
        return SourceTable([], [], "a workbook")
    filled = [name for name, each in zip(book.sheet_names, sheets, strict=True) if each.total_height]
    others = f", without the sheets {', '.join(filled[1:])}" if len(filled) > 1 else ""
    records = _records(sheet)
    _, head = next(records, (0, []))
    while head and not head[-1]:
        head.pop()
    return SourceTable(headed(head), _rows(records, len(head)), f"the sheet {sheet.name} of a workbook{others}")


def _require_harmless(content):
    """The reader stores the whole rectangle up to the last cell, and everything unpacked."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as file:
            if sum(part.file_size for part in file.infolist()) > MOST_UNPACKED:
                raise Refused("This workbook is too large when it is unpacked. Divide it into several files.")
            for name in file.namelist():
                if name.startswith("xl/worksheets/") and name.endswith(".xml"):
                    _require_dense(file, name)
    except (zipfile.BadZipFile, zipfile.LargeZipFile, RuntimeError, NotImplementedError, OSError, EOFError) as error:
        raise Refused(DAMAGED) from error


def _require_dense(file, name):
    rest = b""
    with file.open(name) as sheet:
        while piece := sheet.read(PIECE):
            piece = rest + piece
            for letters, digits in _CELL.findall(piece):
                if int(digits) > MOST_ROWS + 1 or _column(letters) > MOST_COLUMNS:
                    raise Refused(SPARSE)
            rest = piece[-LONGEST_TAG:]


def _column(letters):
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number


def _records(sheet):
    try:
        for number, cells in enumerate(sheet.iter_rows(), start=1):
            texts = [_as_text(cell) for cell in cells]
            if any(texts):
                yield number, texts
    except (CalamineError, ValueError) as error:
        raise Refused(DAMAGED) from error


def _as_text(cell):
    """As a sheet shows it in a format without decoration; a date can have only one meaning."""
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, dt.datetime):
        return cell.date().isoformat() if cell.time() == dt.time() else cell.isoformat(" ", "minutes")
    if isinstance(cell, dt.time):
        return cell.isoformat("minutes")
    return str(cell).strip()


def _rows(records, width):
    for number, cells in records:
        if any(cells[width:]):
            yield SourceRow(number, [], "This row has more cells than the first row names columns.")
        else:
            yield SourceRow(number, cells[:width] + [""] * (width - len(cells)))
