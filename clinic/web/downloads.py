"""Tables that leave Collum as a file: for each a CSV, and an XLSX in which a spreadsheet leaves text as it is.

Both are made of the same rows of cells. A spreadsheet that opens a CSV drops the zeros before `00301505`, and takes
`12E45` and `03/2027` for a number and a day.
"""

import csv
import io

import xlsxwriter
from django.http import HttpResponse
from django.utils import timezone

CSV = "text/csv; charset=utf-8"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# What a spreadsheet would take for a formula, the full-width forms too.
BEGINS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff0b", "\uff0d", "\uff20")
AS_TYPED = {"strings_to_formulas": False, "strings_to_numbers": False, "strings_to_urls": False}
WIDEST = 60
LONGEST_CELL = 32_767  # of a workbook; a longer text would be cut without a word
CUT = " … (cut here: the CSV has all of it)"


def harmless(text):
    """With an apostrophe before what a spreadsheet would carry out."""
    return f"'{text}" if text.startswith(BEGINS_A_FORMULA) else text


def as_csv(rows):
    """Rows of cells as a file, with the mark by which a spreadsheet knows UTF-8."""
    text = io.StringIO()
    csv.writer(text).writerows([harmless(str(cell)) for cell in row] for row in rows)
    return text.getvalue().encode("utf-8-sig")


def as_xlsx(rows):
    """The same rows as a workbook: counts are numbers, all else is text, and no cell is a formula or a link."""
    file = io.BytesIO()
    # In memory: else patients' names would lie in files of their own until the workbook is closed.
    with xlsxwriter.Workbook(file, {"in_memory": True, **AS_TYPED}) as workbook:
        sheet, heading = workbook.add_worksheet(), workbook.add_format({"bold": True})
        text = workbook.add_format({"num_format": "@"})  # also when somebody goes on typing in the cell
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
    """The name of the file says what it is and when it was made, and nothing of what is in it."""
    disposition = f'attachment; filename="{filename}"'
    return HttpResponse(content, content_type=kind, headers={"Content-Disposition": disposition})
