"""Steps and comparisons that the tests of course actions share."""

import datetime as dt
from contextlib import contextmanager

import pytest

from clinic.models import AuditEntry
from clinic.records.exceptions import Refused
from planning.course.actions.course import change_event, change_response
from planning.models import AdverseEvent, Response

YESTERDAY, TOMORROW = dt.timedelta(days=-1), dt.timedelta(days=1)


def day(session, number):
    return session.day_given + dt.timedelta(days=number)


def change(record, *, by, version=None, **details):
    action = change_response if isinstance(record, Response) else change_event
    name = "response" if isinstance(record, Response) else "event"
    return action(**{name: record}, by=by, version=version or record.version, **details)


def stored():
    return [list(model.objects.order_by("pk").values()) for model in (Response, AdverseEvent)]


def last_entry():
    entry = AuditEntry.objects.order_by("-pk").first()
    return (
        entry.action,
        entry.object_type,
        entry.object_id,
        entry.actor,
        [row.patient_id for row in entry.patients.all()],
    )


@contextmanager
def refused(message, kind=Refused, field=None):
    """Inside, an action raises that message for that field, and no change is stored or audited."""
    before = stored(), AuditEntry.objects.count()
    with pytest.raises(kind, match=message) as refusal:
        yield refusal
    assert refusal.value.field == field
    assert (stored(), AuditEntry.objects.count()) == before
