"""The steps of an import. Each is a short transaction, and begins where the last one that was stored has ended.

A page runs one step after the other while it is open. `manage.py imports` runs those that are left.
"""

from clinic.records import audit_log
from clinic.records.actions import action
from clinic.records.exceptions import Refused
from patients.imports.checking import checked_rows
from patients.imports.models.import_batch import ImportBatch, ImportState
from patients.imports.models.import_row import ImportRow
from patients.imports.storing import store_rows, undo_rows

CHECKED_AT_ONCE = 2_500
STORED_AT_ONCE = 500


def run_step(batch):
    """One step of a running import; another process can run the same one, and one of them then does nothing."""
    step = {
        ImportState.CHECKING: _check,
        ImportState.STORING: _store,
        ImportState.UNDOING: _undo,
    }.get(batch.state)
    if step is not None:
        step(batch)
    batch.refresh_from_db()
    return batch


def run_to_the_end(batch):
    while batch.is_running:
        run_step(batch)
    return batch


def _check(batch):
    """The rows are checked before the transaction begins: no other user waits for that."""
    since = batch.rows_done
    rows = checked_rows(batch, since=since, count=CHECKED_AT_ONCE)
    _keep_checked(batch, rows, since)


@action
def _keep_checked(batch, rows, since):
    batch = ImportBatch.objects.locked(batch.pk)
    if (batch.state, batch.rows_done) != (ImportState.CHECKING, since):
        return
    ImportRow.objects.bulk_create(rows, batch_size=500)
    is_last = since + len(rows) >= batch.rows_in_file
    _go_on(batch, len(rows), is_last=is_last, then=ImportState.CHECKED)


@action
def _store(batch):
    batch = ImportBatch.objects.locked(batch.pk)
    if batch.state != ImportState.STORING:
        return
    rows = list(batch.rows.to_store()[:STORED_AT_ONCE])
    by = batch.confirmed_by
    store_rows(batch, rows, by=by)
    if patients := sorted({row.patient for row in rows if row.is_done}):
        audit_log.record("imported rows", batch, by=by, patients=patients)
    if is_last := not batch.rows.to_store().exists():
        batch.totals = batch.counts()
    _go_on(batch, len(rows), is_last=is_last, then=ImportState.STORED)


@action
def _undo(batch):
    """Raises no Refused: what users have changed meanwhile stays, and the import is shown as imported again."""
    batch = ImportBatch.objects.locked(batch.pk)
    if batch.state != ImportState.UNDOING:
        return
    rows = list(batch.rows.stored().order_by("-number")[:STORED_AT_ONCE])
    patients, by = sorted({row.patient for row in rows}), batch.undone_by
    try:
        undo_rows(batch, rows, by=by)
    except Refused:
        batch.state, batch.undone_by, batch.undone_at = ImportState.STORED, None, None
        batch.save()
        return
    if patients:
        audit_log.record("undid imported rows", batch, by=by, patients=patients)
    is_last = not batch.rows.stored().exists()
    _go_on(batch, len(rows), is_last=is_last, then=ImportState.UNDONE)


def _go_on(batch, count, *, is_last, then):
    """`rows_done` counts in each state from 0; a running state ends with its last step."""
    batch.rows_done += count
    if is_last:
        batch.state, batch.rows_done = then, 0
    batch.save()
