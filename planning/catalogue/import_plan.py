"""What an import would change: compared with the catalogue, without writing anything."""

import copy
import hashlib
from typing import NamedTuple

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.utils.html import format_html

from clinic.records.text import cleaned, search_key
from planning.catalogue.exchange import cell_of, value_of
from planning.catalogue.models.entry import Catalogue, renaming_obstacles


class PlannedRow(NamedTuple):
    number: int
    entry: object
    cells: list  # (before, after) for each column
    version: int | None  # of the stored entry; None if the entry is new

    @property
    def is_new(self):
        return self.version is None

    def cells_as_html(self):
        return [
            after if before == after else format_html("{}<ins>{}</ins>", _deleted(before), after)
            for before, after in self.cells
        ]


class ImportPlan:
    """The rows of a file that change the catalogue, and why others cannot. Entries are matched by their name."""

    def __init__(self, model, file, *, locked=False):
        self.file = file
        self.rows, self.errors, self.unchanged = [], list(file.problems), 0
        self._model, self._catalogue = model, Catalogue(model, locked=locked)
        self._by_name = {self._name(entry): entry for entry in self._catalogue.entries}
        self._numbers, self._owners = {}, {}
        for number, cells in file.rows:
            self._plan(number, cells)
        self.errors.sort()

    @property
    def new(self):
        return [row for row in self.rows if row.is_new]

    @property
    def changed(self):
        return [row for row in self.rows if not row.is_new]

    def totals_text(self):
        return f"{len(self.new)} new, {len(self.changed)} changed, {self.unchanged} unchanged."

    @property
    def digest(self):
        """Of all that a preview shows, so that exactly this is stored."""
        # Without the numbers: a browser drops an empty line at the beginning of the text that it sends back.
        return hashlib.sha256(repr([(row.version, row.cells) for row in self.rows]).encode()).hexdigest()

    def _name(self, entry):
        return getattr(entry, self._model.NAMED_BY[0])

    def _plan(self, number, cells):
        try:
            self._require_once(number, cells[self._model.NAMED_BY[0]])
            row = self._row(number, cells)
        except ValidationError as error:
            self.errors += [(number, message) for message in _messages_of(error)]
            return
        if row is None:
            self.unchanged += 1
            return
        self.rows.append(row)
        self._catalogue.add(row.entry)
        self._by_name[self._name(row.entry)] = row.entry
        self._owners[id(row.entry)] = number

    def _require_once(self, number, name):
        first = self._numbers.setdefault(search_key(name), number)
        if name and first != number:
            raise ValidationError(f"“{name}” is in row {first} already. Remove one of the two rows.")

    def _row(self, number, cells):
        stored = self._by_name.get(_normalised(cells[self._model.NAMED_BY[0]]))
        before = {name: cell_of(stored, name) if stored else "" for name in cells}
        if stored and before == cells:
            return None
        entry = copy.copy(stored) if stored else self._model()
        self._assign(entry, cells)
        if stored and not any(getattr(entry, name) != getattr(stored, name) for name in cells):
            return None
        self._require_possible(entry, stored)
        shown = [(before[name], cell_of(entry, name)) for name in cells]
        return PlannedRow(number, entry, shown, stored.version if stored else None)

    def _assign(self, entry, cells):
        errors = {}
        for name, cell in cells.items():
            try:
                value = value_of(
                    cell,
                    self._model._meta.get_field(name),
                    parents=self._by_name,
                    has_decimal_commas=self.file.has_decimal_commas,
                )
                setattr(entry, name, value)
            except ValidationError as error:
                errors[name] = error
        try:
            # Whether the parent exists is known: it would be a query for each row.
            entry.clean_fields(exclude={*errors, self._model.PARENT})
        except ValidationError as error:
            error.update_error_dict(errors)
        if errors:
            raise ValidationError(errors)

    def _require_possible(self, entry, stored):
        errors = entry.obstacles(self._catalogue)
        if stored and stored.known_as() != entry.known_as():
            renaming = renaming_obstacles(entry, meaning="", reason="")
            errors |= {name: f"{message} Change it by hand." for name, message in renaming.items()}
        if errors:
            raise ValidationError(errors | self._rows_with_same_keys(entry))

    def _rows_with_same_keys(self, entry):
        owners = (self._catalogue.owner(key, besides=entry) for key in entry.unique_keys())
        rows = sorted({self._owners[id(owner)] for owner in owners if id(owner) in self._owners})
        return {NON_FIELD_ERRORS: f"Compare it with row {' and '.join(map(str, rows))}."} if rows else {}


def _deleted(text):
    return format_html("<del>{}</del> ", text) if text else ""


def _normalised(name):
    try:
        return cleaned(name)
    except ValidationError:
        return name  # which the field itself rejects


def _messages_of(error):
    if not hasattr(error, "error_dict"):
        return error.messages
    by_field = error.message_dict
    compare = "".join(f" {message}" for message in by_field.pop(NON_FIELD_ERRORS, []))
    return [f"{field}: {' '.join(messages)}{compare}" for field, messages in by_field.items()]
