"""How every write is made: one transaction, the row locked, the version compared, the audit entry last.

Rows are locked in one order, so that no two writes wait for each other: clinician, patient, visit, session, the rows of
a session, follow-up.
"""

import hashlib
import json
from contextlib import contextmanager

from django.core.exceptions import ObjectDoesNotExist
from django.db import IntegrityError, transaction
from django.utils import timezone
from simple_history.utils import bulk_create_with_history

from clinic.records import audit_log
from clinic.records.exceptions import Conflict, Refused, SentBefore
from clinic.records.models import Submission


@contextmanager
def _one_transaction():
    with audit_log.held_back() as entries, transaction.atomic():
        yield
        entries.write()


def action(write):
    """Make `write` one transaction; what it recorded for the audit is its last statement.

    Audit entries wait for the end of the outermost action, so that the lock of the audit trail is never taken
    before the lock of a record.
    """
    return _one_transaction()(write)


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
    audit_log.record("changed", locked, by=by, patients=[locked.patient.pk])
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
    audit_log.record("entered in error", locked, by=by, patients=[locked.patient.pk])
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
        raise Refused(
            locked.return_obstacle() or ("Another record already exists. Mark that one as entered in error first.")
        ) from error
    audit_log.record("undid entered in error", locked, by=by, patients=[locked.patient.pk])
    return locked


@action
def submit_once(*, key, by, route, body, create, **values):
    """Call `create(by=by, **values)`, or return the record that it created when this key was first sent.

    `key` is a UUID generated by the form, `body` what was sent with it. Refused where the same key comes with another
    body.
    """
    body_hash = hashlib.sha256(json.dumps(body, sort_keys=True, default=str).encode()).hexdigest()
    try:
        with transaction.atomic():
            submission = Submission.objects.create(key=key, person=by, route=route, body_hash=body_hash)
    except IntegrityError:
        return _made_before(key=key, by=by, route=route, body_hash=body_hash)
    made = create(by=by, **values)
    submission.keep(made)
    return made


def _made_before(*, key, by, route, body_hash):
    first = Submission.objects.get(key=key, person=by)
    if (first.route, first.body_hash) != (route, body_hash):
        raise SentBefore("This form was already sent with different content. Open a new form and type it there.")
    try:
        return first.made()
    except ObjectDoesNotExist as error:
        raise Refused("The record that this form created was removed. Open a new form to create it again.") from error
