"""Files to import, and imports run to their end without the pages."""

import csv
import io

from clinic.web.downloads import as_xlsx
from patients.imports.actions import imports as actions
from patients.imports.import_steps import run_to_the_end
from patients.models import ImportRow

HEAD = ("Id", "Family name", "Given name", "Birth date", "Sex", "Phone")
ANNA = ("a1", "Abel", "Anna", "1961-02-03", "F", "0555 010 1001")
BERT = ("b2", "Baker", "Bert", "1972-11-30", "m", "")


def as_csv(*rows, head=HEAD, delimiter=",", encoding="utf-8"):
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows([head, *rows])
    return text.getvalue().encode(encoding)


def as_workbook(*rows, head=HEAD):
    return as_xlsx([head, *rows])


def upload(content, *, by, kind="patients", source="Old records", name="patients.csv"):
    return actions.upload_file(kind=kind, source=source, name=name, content=content, by=by)


def match(batch, *, by, date_order="", **fields):
    """As proposed, but for `fields`: {name of a column: name of a field}."""
    names = [fields.get(column["name"], column["field"]) for column in batch.columns]
    batch = actions.match_columns(batch=batch, fields=names, date_order=date_order, by=by, version=batch.version)
    return run_to_the_end(batch)


def checked(content, *, by, date_order="", fields=None, **how):
    return match(upload(content, by=by, **how), by=by, date_order=date_order, **(fields or {}))


def confirm(batch, *, by):
    return run_to_the_end(actions.confirm_import(batch=batch, by=by, version=batch.version))


def imported(content, *, by, **how):
    return confirm(checked(content, by=by, **how), by=by)


def undo(batch, *, by):
    return run_to_the_end(actions.undo_import(batch=batch, by=by, version=batch.version))


def outcomes(batch):
    """{number of a row: (outcome, message)}."""
    rows = ImportRow.objects.filter(batch=batch).in_order()
    return {row.number: (row.outcome, row.message) for row in rows}


def counts(batch):
    return {outcome: number for outcome, number in batch.counts().items() if number}
