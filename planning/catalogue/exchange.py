"""The catalogue as a table: the cells of an entry for an export, and the values of cells for an import."""

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.text import capfirst

from clinic.records.numbers import LARGEST_SMALL, whole_number
from planning.catalogue.models.entry import Catalogue
from planning.catalogue.models.instrument import Instrument
from planning.catalogue.models.muscle import Muscle
from planning.catalogue.scores import ScoreValueField, in_figures, read_score

MEANINGS = {"yes": True, "1": True, "true": True, "no": False, "0": False, "false": False}
PARENT_UNKNOWN = {
    Muscle: "The catalogue has no muscle called “{}”. In the file, list a group before its parts.",
    Instrument: "The catalogue has no instrument called “{}”. In the file, list a total before its parts.",
}


class Columns(dict):
    """{column: whether a file must have it}, and the name of a column by its title on the pages."""

    titles = {}

    def name_of(self, heading):
        return self.titles.get(heading.casefold(), heading)


def columns_of(model):
    fields = [model._meta.get_field(name) for name in model.details()]
    columns = Columns({field.name: not field.blank and not field.has_default() for field in fields})
    columns.titles = {title.casefold(): name for name, title in titles_of(model).items()}
    return columns


def titles_of(model):
    """The title of each column, as the pages of the catalogue show it."""
    return {name: capfirst(model._meta.get_field(name).verbose_name) for name in model.details()}


def as_table(model):
    """The titles of the columns and all entries, each after the entry that it is a part of."""
    columns = list(columns_of(model))
    entries = sorted(Catalogue(model).entries, key=lambda entry: entry.parent_id is not None)
    return [list(titles_of(model).values()), *([cell_of(entry, name) for name in columns] for entry in entries)]


def cell_of(entry, name):
    value = getattr(entry, name)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if value is None:
        return ""
    return in_figures(value) if isinstance(entry._meta.get_field(name), ScoreValueField) else str(value)


def value_of(cell, field, *, parents, has_decimal_commas):
    """The value of a cell; text as it is. `parents` is {name: entry}. Raises ValidationError with a message."""
    if field.is_relation:
        return _parent(cell, field, parents)
    if isinstance(field, models.BooleanField):
        return _yes_or_no(cell)
    if isinstance(field, ScoreValueField):
        return _score(cell, has_decimal_commas)
    if isinstance(field, models.IntegerField):
        return _order(cell)
    return cell


def _parent(cell, field, parents):
    if cell and cell not in parents:
        raise ValidationError(PARENT_UNKNOWN[field.model].format(cell))
    return parents[cell] if cell else None


def _yes_or_no(cell):
    try:
        return MEANINGS[cell.lower()]
    except KeyError as error:
        raise ValidationError(f"Write yes or no, not “{cell}”.") from error


def _score(cell, has_decimal_commas):
    try:
        return read_score(cell.replace(",", ".") if has_decimal_commas else cell) if cell else None
    except ValidationError as error:
        raise ValidationError(
            f"“{cell}” is not a number with at most four digits before the decimal point and two after it."
        ) from error


def _order(cell):
    if not cell:
        return 0
    order = whole_number(cell)
    if order is None or order > LARGEST_SMALL:
        raise ValidationError(f"“{cell}” is not a whole number from 0 to {LARGEST_SMALL:,}.")
    return order
