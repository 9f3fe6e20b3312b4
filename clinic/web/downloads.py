"""Tables that can be downloaded as CSV or as XLSX, in which a spreadsheet does not change text.

Both are created from the same rows of cells. A spreadsheet that opens a CSV drops the zeros before `00301505`, and
reads `12E45` and `03/2027` as a number and a date.
"""

import csv
import io

import xlsxwriter
from django.http import HttpResponse
from django.utils import timezone

CSV = "text/csv; charset=utf-8"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# Characters with which a spreadsheet formula begins, including full-width forms.
BEGINS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff0b", "\uff0d", "\uff20")
AS_TYPED = {"strings_to_formulas": False, "strings_to_numbers": False, "strings_to_urls": False}
WIDEST = 60
LONGEST_CELL = 32_767  # limit of a cell; a longer text would be cut without a warning
CUT = " … (cut here: the CSV has all of it)"


def harmless(text):
    """Add an apostrophe before text that a spreadsheet would execute, and before what looks as if it had one."""
    return f"'{text}" if text.lstrip("'").startswith(BEGINS_A_FORMULA) else text


def as_meant(text):
    """Remove the apostrophe that harmless() added. So every text is the same after an export and an import."""
    return text[1:] if text.startswith("'") and harmless(text) != text else text


def as_csv(rows):
    """A CSV file, with the byte order mark by which a spreadsheet recognises UTF-8."""
    text = io.StringIO()
    csv.writer(text).writerows([harmless(str(cell)) for cell in row] for row in rows)
    return text.getvalue().encode("utf-8-sig")


def as_xlsx(rows):
    """The same rows as a workbook: counts are numbers, everything else is text, and no cell is a formula or a link."""
    file = io.BytesIO()
    # In memory: otherwise patients' names would be in temporary files until the workbook is closed.
    with xlsxwriter.Workbook(file, {"in_memory": True, **AS_TYPED}) as workbook:
        sheet, heading = workbook.add_worksheet(), workbook.add_format({"bold": True})
        text = workbook.add_format({"num_format": "@"})  # also after a user edits the cell
        for number, row in enumerate(rows):
            for place, cell in enumerate(row):
                if isinstance(cell, int):
                    sheet.write_number(number, place, cell)
                else:
                    sheet.write_string(number, place, _fitting(cell), text if number else heading)
        sheet.freeze_panes(1, 0)
        sheet.autofit(WIDEST * 7)
    return file.getvalue()


def _fitting(text):
    return text if len(text) <= LONGEST_CELL else text[: LONGEST_CELL - len(CUT)] + CUT


def csv_download(rows, *, name):
    return _download(as_csv(rows), CSV, f"{name}-{timezone.localdate()}.csv")


def xlsx_download(rows, *, name):
    return _download(as_xlsx(rows), XLSX, f"{name}-{timezone.localdate()}.xlsx")


def _download(content, kind, filename):
    disposition = f'attachment; filename="{filename}"'
    return HttpResponse(content, content_type=kind, headers={"Content-Disposition": disposition})
