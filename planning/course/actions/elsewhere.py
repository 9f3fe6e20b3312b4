"""Actions for sessions elsewhere, which an import adds and corrects."""

from clinic.records import audit_log
from clinic.records.actions import action, store
from clinic.records.actions import change as change_record
from patients.people.actions.patients import patient_to_change
from planning.course.models.session_elsewhere import SessionElsewhere


@action
def add_session_elsewhere(*, patient, by, **details):
    session = SessionElsewhere(patient=patient_to_change(patient), recorded_by=by, **details)
    store(session, by=by)
    audit_log.record("added", session, by=by, patients=[patient.pk])
    return session


@action
def change_session_elsewhere(*, session, by, version, **details):
    return change_record(record=session, by=by, version=version, **details)
