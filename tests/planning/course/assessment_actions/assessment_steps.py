"""Steps and comparisons that the tests of assessment actions share."""

import datetime as dt
from contextlib import contextmanager
from decimal import Decimal

import pytest

from clinic.models import AuditEntry
from clinic.records.exceptions import Refused
from planning.course.actions.assessments import change_assessment
from planning.models import Assessment, PostureFinding, Score, SymptomFinding
from tests import builders

POSTURES = [("torticollis", "right"), ("antecollis", "")]
SYMPTOMS = [("spasms", "present", "mild", "often"), ("swallowing", "absent", "", "")]


def scores(**values):
    """`scores(Tsui=12)`; an underscore for each space."""
    return [(builders.an_instrument(name.replace("_", " ")), Decimal(str(value))) for name, value in values.items()]


def all_of(assessment):
    """The stored findings, as arguments of an action."""
    return {
        "postures": list(assessment.postures.values_list("posture", "side")),
        "symptoms": list(assessment.symptoms.values_list("symptom", "presence", "severity", "frequency")),
        "scores": [(score.instrument, score.value) for score in assessment.scores.all()],
    }


def change(assessment, *, by, version=None, **details):
    """As a form would send it: the stored findings, except the given details."""
    return change_assessment(
        assessment=assessment, by=by, version=version or assessment.version, **{**all_of(assessment), **details}
    )


def stored():
    models = (Assessment, PostureFinding, SymptomFinding, Score)
    return [list(model.objects.order_by("pk").values()) for model in models]


def last_entry():
    entry = AuditEntry.objects.order_by("-pk").first()
    return entry.action, entry.object_id, entry.actor, [row.patient_id for row in entry.patients.all()]


@contextmanager
def refused(message, kind=Refused, field=None):
    """Inside, an action raises that message for that field, and no change is stored or audited."""
    before = stored(), AuditEntry.objects.count()
    with pytest.raises(kind, match=message) as refusal:
        yield refusal
    assert refusal.value.field == field
    assert (stored(), AuditEntry.objects.count()) == before


def an_earlier_visit(visit, weeks=12):
    return builders.an_arrived_visit(
        patient=visit.patient, clinician=visit.clinician, day=visit.day - dt.timedelta(weeks=weeks)
    )
