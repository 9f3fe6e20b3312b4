"""How every write is made: one transaction, the row locked, the version compared, the audit entry last."""

import hashlib
import json
from functools import wraps

from django.core.exceptions import ObjectDoesNotExist
from django.db import IntegrityError, transaction

from clinic import audit
from clinic.exceptions import Refused
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
    relations = {field.name for field in instance._meta.fields if field.is_relation}
    instance.full_clean(exclude=relations, validate_unique=False, validate_constraints=False)
    instance._history_user = by
    instance.save()
    return instance


def assign(instance, values):
    """Set each value; whether any of them differs from what was there."""
    changed = False
    for name, value in values.items():
        if getattr(instance, name) != value:
            setattr(instance, name, value)
            changed = True
    return changed


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
        raise Refused("This form was already sent, with other content. Open a fresh one and type it there.")
    try:
        return first.made()
    except ObjectDoesNotExist as error:
        raise Refused("What this form made was removed in the meantime. Open a fresh one to make it again.") from error
