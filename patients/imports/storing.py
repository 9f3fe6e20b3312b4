"""Storing the checked rows of an import, and removing them again."""

from django.db.models import F, OuterRef, Subquery

from clinic.records.exceptions import Refused
from patients.imports.kinds.row_kind import digest, kind_named
from patients.imports.models.import_row import ImportRow, RowOutcome
from patients.imports.models.imported_record import ImportedRecord

STORED_FIELDS = (
    "outcome", "message", "record", "patient", "is_new", "is_done", "stored_version", "before", "seen_version",
)  # fmt: skip
# What belongs to a patient without a user's doing.
OF_THE_RECORD = {"patients.patientkey", "patients.patientidentifier", "patients.possibleduplicate"}
MOST_NAMED = 10
MOST_LOOKED_AT = MOST_NAMED + 1


def store_rows(batch, rows, *, by):
    """Part of a step. Rows that cannot be stored are skipped, each with its reason."""
    kind = kind_named(batch.kind)
    new = [row for row in rows if row.outcome == RowOutcome.CREATE]
    kind.create(new, batch=batch, by=by)
    for row in new:
        row.is_new = row.outcome == RowOutcome.CREATE
    created = {row.number: row.record for row in new if row.is_new}
    for row in rows:
        if row.outcome == RowOutcome.UPDATE:
            if row.same_as_row:
                row.record = created.get(row.same_as_row) or _record_of_row(batch, row.same_as_row)
            _change(kind, row, batch, by)
            _note_version(batch, rows, row.record, row.stored_version)
    _remember(batch, [row for row in rows if row.outcome in (RowOutcome.CREATE, RowOutcome.UPDATE)])
    for row in rows:
        row.is_done = row.outcome != RowOutcome.SKIP
    save_rows(rows)


def _change(kind, row, batch, by):
    record = kind.model.objects.filter(pk=row.record).first()
    record = getattr(record, "leading", record)
    if record is None:
        row.skip("The row of the same person was not imported.")
        return
    wanted = row.before.get("changes")
    changes = kind.fill(record, row, batch) if wanted is None else {name: row.values[name] for name in wanted}
    row.before["values"] = kind.before(record, changes)
    row.record, row.patient = record.pk, getattr(record, "patient_id", record.pk)
    with row.skipped_if_rejected():
        changed = kind.change(record, changes, version=row.seen_version or record.version, by=by)
        row.stored_version = changed.version


def _note_version(batch, rows, record, version):
    """Two rows can be one record: its version after the import is that after the last of them."""
    for row in rows:
        if row.record == record and row.outcome != RowOutcome.SKIP and version:
            row.stored_version = version
    if version:
        batch.rows.stored().filter(record=record).update(stored_version=version)


def _record_of_row(batch, number):
    return batch.rows.filter(number=number, is_done=True).values_list("record", flat=True).first()


def _remember(batch, rows):
    """Which record each row is, and what it sent. `before` has the former state of that."""
    links = ImportedRecord.objects.filter(kind=batch.kind, source=batch.source)
    known = {link.source_id: link for link in links.filter(source_id__in=[row.source_id for row in rows])}
    new, changed = [], []
    for row in rows:
        sent = {name: digest(value) for name, value in row.values.items()}
        link = known.get(row.source_id)
        if link is None:
            new.append(
                ImportedRecord(
                    kind=batch.kind, source=batch.source, source_id=row.source_id, record=row.record, sent=sent,
                    batch=batch,
                )
            )  # fmt: skip
        else:
            row.before["sent"] = link.sent
            link.sent = {**link.sent, **sent}
            changed.append(link)
    ImportedRecord.objects.bulk_create(new)
    ImportedRecord.objects.bulk_update(changed, ["sent"])


def save_rows(rows):
    """An upsert: bulk_update() takes twenty times as long."""
    ImportRow.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["pk"], update_fields=STORED_FIELDS, batch_size=500
    )


def undo_obstacle(batch, rows=None):
    """Why an import cannot be undone, as a message; None if it can."""
    kind = kind_named(batch.kind)
    stored = batch.rows.stored() if rows is None else batch.rows.filter(pk__in=[row.pk for row in rows])
    touched = changed_since(kind, stored) + added_to(kind, stored.filter(is_new=True))
    if not touched:
        return None
    numbers = sorted(set(touched))
    named = ", ".join(map(str, numbers[:MOST_NAMED])) + (" and others" if len(numbers) > MOST_NAMED else "")
    return f"Users have changed records of this import, or added to them. Rows: {named}."


def changed_since(kind, rows):
    version = kind.model.objects.filter(pk=OuterRef("record")).values("version")[:1]
    changed = rows.annotate(version_now=Subquery(version)).exclude(version_now=F("stored_version"))
    return list(changed.values_list("number", flat=True)[:MOST_LOOKED_AT])


def added_to(kind, rows):
    """The numbers of rows to whose new record something refers."""
    found = []
    for field in _references_to(kind.model):
        referred = field.model._base_manager.filter(**{f"{field.name}__in": rows.values("record")})
        touched = rows.filter(record__in=referred.values(field.attname))
        found += touched.values_list("number", flat=True)[:MOST_LOOKED_AT]
    return found


def _references_to(model):
    """The foreign keys of other records, without their history."""
    for relation in model._meta.get_fields(include_hidden=True):
        if not relation.auto_created or relation.concrete or relation.many_to_many:
            continue
        other = relation.related_model
        if other._meta.label_lower not in OF_THE_RECORD and not hasattr(other, "instance_type"):
            yield relation.field


def undo_rows(batch, rows, *, by):
    """Part of a step. Raises Refused if a user has changed or added to one of them meanwhile."""
    kind = kind_named(batch.kind)
    if obstacle := undo_obstacle(batch, rows):
        raise Refused(obstacle)
    links = ImportedRecord.objects.filter(kind=batch.kind, source=batch.source)
    ids = {row.source_id: row for row in rows}
    for link in links.filter(source_id__in=ids):
        if "sent" in ids[link.source_id].before:
            link.sent = ids[link.source_id].before["sent"]
            link.save()
        else:
            link.delete()
    for row in rows:
        if row.is_changed and row.before.get("values"):
            record = kind.model.objects.get(pk=row.record)
            changed = kind.change_back(record, row.before["values"], version=record.version, by=by)
            batch.rows.stored().filter(record=row.record).update(stored_version=changed.version)
    kind.remove([row.record for row in rows if row.is_new])
    for row in rows:
        row.is_done = False
    save_rows(rows)
