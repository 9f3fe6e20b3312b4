"""An .xlsx file as a spreadsheet reads it, with only the standard library."""

import io
import xml.etree.ElementTree as ET
import zipfile

from clinic.web.downloads import XLSX

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def text_of_response(response):
    """The body; of a workbook its cells."""
    if response["Content-Type"] == XLSX:
        return "\n".join(str(cell) for row in rows_of_xlsx(response) for cell in row)
    return response.content.decode()


def rows_of_xlsx(response):
    """The cells of the only sheet, row by row: text as str, numbers as int."""
    return [[value for value, _ in row] for row in cells_of_xlsx(response)]


def cells_of_xlsx(response):
    """The same with what kind of cell each is: *s* for text, *n* for a number; never *f*, a formula."""
    with zipfile.ZipFile(io.BytesIO(response.content)) as file:
        strings = _strings(file)
        sheet = ET.fromstring(file.read("xl/worksheets/sheet1.xml"))  # noqa: S314 our own
    return [[_cell(cell, strings) for cell in row.iter(f"{MAIN}c")] for row in sheet.iter(f"{MAIN}row")]


def _strings(file):
    shared = ET.fromstring(file.read("xl/sharedStrings.xml"))  # noqa: S314 our own
    texts = ["".join(text.text or "" for text in item.iter(f"{MAIN}t")) for item in shared.iter(f"{MAIN}si")]
    return [text.replace("_x005F_", "_") for text in texts]  # how the format writes an underscore before such figures


def _cell(cell, strings):
    if cell.find(f"{MAIN}f") is not None:
        return cell.findtext(f"{MAIN}f"), "f"
    value = cell.findtext(f"{MAIN}v")
    if cell.get("t") == "s":
        return strings[int(value)], "s"
    return ("" if value is None else int(value)), "n"
