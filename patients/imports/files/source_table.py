"""A file of any format as a table of texts."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from clinic.records.exceptions import Refused
from clinic.records.text import printable

MOST_ROWS = 100_000
MOST_COLUMNS = 200


class SourceRow(NamedTuple):
    """A row by its number in the file; `problem` says why it cannot be read."""

    number: int
    cells: list[str]
    problem: str = ""


@dataclass
class SourceTable:
    """`rows` can be read once. `unread` names what the format contains and no column shows."""

    columns: list[str]
    rows: Iterable[SourceRow]
    description: str
    unread: list[str] = field(default_factory=list)

    def __post_init__(self):
        if len(self.columns) > MOST_COLUMNS:
            raise Refused(f"This file has more than {MOST_COLUMNS} columns. Remove those that you do not need.")
        self.rows, self.description = _limited(self.rows), printable(self.description)
        self.unread = [printable(name)[:60] for name in self.unread]


def _limited(rows):
    for count, row in enumerate(rows, start=1):
        if count > MOST_ROWS:
            raise Refused(f"This file has more than {MOST_ROWS:,} rows. Divide it into several files.")
        yield row


def headed(headings):
    """Names of columns: every column has one, and no two are equal."""
    names, seen = [], set()
    for place, heading in enumerate(headings, start=1):
        name = " ".join(printable(heading).split())[:100] or f"Column {place}"
        number = 1
        unique = name
        while unique.casefold() in seen:
            number += 1
            unique = f"{name} ({number})"
        seen.add(unique.casefold())
        names.append(unique)
    return names
