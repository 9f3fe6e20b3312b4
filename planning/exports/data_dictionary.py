"""The data dictionary of an export: each table and column, as the models describe them."""

import inspect

from clinic.backup.column_kinds import kind_of
from planning.exports.exported_tables import COLUMNS_LEFT_OUT, TABLES_LEFT_OUT, exported_tables
from planning.sessions.doses import DoseField

FORMAT = "collum-export/1"
TYPES = {
    "dose": "text: a dose as a clinician typed it, byte for byte; empty if none was typed. Never a number",
    "text": "text",
    "integer": "a whole number; in CSV, its digits",
    "decimal": "text: a number with a point, such as the total of a score",
    "boolean": "true or false; in CSV, the same words",
    "date": "text: YYYY-MM-DD",
    "datetime": "text: date and time in UTC, YYYY-MM-DDThh:mm:ss+00:00, with or without fractions of a second",
    "time": "text: hh:mm:ss",
    "uuid": "text",
    "json": "text that is JSON",
}
COLUMNS_OF_THE_CSV = ["table", "column", "type", "null", "references", "longest", "choices", "label", "description"]
CSV_HARMLESS = (
    "In CSV, an apostrophe is added before text that a spreadsheet would execute (it begins with = + - @, a tab or a "
    "return), and before text that begins with apostrophes and one of these. NDJSON contains all text as stored."
)


def data_dictionary(tables=None):
    tables = exported_tables() if tables is None else tables
    return {
        "format": FORMAT,
        "types": TYPES,
        "null": "In NDJSON, null. In CSV, an empty cell, as for empty text.",
        "csv": CSV_HARMLESS,
        "tables": [_table(table) for table in tables],
        "tables_left_out": TABLES_LEFT_OUT,
        "columns_left_out": COLUMNS_LEFT_OUT,
    }


def _table(table):
    model = table.model
    return {
        "name": table.name,
        "label": str(model._meta.verbose_name),
        "description": _description(model),
        "ndjson": f"ndjson/{table.name}.ndjson",
        "csv": f"csv/{table.name}.csv",
        "key": model._meta.pk.column,
        "columns": [_column(field) for field in table.fields],
    }


def _description(model):
    """The first paragraph of the model's docstring. Django writes one for a model that has none."""
    text = inspect.getdoc(model) or ""
    return "" if text.startswith(f"{model.__name__}(") else " ".join(text.split("\n\n")[0].split())


def _column(field):
    kind = type_of(field)
    return {
        "name": field.column,
        "type": kind,
        "null": field.null,
        "references": _referenced(field),
        "longest": field.max_length if kind in ("text", "dose") else None,
        "choices": {str(value): str(label) for value, label in field.flatchoices} if field.choices else None,
        "label": str(field.verbose_name),
        "description": str(field.help_text),
    }


def _referenced(field):
    """Only if the database enforces it: a history also names rows that were deleted."""
    if not field.is_relation or not field.db_constraint:
        return None
    return f"{field.target_field.model._meta.db_table}.{field.target_field.column}"


def type_of(field):
    if isinstance(field, DoseField):
        return "dose"
    return kind_of(field).split()[0]  # without the places of a decimal


def as_rows(dictionary):
    """For the CSV: one line for each column."""
    yield COLUMNS_OF_THE_CSV
    for table in dictionary["tables"]:
        for column in table["columns"]:
            yield [table["name"], column["name"], *(_cell(column[name]) for name in COLUMNS_OF_THE_CSV[2:])]


def _cell(value):
    if isinstance(value, dict):
        return "; ".join(f"{name} = {label}" for name, label in value.items())
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
