"""CSV, TSV and similar text with any delimiter and encoding."""

import csv
import io
import itertools
import re

from clinic.records.exceptions import Refused
from clinic.web.csv_text import encodings_of, records_of
from patients.imports.files.source_table import SourceRow, SourceTable, headed

# In the order of preference. Any other can be named in a first line such as “sep=#”.
DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"} | {
    delimiter: f"“{delimiter}”" for delimiter in "^~:#*!$%&"
}
NAMED_DELIMITER = re.compile(r'\A\s*"?sep=([^\w\s"]|\t)"?\W*?(?:\r\n|\r|\n)', re.IGNORECASE)
LOOKED_AT = 20
MOST_NULS = 0.2


def read_delimited(content):
    text, encoding = decoded(content)
    delimiter = _delimiter_of(text)
    description = f"{encoding}, with {DELIMITERS.get(delimiter, f'“{delimiter}”')} between cells"
    records = records_of(NAMED_DELIMITER.sub("", text, count=1), delimiter, description)
    _, head = next(records, (0, []))
    while head and not head[-1]:
        head.pop()
    return SourceTable(headed(head), _rows(records, len(head)), description)


def decoded(content):
    """The text and the name of its encoding. Raises Refused if these bytes are no text."""
    for encoding, name in _encodings_of(content).items():
        try:
            return content.decode(encoding), name
        except UnicodeDecodeError:
            continue
    raise Refused("This file is no text that Collum can read. Save it as “CSV UTF-8” in the spreadsheet.")


def _encodings_of(content):
    """UTF-16 without a byte order mark has a NUL in every other byte of a text in Latin letters."""
    sample = content[:2000]
    for encoding, nuls in (("utf-16-le", sample[1::2].count(0)), ("utf-16-be", sample[::2].count(0))):
        if nuls > MOST_NULS * len(sample):
            return {encoding: "UTF-16"}
    return encodings_of(content)


def _delimiter_of(text):
    """The named one, or the one by which most of the first rows have as many cells as the first."""
    if named := NAMED_DELIMITER.match(text):
        return named[1]
    return max(DELIMITERS, key=lambda delimiter: _regularity(text, delimiter))


def _regularity(text, delimiter):
    records = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        widths = [len(cells) for cells in itertools.islice(filter(any, records), LOOKED_AT)]
    except csv.Error:
        return (0, 0)
    if not widths or widths[0] < 2:
        return (0, 0)
    return (widths.count(widths[0]) / len(widths), widths[0])


def _rows(records, width):
    for number, cells in records:
        if len(cells) < width:
            yield SourceRow(number, [], f"This row has {len(cells)} cells, but the first row names {width} columns.")
        elif any(cells[width:]):
            yield SourceRow(number, [], "This row has more cells than the first row names columns.")
        else:
            yield SourceRow(number, cells[:width])
