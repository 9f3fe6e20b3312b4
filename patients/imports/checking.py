"""What becomes of each row: created, changed, unchanged, skipped with a reason, or asked about. Nothing is stored."""

import itertools

from django.core.exceptions import ValidationError

from clinic.records.text import cleaned
from patients.imports.files.packed_rows import unpacked
from patients.imports.kinds.row_kind import SOURCE_ID, digest, kind_named
from patients.imports.models.import_row import ImportRow, RowOutcome
from patients.imports.models.imported_record import ImportedRecord

CHANGED_HERE = "Changed in Collum since the last import: {}. Change it by hand, or correct the file."
LONGEST_LABEL = 300


def checked_rows(batch, *, since, count):
    """The next rows of the file, unsaved."""
    kind = kind_named(batch.kind)
    columns = [column["name"] for column in batch.columns]
    rows = itertools.islice(unpacked(batch.file.text, since=since), count)
    read = [_read(batch, kind, columns, row) for row in rows]
    _skip_repeated(batch, read)
    good = [row for row in read if not row.outcome]
    _compare_with_records(batch, kind, good)
    kind.look_up([row for row in good if not row.outcome], batch)
    for row in good:
        row.outcome = row.outcome or RowOutcome.CREATE
    return read


def _read(batch, kind, columns, source):
    row = ImportRow(batch=batch, number=source.number)
    if source.problem:
        row.skip(source.problem)
        return row
    cells = _cells_of(batch, kind, dict(zip(columns, source.cells, strict=True)))
    try:
        row.values = kind.values_of(cells, batch.date_order)
        source_id = cleaned(cells.get(SOURCE_ID, "")) or kind.fallback_id(row.values)
        if len(source_id) > ImportRow._meta.get_field("source_id").max_length:
            raise ValidationError(f"ID: “{source_id[:40]}…” is too long.")
    except ValidationError as error:
        row.skip(" ".join(error.messages))
        return row
    row.source_id = source_id
    row.label = kind.label_of(row.values)[:LONGEST_LABEL]
    return row


def _cells_of(batch, kind, cells):
    """{field: text}, or for a field that repeats [(heading, text)]."""
    found = {}
    for name, headings in batch.matched().items():
        field, texts = kind.field(name), [cells[heading] for heading in headings]
        if field.repeats:
            found[name] = list(zip(headings, texts, strict=True))
        else:
            found[name] = field.joined_by.join(filter(None, texts))
    return found


def _skip_repeated(batch, rows):
    """An ID occurs once in a file; the first row with it counts."""
    ids = {row.source_id for row in rows if row.source_id}
    first = dict(batch.rows.filter(source_id__in=ids).order_by("-number").values_list("source_id", "number"))
    for row in rows:
        if row.outcome:
            continue
        if row.source_id in first:
            what = "content" if row.source_id.startswith("=") else "ID"
            row.skip(f"Row {first[row.source_id]} has the same {what}.")
        first.setdefault(row.source_id, row.number)


def _compare_with_records(batch, kind, rows):
    links = ImportedRecord.objects.filter(kind=batch.kind, source=batch.source)
    by_id = {link.source_id: link for link in links.filter(source_id__in={row.source_id for row in rows})}
    records = kind.model.objects.in_bulk({link.record for link in by_id.values()})
    for row in rows:
        if link := by_id.get(row.source_id):
            _compare(row, kind, link, records[link.record])


def _compare(row, kind, link, record):
    row.record = link.record
    row.patient = record.patient_id if kind.is_about_a_patient else record.pk
    row.seen_version = record.version
    changed = {name for name, value in row.values.items() if link.sent.get(name) != digest(value)}
    if not changed:
        row.outcome = RowOutcome.UNCHANGED
        return
    current = kind.current(record)
    known = {name for name in changed if name in current and name in link.sent}
    foreign = {name for name in known if digest(current[name]) not in (link.sent[name], digest(row.values[name]))}
    if foreign:
        labels = [kind.field(name).label for name in sorted(foreign) if kind.field(name)]
        row.skip(CHANGED_HERE.format(", ".join(labels) or "the record"))
        return
    if kind.change_obstacle:
        row.skip(kind.change_obstacle)
        return
    row.outcome = RowOutcome.UPDATE
    row.before = {"changes": sorted(changed)}
