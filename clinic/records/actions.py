"""Every write: one transaction, the row locked, the version compared, the audit entry last.

Rows are locked in one order to avoid deadlocks: clinician, patient, visit, session, the rows of a session,
follow-up, entry of the waiting list.
"""

import hashlib
import json
import re
from contextlib import contextmanager

from django.core.exceptions import ObjectDoesNotExist
from django.db import IntegrityError, transaction
from django.utils import timezone
from simple_history.utils import bulk_create_with_history

from clinic.records import audit_log
from clinic.records.exceptions import ANOTHER_USER, IN_ANOTHER_TAB, STALE, YOU, Conflict, Refused, SentBefore
from clinic.records.models import Submission


@contextmanager
def _one_transaction():
    with audit_log.held_back() as entries, transaction.atomic():
        yield
        entries.write()


def action(write):
    """Run `write` in one transaction and write its audit entries last.

    Audit entries wait for the end of the outermost action, so that the lock of the audit trail is never taken before
    the lock of a record.
    """
    return _one_transaction()(write)


def store(instance, *, by):
    """Validate and save, with the user for the history. Foreign keys are checked by the database."""
    _check(instance)
    instance._history_user = by
    instance.save()
    return instance


def _check(instance):
    relations = {field.name for field in instance._meta.fields if field.is_relation}
    instance.full_clean(exclude=relations, validate_unique=False, validate_constraints=False)


def store_new(instances, *, by):
    """As store(), for new records of one kind: two statements for any number of records."""
    if not instances:
        return
    for instance in instances:
        _check(instance)
    bulk_create_with_history(instances, type(instances[0]), default_user=by)


def assign(instance, values):
    """Set each value. Returns whether any value changed."""
    changed = False
    for name, value in values.items():
        if getattr(instance, name) != value:
            setattr(instance, name, value)
            changed = True
    return changed


def require_version(record, version, message=STALE):
    """Raises Conflict if the locked record is no longer at the version that was read."""
    if record.version != version:
        raise Conflict(name_who_changed(record, message=message), current=record)


def name_who_changed(*records, message=STALE):
    """The sentence about a conflict, which says so if this user changed the records in another tab."""
    if message.startswith(ANOTHER_USER) and all(map(audit_log.is_own_change, records)):
        what, end, more = re.match(r"([^.:]*)([.:])(.*)", message.removeprefix(ANOTHER_USER), re.DOTALL).groups()
        return f"{YOU}{what}{IN_ANOTHER_TAB}{end}{more}"
    return message


def is_stored(record, values):
    return all(getattr(record, name) == value for name, value in values.items())


def is_repeat(record, values, *, version):
    """Whether the locked record already has these values: the change was sent twice, which succeeds.

    Otherwise raises Conflict if the record is no longer at the version that was read.
    """
    if is_stored(record, values):
        return True
    require_version(record, version)
    return False


def require_possible(record):
    """Raises Refused for the first of the obstacles() of a Correctable."""
    for field, message in record.obstacles().items():
        raise Refused(message, field=field)


@action
def change(*, record, by, version, **details):
    """Change a Correctable. Raises Refused if it is marked as entered in error, or for its obstacles().

    Repeating it succeeds.
    """
    return change_locked(type(record).objects.locked(record.pk), by=by, version=version, **details)


def change_locked(locked, *, by, version, **details):
    """Part of an action that has locked the record, as change()."""
    if obstacle := locked.change_obstacle():
        raise Refused(obstacle)
    if is_repeat(locked, details, version=version):
        return locked
    assign(locked, details)
    require_possible(locked)
    store(locked, by=by)
    audit_log.record("changed", locked, by=by, patients=[locked.patient.pk])
    return locked


@action
def mark_entered_in_error(*, record, reason, by, version):
    """The record stays visible as entered in error and is not included in totals. Repeating it succeeds."""
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
    """The record is included in totals again. Repeating it succeeds."""
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

    `key` is a UUID generated by the form, `body` is what was sent with it. Raises Refused if the same key is sent
    with another body.
    """
    body_hash = hashlib.sha256(json.dumps(body, sort_keys=True, default=str).encode()).hexdigest()
    try:
        with transaction.atomic():
            submission = Submission.objects.create(key=key, person=by, route=route, body_hash=body_hash)
    except IntegrityError:
        return _created_before(key=key, by=by, route=route, body_hash=body_hash)
    record = create(by=by, **values)
    submission.store_result(record)
    return record


def _created_before(*, key, by, route, body_hash):
    first = Submission.objects.get(key=key, person=by)
    if (first.route, first.body_hash) != (route, body_hash):
        raise SentBefore("This form was already sent with different content. Open a new form and type it there.")
    try:
        return first.result()
    except ObjectDoesNotExist as error:
        raise Refused("The record that was created the first time was removed. Begin again to create it.") from error
