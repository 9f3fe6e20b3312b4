"""A user's own muscle sets: create, change and remove."""

from django.db import IntegrityError, transaction

from clinic.records import audit_log
from clinic.records.actions import action, is_repeat, require_version, store
from clinic.records.exceptions import Refused
from planning.catalogue.models.muscle_set import MuscleSet, MuscleSetEntry


def own_set(muscle_set, by):
    locked = MuscleSet.objects.locked(muscle_set.pk)
    if locked.owner_id != by.pk:
        raise Refused("This set belongs to another user.")
    return locked


def _named(muscle_set, *, by):
    taken = Refused(f"You already have a set called {muscle_set.name}. Choose another name.", field="name")
    others = MuscleSet.objects.filter(owner=by).exclude(pk=muscle_set.pk).values_list("name", flat=True)
    # SQLite compares letters outside ASCII by case.
    if muscle_set.name.casefold() in {name.casefold() for name in others}:
        raise taken
    try:
        with transaction.atomic():
            return store(muscle_set, by=by)
    except IntegrityError as error:
        raise taken from error


@action
def make_set(*, name, by, session=None):
    """Create a set: empty, or with the muscles and sides of the session."""
    made = _named(MuscleSet(owner=by, name=name), by=by)
    if session is not None:
        for row in session.injections.active().in_order():
            MuscleSetEntry.objects.get_or_create(muscle_set=made, muscle_id=row.muscle_id, side=row.side)
    audit_log.record("created", made, by=by)
    return made


@action
def rename_set(*, muscle_set, name, by, version):
    """Repeating it succeeds."""
    muscle_set = own_set(muscle_set, by)
    if is_repeat(muscle_set, {"name": name}, version=version):
        return muscle_set
    muscle_set.name = name
    _named(muscle_set, by=by)
    audit_log.record("renamed", muscle_set, by=by)
    return muscle_set


@action
def remove_set(*, muscle_set, by, version):
    """Delete the set, which is not a clinical record. Sessions to which it was added do not change."""
    muscle_set = own_set(muscle_set, by)
    require_version(muscle_set, version)
    audit_log.record("removed", muscle_set, by=by)
    MuscleSet.objects.get(pk=muscle_set.pk).delete()
    return muscle_set


@action
def add_to_set(*, muscle_set, muscle, sides, by):
    """Muscles and sides that are already in the set do not change."""
    muscle_set, is_changed = own_set(muscle_set, by), False
    if muscle.is_retired:
        raise Refused("This muscle is retired.", field="typed")
    for side in sides:
        if side not in muscle.allowed_sides():
            raise Refused(f"{muscle} has no {side} side.", field="typed")
        _, is_new = MuscleSetEntry.objects.get_or_create(muscle_set=muscle_set, muscle=muscle, side=side)
        is_changed |= is_new
    if not is_changed:
        return muscle_set
    store(muscle_set, by=by)
    audit_log.record("changed", muscle_set, by=by)
    return muscle_set


@action
def take_from_set(*, muscle_set, entry, by, version):
    """Succeeds if the entry was already removed."""
    muscle_set = own_set(muscle_set, by)
    entries = muscle_set.entries.filter(pk=entry)
    if not entries.exists():
        return muscle_set
    require_version(muscle_set, version)
    entries.delete()
    store(muscle_set, by=by)
    audit_log.record("changed", muscle_set, by=by)
    return muscle_set
