"""How every write is made: one transaction, the row locked, the version compared, the audit entry last."""

import hashlib
import json
from functools import wraps

from django.core.exceptions import ObjectDoesNotExist
from django.db import IntegrityError, transaction
from django.utils import timezone
from simple_history.utils import bulk_create_with_history

from clinic import audit
from clinic.exceptions import Conflict, Refused, SentBefore
from clinic.models import Submission


def action(write):
    """Make `write` one transaction; what it recorded for the audit is its last statement.

    Audit entries wait for the end of the outermost action, so that the lock of the audit trail is never taken
    before the lock of a record.
    """

    @wraps(write)
    def written(**kwargs):
        with audit.held_back() as entries, transaction.atomic():
            made = write(**kwargs)
            entries.write()
        return made

    return written


def store(instance, *, by):
    """Check and save, and tell the history who did it. The database checks what a row refers to."""
    _check(instance)
    instance._history_user = by
    instance.save()
    return instance


def _check(instance):
    relations = {field.name for field in instance._meta.fields if field.is_relation}
    instance.full_clean(exclude=relations, validate_unique=False, validate_constraints=False)


def store_new(instances, *, by):
    """As store(), of many of one kind that were not there before: in two statements, however many they are."""
    if not instances:
        return
    for instance in instances:
        _check(instance)
    bulk_create_with_history(instances, type(instances[0]), default_user=by)


def assign(instance, values):
    """Set each value; whether any of them differs from what was there."""
    changed = False
    for name, value in values.items():
        if getattr(instance, name) != value:
            setattr(instance, name, value)
            changed = True
    return changed


def require_version(record, version):
    """Conflict where the locked record is no longer at the version that was read."""
    if record.version != version:
        raise Conflict(current=record)


def is_stored(record, values):
    return all(getattr(record, name) == value for name, value in values.items())


def is_repeat(record, values, *, version):
    """Whether the locked record has these values already: the change was sent twice, which is a success.

    Where it has not, Conflict if it is no longer at the version that was read.
    """
    if is_stored(record, values):
        return True
    require_version(record, version)
    return False


@action
def change(*, record, by, version, check=None, **details):
    """Change a Correctable; Refused where it is marked as entered in error. A repeat of what is stored is a success.

    `check` is asked of the changed record before it is stored, and refuses what cannot be.
    """
    locked = type(record).objects.locked(record.pk)
    if obstacle := locked.change_obstacle():
        raise Refused(obstacle)
    if is_repeat(locked, details, version=version):
        return locked
    assign(locked, details)
    if check is not None:
        check(locked)
    store(locked, by=by)
    audit.record("changed", locked, by=by, patients=[locked.patient.pk])
    return locked


@action
def mark_entered_in_error(*, record, reason, by, version):
    """It stays, to be seen as entered in error, and counts nowhere. A repeat is a success."""
    locked = type(record).objects.locked(record.pk)
    if is_repeat(locked, {"error_reason": reason}, version=version):
        return locked
    if obstacle := locked.change_obstacle():
        raise Refused(obstacle)
    locked.error_reason, locked.error_at, locked.error_by = reason, timezone.now(), by
    store(locked, by=by)
    audit.record("entered in error", locked, by=by, patients=[locked.patient.pk])
    return locked


@action
def undo_entered_in_error(*, record, by, version):
    """It counts again as it did before. A repeat is a success."""
    locked = type(record).objects.locked(record.pk)
    if is_repeat(locked, {"error_reason": ""}, version=version):
        return locked
    if obstacle := locked.return_obstacle():
        raise Refused(obstacle)
    locked.error_reason, locked.error_at, locked.error_by = "", None, None
    try:
        with transaction.atomic():
            store(locked, by=by)
    except IntegrityError as error:
        raise Refused(locked.return_obstacle() or "Another one stands by now.") from error
    audit.record("undid entered in error", locked, by=by, patients=[locked.patient.pk])
    return locked


@action
def submit_once(*, key, by, route, body, create):
    """What `create()` made when this key was first sent; made now if it never was.

    `key` is a UUID drawn by the form, `body` what was sent with it. The same key with another body is refused.
    """
    body_hash = hashlib.sha256(json.dumps(body, sort_keys=True, default=str).encode()).hexdigest()
    try:
        with transaction.atomic():
            submission = Submission.objects.create(key=key, person=by, route=route, body_hash=body_hash)
    except IntegrityError:
        return _made_before(key=key, by=by, route=route, body_hash=body_hash)
    made = create()
    submission.keep(made)
    return made


def _made_before(*, key, by, route, body_hash):
    first = Submission.objects.get(key=key, person=by)
    if (first.route, first.body_hash) != (route, body_hash):
        raise SentBefore("This form was already sent, with other content. Open a fresh one and type it there.")
    try:
        return first.made()
    except ObjectDoesNotExist as error:
        raise Refused("What this form made was removed in the meantime. Open a fresh one to make it again.") from error
