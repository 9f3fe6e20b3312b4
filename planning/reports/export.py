"""A patient's whole record as JSON: every field of every row, with doses as typed."""

import datetime as dt
import json

from django.utils import timezone

from clinic.models import Clinic, User
from clinic.records import audit_log
from clinic.records.actions import action
from planning.catalogue.models.instrument import Instrument
from planning.catalogue.models.muscle import Muscle
from planning.catalogue.models.product import Product
from planning.catalogue.scores import ScoreValueField, in_figures
from planning.reports.chart import chart_of

FORMAT = "collum-patient/1"
# Technical search keys, which are not patient data.
LEFT_OUT = {"sort_name"}
# Rows that are exported with their text too; rows of this record are in the export themselves.
NAMED = {User, Instrument, Muscle, Product}


@action
def export_patient(*, patient, by):
    """The text of the export. `by` is None for the management command."""
    audit_log.record("exported", patient, by=by, patients=patient.record_ids())
    return json.dumps(export_of(patient), ensure_ascii=False, indent=2)


def export_of(patient):
    """Text, numbers without fractions, booleans, lists and None; dates and timestamps in ISO 8601."""
    chart = chart_of(patient)
    clinic = Clinic.ours()
    return {
        "format": FORMAT,
        "exported_at": timezone.localtime(timezone=clinic.zone).isoformat(timespec="seconds"),
        "clinic": clinic.name,
        "patient": fields_of(patient),
        "same_person": [fields_of(record) for record in chart.records[1:]],
        "identifiers": list(map(fields_of, chart.identifiers)),
        "coverages": list(map(fields_of, chart.coverages)),
        "therapies": list(map(fields_of, chart.therapies)),
        "sessions_elsewhere": list(map(fields_of, chart.sessions_elsewhere)),
        "consents": list(map(fields_of, chart.consents)),
        "information_given": list(map(fields_of, chart.information_given)),
        "visits": list(map(_visit, chart.visits)),
        "follow_ups": list(map(_follow_up, chart.follow_ups)),
        "waiting_entries": list(map(fields_of, chart.waiting_entries)),
    }


def _visit(visit):
    reminder = getattr(visit, "reminder", None)
    return fields_of(visit) | {
        "reminder": reminder and fields_of(reminder),
        "change_messages": list(map(fields_of, visit.change_messages.all())),
        "assessments": list(map(_assessment, visit.assessments.all())),
        "sessions": list(map(_session, visit.sessions.all())),
    }


def _assessment(assessment):
    return fields_of(assessment) | {
        "postures": list(map(fields_of, assessment.postures.all())),
        "symptoms": list(map(fields_of, assessment.symptoms.all())),
        "scores": list(map(fields_of, assessment.scores.all())),
    }


def _session(session):
    return fields_of(session) | {
        "state": session.state.value,
        "unit_label": session.product.unit_label if session.product else None,
        "injections": list(map(fields_of, session.injections.all())),
        "vials": list(map(fields_of, session.vials.all())),
        "records": [
            fields_of(record, without=("content_text",)) | {"content": record.content}
            for record in session.records.all()
        ],
        "amendments": [fields_of(each, without=("rows_as_signed",)) for each in session.amendments.all()],
        "reviews": list(map(fields_of, session.reviews.all())),
        "error_marks": list(map(fields_of, session.error_marks.all())),
        "letters": list(map(_letter, session.letters.all())),
        "responses": list(map(fields_of, session.responses.all())),
        "adverse_events": list(map(fields_of, session.adverse_events.all())),
    }


def _letter(letter):
    return fields_of(letter) | {"sendings": list(map(fields_of, letter.sendings.all()))}


def _follow_up(follow_up):
    return fields_of(follow_up) | {"contact_attempts": list(map(fields_of, follow_up.contact_attempts.all()))}


def fields_of(row, *, without=()):
    """Every field of a row by its name, so that a new field is included; references have a label."""
    fields = [field for field in row._meta.concrete_fields if field.name not in {*LEFT_OUT, *without}]
    return {field.name: _value(row, field) for field in fields}


def _value(row, field):
    if field.is_relation:
        return _reference(row, field)
    value = getattr(row, field.attname)
    if isinstance(value, dt.date):
        return value.isoformat()
    return in_figures(value) if isinstance(field, ScoreValueField) else value


def _reference(row, field):
    """Catalogue entries and users by name; rows of this record by id, because they are in the export."""
    pk = getattr(row, field.attname)
    if pk is None:
        return None
    if not field.is_cached(row) or field.related_model not in NAMED:
        return pk
    return {"id": pk, "name": str(getattr(row, field.name))}
