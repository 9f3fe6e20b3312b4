"""Adding, changing, retiring and restoring a catalogue entry."""

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from clinic.records import audit_log
from clinic.records.actions import action, assign, is_repeat, require_version, store
from clinic.records.exceptions import Refused
from planning.catalogue.models.entry import renaming_obstacles


@action
def add_entry(*, entry, by):
    """Store a new muscle, product or instrument. Raises ValidationError by field if it is not valid."""
    _require_related(entry)
    entry.full_clean()
    _keep(entry, by=by)
    audit_log.record("added", entry, by=by)
    return entry


@action
def change_entry(*, entry, by, version, meaning="", reason="", **details):
    """Raises Conflict if it is no longer at `version`; repeating it succeeds.

    `meaning` and `reason` are required if records use the entry and its name changes.
    """
    locked = type(entry).objects.locked(entry.pk)
    known_as, details = locked.known_as(), _as_stored(locked, details)
    if is_repeat(locked, details, version=version):
        return locked
    assign(locked, details)
    _require_related(locked)
    locked.full_clean()
    if obstacles := renaming_obstacles(locked, meaning=meaning, reason=reason):
        raise ValidationError(obstacles)
    if locked.known_as() != known_as:
        locked._change_reason = reason
    _keep(locked, by=by)
    audit_log.record("changed", locked, by=by)
    return locked


def _as_stored(entry, details):
    """The values as saving would normalise them, so that a repeat is recognised.

    Invalid values stay for validation to report.
    """
    if unknown := details.keys() - set(entry.details()):
        raise TypeError(f"This is no detail of a {entry._meta.verbose_name}: {', '.join(sorted(unknown))}")
    return {name: _in_python(entry._meta.get_field(name), value) for name, value in details.items()}


def _in_python(field, value):
    try:
        return value if field.is_relation else field.to_python(value)
    except ValidationError:
        return value


def _require_related(entry):
    """Lock the entry that this one is a part of, so that it is not deleted before this one is stored.

    Raises ValidationError if it was deleted. The database checks a foreign key at the end of a transaction only, when
    it is too late for a message.
    """
    for field in entry._meta.concrete_fields:
        pk = getattr(entry, field.attname) if field.is_relation else None
        if pk is not None and not field.related_model.objects.select_for_update().filter(pk=pk).first():
            raise ValidationError({field.name: "This entry was deleted. Choose another."})


def _keep(entry, *, by):
    """Store a validated entry. If a concurrent save has taken its name, the validation error is raised."""
    try:
        with transaction.atomic():
            store(entry, by=by)
    except IntegrityError as error:
        entry.full_clean()
        raise Refused("Another user changed the catalogue at the same time. Save again.") from error


@action
def retire(*, entry, by, version):
    """The entry is no longer offered; records and open sessions still use it. Repeating it succeeds."""
    entry = type(entry).objects.locked(entry.pk)
    if entry.is_retired:
        return entry
    require_version(entry, version)
    entry.retire()
    store(entry, by=by)
    audit_log.record("retired", entry, by=by)
    return entry


@action
def restore(*, entry, by, version):
    """The entry is offered again.

    Raises Refused if another entry has its place on the neck map. Repeating it succeeds.
    """
    entry = type(entry).objects.locked(entry.pk)
    if not entry.is_retired:
        return entry
    require_version(entry, version)
    if obstacle := entry.return_obstacle():
        raise Refused(obstacle)
    entry.restore()
    try:
        with transaction.atomic():
            store(entry, by=by)
    except IntegrityError as error:
        raise Refused(f"Another entry has just taken the place of {entry}.") from error
    audit_log.record("restored", entry, by=by)
    return entry
