"""CSV files as spreadsheets write them: how their bytes become text, and the text becomes rows."""

import codecs
import csv
import io
import itertools

from clinic.records.exceptions import Refused
from clinic.web.downloads import as_meant

# What a German Excel writes without being asked is Windows-1252.
ENCODINGS = {"utf-8-sig": "UTF-8", "cp1252": "Windows-1252"}
WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")


def encodings_of(content):
    """The names of the encodings that these bytes can have, by codec; the first that decodes them is meant."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return {"utf-16": "UTF-16"}
    return ENCODINGS


def records_of(text, delimiter, description):
    """(number, cells) of every row that is not empty. A row can have several lines.

    Raises Refused while the rows are read, if the text is not CSV. `description` says how the file was read.
    """
    records = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    for number in itertools.count(1):
        try:
            cells = [as_meant(cell.strip()) for cell in next(records)]
        except StopIteration:
            return
        except csv.Error as error:
            raise Refused(f"Row {number}: this is not CSV ({error}). Collum read the file as {description}.") from error
        if any(cells):
            yield number, cells
