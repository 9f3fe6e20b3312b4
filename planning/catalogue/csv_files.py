"""CSV files as spreadsheets write them: their encoding, their delimiter and their rows."""

import re
from functools import cached_property

from clinic.records.exceptions import Refused
from clinic.web.csv_text import ENCODINGS, WORKBOOKS, encodings_of, records_of

MOST_ROWS = 5_000
ENDINGS = (".csv", ".tsv", ".txt")
DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs"}
# The first line of some files, which a spreadsheet does not show.
NAMED_DELIMITER = re.compile(r'\A\s*"?sep=([,;\t])"?[,;\t]*(?:\r\n|\r|\n)', re.IGNORECASE)


class CsvFile:
    """The text of a file, and how it was read.

    Rows are numbered as in a spreadsheet: the column names are row 1, and a row can have several lines.
    """

    def __init__(self, text, *, columns, encoding="UTF-8"):
        self.text, self.encoding, self._columns = text, encoding, columns
        self.rows, self.problems = [], []
        records = records_of(NAMED_DELIMITER.sub("", text, count=1), self.delimiter, self)
        self.columns, places = self._head(records)
        for number, cells in records:
            self._add(number, cells, places)
        if not self.rows and not self.problems:
            raise Refused("This file has no rows.")

    @classmethod
    def of(cls, content, *, columns):
        """Raises Refused if these bytes are no text, or their columns are unknown."""
        if content.startswith(WORKBOOKS):
            raise Refused("This is a workbook, not CSV. Save it as “CSV UTF-8” in the spreadsheet.")
        for encoding, name in encodings_of(content).items():
            try:
                return cls(content.decode(encoding), columns=columns, encoding=name)
            except UnicodeDecodeError:
                continue
        raise Refused("This file is neither UTF-8 nor Windows-1252. Save it as “CSV UTF-8” in the spreadsheet.")

    @cached_property
    def delimiter(self):
        """The named one, or the one that finds most of the columns in the first line that has any text."""
        if named := NAMED_DELIMITER.match(self.text):
            return named[1]
        first = next((line for line in self.text.splitlines() if line.strip()), "")
        return max(DELIMITERS, key=lambda delimiter: _known(first, delimiter, self._columns))

    @property
    def has_decimal_commas(self):
        return self.delimiter != ","

    @property
    def is_guessed(self):
        return self.encoding == ENCODINGS["cp1252"]

    def __str__(self):
        return f"{self.encoding}, with {DELIMITERS[self.delimiter]} between cells"

    def _head(self, records):
        """The column names, and the place of each."""
        _, head = next(records, (1, []))
        head = [_name_of(heading, self._columns) for heading in head]
        names = [name for name in head if name]
        self._require_columns(names)
        return names, {name: place for place, name in enumerate(head) if name}

    def _require_columns(self, names):
        needed = [name for name, is_needed in self._columns.items() if is_needed]
        for columns, message in (
            ({name for name in names if name not in self._columns}, "Unknown columns: {}. Remove them from the file."),
            ({name for name in needed if name not in names}, "Missing columns: {}. Add them to the file."),
            ({name for name in names if names.count(name) > 1}, "These columns appear twice: {}."),
        ):
            if columns:
                named = message.format(", ".join(f"“{column}”" for column in sorted(columns)))
                raise Refused(f"Row 1: {named} Collum read the file as {self}.")

    def _add(self, number, cells, places):
        if len(self.rows) + len(self.problems) == MOST_ROWS:
            raise Refused(f"Row {number}: this is more than {MOST_ROWS:,} rows. Divide the file into several.")
        if surplus := [cell for place, cell in enumerate(cells) if cell and place not in places.values()]:
            self.problems.append((number, f"“{surplus[0]}” is in a column without a name."))
        elif len(cells) <= max(places.values()):
            self.problems.append((number, f"{len(cells)} cells, but row 1 names {len(places)} columns."))
        else:
            self.rows.append((number, {name: cells[place] for name, place in places.items()}))


def _name_of(heading, columns):
    """A column can be named as in the API, or as on the pages."""
    return columns.name_of(heading) if hasattr(columns, "name_of") else heading


def _known(line, delimiter, columns):
    cells = [_name_of(cell.strip().strip('"'), columns) for cell in line.split(delimiter)]
    return len([cell for cell in cells if cell in columns]), len(cells)
