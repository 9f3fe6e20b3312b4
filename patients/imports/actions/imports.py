"""What a user does with an import. The steps in between are in patients.imports.import_steps."""

import datetime as dt

from django.utils import timezone

from clinic.records import audit_log
from clinic.records.actions import action, require_version, store
from clinic.records.exceptions import Conflict, Refused
from clinic.records.text import printable
from patients.imports.columns import columns_of, matched_columns, remember_match
from patients.imports.files.formats import table_of
from patients.imports.files.packed_rows import packed, unpacked
from patients.imports.kinds.row_kind import kind_named
from patients.imports.models.import_batch import ImportBatch, ImportFile, ImportState
from patients.imports.models.import_row import ImportRow, RowOutcome
from patients.imports.storing import undo_obstacle

FILE_KEPT = dt.timedelta(days=30)
NEW, SKIP, SAME = "new", "skip", "same"


@action
def upload_file(*, kind, source, name, content, by):
    """Read the whole file once: a file without a table is rejected here. Nothing is imported yet."""
    try:
        table = table_of(content)
        text = packed(table.rows)
    except Refused as refused:
        raise Refused(refused.message, field="file") from refused
    columns, rows = columns_of(kind_named(kind), table.columns, unpacked(text))
    if not rows:
        raise Refused("This file has no rows below its first row.", field="file")
    batch = ImportBatch(
        kind=kind, source=source, file_name=printable(name)[-100:], file_description=table.description[:300],
        columns=columns, unread=table.unread, rows_in_file=rows, uploaded_by=by, uploaded_at=timezone.now(),
    )  # fmt: skip
    store(batch, by=by)
    ImportFile.objects.create(batch=batch, text=text)
    audit_log.record("uploaded import", batch, by=by)
    return batch


@action
def match_columns(*, batch, fields, date_order, by, version):
    """`fields` are the matched fields in the order of the columns. Checking begins anew."""
    batch = _locked(batch, (ImportState.MATCHING, ImportState.CHECKED), version)
    batch.columns = matched_columns(kind_named(batch.kind), batch.columns, fields, date_order)
    batch.date_order, batch.state, batch.rows_done = date_order, ImportState.CHECKING, 0
    batch.rows.all().delete()
    remember_match(batch)
    store(batch, by=by)
    audit_log.record("matched import", batch, by=by)
    return batch


@action
def decide_row(*, batch, row, decision, by, version):
    """`decision` is *new*, *skip*, *patient 12* or *row 12*. It can be changed until the import is confirmed."""
    batch = _locked(batch, (ImportState.CHECKED,), version)
    row = batch.rows.select_for_update().get(pk=row.pk)
    if not row.alike:
        raise Refused("There is nothing to decide about this row.")
    _decide(row, decision)
    row.save()
    audit_log.record("decided import rows", batch, by=by, patients=[row.patient] if row.patient else ())
    return row


@action
def decide_all(*, batch, decision, by, version):
    """The rows that are not decided yet. *Same* means the first of the similar ones."""
    batch = _locked(batch, (ImportState.CHECKED,), version)
    rows = list(batch.rows.undecided().select_for_update())
    for row in rows:
        ((what, number),) = row.alike[0].items()
        _decide(row, f"{what} {number}" if decision == SAME else decision)
    ImportRow.objects.bulk_update(rows, ["outcome", "message", "record", "patient", "same_as_row"], batch_size=500)
    patients = sorted({row.patient for row in rows if row.patient})
    audit_log.record("decided import rows", batch, by=by, patients=patients)
    return len(rows)


def _decide(row, decision):
    row.record = row.patient = row.same_as_row = None
    row.message = ""
    if decision == NEW:
        row.outcome, row.message = RowOutcome.CREATE, "A new patient, as decided."
        return
    if decision == SKIP:
        row.skip("Skipped, as decided.")
        return
    what, _, number = decision.partition(" ")
    if {what: int(number) if number.isdecimal() else None} not in row.alike:
        raise Conflict("This row is no longer similar to that record. Read the list again.")
    row.outcome = RowOutcome.UPDATE
    if what == "row":
        row.same_as_row, row.message = int(number), f"The same person as row {number}, as decided."
    else:
        row.record = row.patient = int(number)
        row.message = "The same person, as decided: only what is empty there is filled."


@action
def confirm_import(*, batch, by, version):
    """From now on, steps store the rows. Repeating it succeeds."""
    batch = ImportBatch.objects.locked(batch.pk)
    if batch.confirmed_by_id == by.pk and batch.state in (ImportState.STORING, ImportState.STORED):
        return batch
    batch = _locked(batch, (ImportState.CHECKED,), version)
    if undecided := batch.rows.undecided().count():
        raise Refused(f"Decide about the similar patients first. Rows left: {undecided}.")
    batch.state, batch.confirmed_by, batch.confirmed_at = ImportState.STORING, by, timezone.now()
    batch.rows_done = 0
    store(batch, by=by)
    audit_log.record("confirmed import", batch, by=by)
    return batch


@action
def undo_import(*, batch, by, version):
    """From now on, steps remove what the import created and change back what it changed. Repeating it succeeds.

    Raises Refused if a user has changed one of its records, or added to one.
    """
    batch = ImportBatch.objects.locked(batch.pk)
    if batch.undone_by_id == by.pk and batch.state in (ImportState.UNDOING, ImportState.UNDONE):
        return batch
    batch = _locked(batch, (ImportState.STORED,), version)
    if not batch.has_file:
        raise Refused("The file of this import is deleted, and with it what undoing needs.")
    if obstacle := undo_obstacle(batch):
        raise Refused(f"This import cannot be undone. {obstacle}")
    batch.state, batch.undone_by, batch.undone_at = ImportState.UNDOING, by, timezone.now()
    batch.rows_done = 0
    store(batch, by=by)
    audit_log.record("began to undo import", batch, by=by)
    return batch


@action
def discard_import(*, batch, by, version):
    """Delete the file of an import that was not confirmed. Repeating it succeeds."""
    batch = ImportBatch.objects.locked(batch.pk)
    if batch.state == ImportState.DISCARDED:
        return batch
    batch = _locked(batch, ImportState.unconfirmed(), version)
    batch.state = ImportState.DISCARDED
    _delete_file(batch)
    audit_log.record("discarded import", batch, by=by)
    return batch


@action
def delete_old_file(batch):
    """The file, its rows and its samples, a month after the upload. An unconfirmed import is discarded."""
    batch = ImportBatch.objects.locked(batch.pk)
    if batch.is_unconfirmed:
        batch.state = ImportState.DISCARDED
    elif batch.is_running:
        return
    _delete_file(batch)
    audit_log.record("deleted import file", batch, by=None)


def batches_with_old_files():
    return ImportBatch.objects.filter(file__isnull=False, uploaded_at__lt=timezone.now() - FILE_KEPT).order_by("pk")


def _delete_file(batch):
    batch.totals = batch.totals or batch.counts()
    batch.rows.all().delete()
    ImportFile.objects.filter(batch=batch).delete()
    for column in batch.columns:
        column["samples"] = []
    batch.save()


def _locked(batch, states, version=None):
    batch = ImportBatch.objects.locked(batch.pk)
    if version is not None:
        require_version(batch, version, "This import has changed. Read it again.")
    if batch.state not in states:
        raise Refused(f"This import is {batch.get_state_display().lower()}. Open its page again.")
    return batch
