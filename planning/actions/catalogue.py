"""Retiring a catalogue entry, and bringing it back."""

from django.db import IntegrityError, transaction

from clinic import audit
from clinic.actions import action, store
from clinic.exceptions import Refused


@action
def retire(*, entry, by):
    """The entry is no longer offered; records and open sessions go on naming it."""
    entry = type(entry).objects.locked(entry.pk)
    if entry.is_retired:
        return entry
    entry.retire()
    store(entry, by=by)
    audit.record("retired", entry, by=by)
    return entry


@action
def bring_back(*, entry, by):
    """The entry is offered again; Refused where another has its place on the neck map."""
    entry = type(entry).objects.locked(entry.pk)
    if not entry.is_retired:
        return entry
    if obstacle := entry.return_obstacle():
        raise Refused(obstacle)
    entry.bring_back()
    try:
        with transaction.atomic():
            store(entry, by=by)
    except IntegrityError as error:
        raise Refused(f"Another entry has just taken the place of {entry}.") from error
    audit.record("brought back", entry, by=by)
    return entry
