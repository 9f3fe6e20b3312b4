"""Importing a file of catalogue entries: all of it or nothing."""

from django.db import IntegrityError, transaction
from simple_history.utils import bulk_create_with_history, bulk_update_with_history

from clinic.records import audit_log
from clinic.records.actions import action
from clinic.records.exceptions import Conflict
from planning.catalogue.import_plan import ImportPlan

CHANGED = "The catalogue was changed after you opened this preview. Check the changes again before you save them."
REASON = "Import"
BATCH = 500


@action
def import_entries(*, model, file, by, digest):
    """Store what the preview with this digest showed. Repeating it succeeds.

    Raises Conflict if the file now changes something else, or if a row is rejected. A few statements store any number
    of rows, so that other users do not wait.
    """
    plan = ImportPlan(model, file, locked=True)
    if plan.errors or (plan.rows and plan.digest != digest):
        raise Conflict(CHANGED)
    try:
        with transaction.atomic():
            _store(plan, model, by)
    except IntegrityError as error:
        raise Conflict(CHANGED) from error
    for row in plan.rows:
        audit_log.record("imported", row.entry, by=by)
    return plan


def _store(plan, model, by):
    new = [row.entry for row in plan.new]
    for entries in ([one for one in new if not _has_parent(one)], [one for one in new if _has_parent(one)]):
        if entries:
            bulk_create_with_history(entries, model, default_user=by, default_change_reason=REASON, batch_size=BATCH)
    changed = [row.entry for row in plan.changed]
    for entry in changed:
        entry.version += 1
        if model.PARENT:
            setattr(entry, model.PARENT, getattr(entry, model.PARENT))  # takes the id of a parent that is new
    # An upsert: bulk_update() takes twenty times as long.
    model.objects.bulk_create(
        changed, update_conflicts=True, unique_fields=["pk"], update_fields=[*plan.file.columns, "version"],
        batch_size=BATCH,
    )  # fmt: skip
    bulk_update_with_history(changed, model, fields=[], default_user=by, default_change_reason=REASON, batch_size=BATCH)
    model.refresh_keys([*new, *changed])


def _has_parent(entry):
    return bool(entry.PARENT and getattr(entry, entry.PARENT))
