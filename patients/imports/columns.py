"""The columns of a file: what is in them, and to which fields they are matched."""

from clinic.records.exceptions import Refused
from clinic.records.text import printable
from patients.imports.dates_in_files import has_an_order
from patients.imports.dose_like import names_a_dose
from patients.imports.models.imported_record import ColumnMatch

SAMPLES, LONGEST_SAMPLE = 3, 60


def columns_of(kind, names, rows):
    """Name, fill, samples and proposed field of each column, and the number of rows. Reads all of them."""
    found = [{"name": name, "filled": 0, "samples": [], "field": "", "ordered": False} for name in names]
    count = 0
    for row in rows:
        count += 1
        for column, cell in zip(found, row.cells, strict=False):
            if cell:
                _count(column, cell)
    remembered = dict(ColumnMatch.objects.filter(kind=kind.name, heading__in=names).values_list("heading", "field"))
    for column in found:
        column["excluded"] = names_a_dose(column["name"])
        column["field"] = _proposed(kind, column, remembered, [each["field"] for each in found])
    return found, count


def _count(column, cell):
    column["filled"] += 1
    if len(column["samples"]) < SAMPLES and (sample := printable(cell)[:LONGEST_SAMPLE]) not in column["samples"]:
        column["samples"].append(sample)
    column["ordered"] = column["ordered"] or (len(cell) < 30 and has_an_order(cell))


def _proposed(kind, column, remembered, taken):
    """As for the last file, or by the name of the column; a field takes one column, unless it takes several."""
    if column["excluded"]:
        return ""
    if (name := remembered.get(column["name"])) is not None:
        field = kind.field(name)
    else:
        field = next((field for field in kind.fields if field.is_named(column["name"])), None)
    if field is None or (field.name in taken and not field.takes_several):
        return ""
    return field.name


def matched_columns(kind, columns, names, date_order):
    """The columns with these fields. Raises Refused if a field is missing, or has two columns."""
    columns = [{**column, "field": name} for column, name in zip(columns, names, strict=True)]
    chosen = [name for name in names if name]
    for field in kind.fields:
        if chosen.count(field.name) > 1 and not field.takes_several:
            raise Refused(f"{field.label} is matched to several columns. Choose one.")
        if field.is_required and field.name not in chosen:
            raise Refused(f"Match a column to {field.label}.")
    if problem := kind.match_obstacle(chosen):
        raise Refused(problem)
    if any(column["excluded"] and column["field"] for column in columns):
        raise Refused("A column that looks like doses is matched. Collum does not import doses.")
    dates = {field.name for field in kind.fields if field.is_date}
    if not date_order and any(column["ordered"] and column["field"] in dates for column in columns):
        raise Refused("Choose the order of day and month for this file.", field="date_order")
    return columns


def remember_match(batch):
    for column in batch.columns:
        if not column["excluded"]:
            ColumnMatch.objects.update_or_create(
                kind=batch.kind, heading=column["name"], defaults={"field": column["field"]}
            )
