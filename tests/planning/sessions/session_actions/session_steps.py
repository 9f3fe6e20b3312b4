"""Steps and comparisons that the tests of session actions share."""

from contextlib import contextmanager

import pytest

from clinic.models import AuditEntry
from clinic.records.exceptions import Refused
from planning.models import Consent, Injection, InjectionSession, Vial
from planning.sessions.actions.injections import (
    change_injection,
)


def row_of(session, short_name="SCM"):
    return session.injections.active().filter(muscle__short_name=short_name).order_by("pk").first()


def change(row, *, by, **values):
    return change_injection(injection=row, product=row.session.product, by=by, version=row.version, **values)


def stored():
    """Everything stored about sessions, to compare before and after."""
    return [list(model.objects.order_by("pk").values()) for model in (InjectionSession, Injection, Vial, Consent)]


def last_entry():
    entry = AuditEntry.objects.order_by("-pk").first()
    return entry.action, [row.patient_id for row in entry.patients.all()]


@contextmanager
def refused(message, kind=Refused):
    """Inside, an action raises that message, and no change is stored or audited."""
    before = stored(), AuditEntry.objects.count()
    with pytest.raises(kind, match=message) as refusal:
        yield refusal
    assert (stored(), AuditEntry.objects.count()) == before
