"""Recording consents, and information that was given."""

from clinic.records import audit_log
from clinic.records.actions import action, store
from patients.people.actions.patients import patient_to_change
from planning.sessions.actions.sessions import open_session
from planning.sessions.models.consent import Consent, InformationGiven


@action
def record_consent(*, by, given_by, given_on, form_version, patient=None, session=None):
    """Store the consent of a patient; with `session`, also set it as that session's consent."""
    session = session and open_session(session, by=by)
    patient = session.visit.patient if session else patient_to_change(patient)
    consent = Consent(patient=patient, given_by=given_by, given_on=given_on, form_version=form_version, recorded_by=by)
    store(consent, by=by)
    if session:
        session.consent = consent
        store(session, by=by)
    audit_log.record("recorded consent", consent, by=by, patients=[patient.pk])
    return consent


@action
def record_information(*, patient, by, **details):
    """Record a leaflet that was given to the patient."""
    patient = patient_to_change(patient)
    given = store(InformationGiven(patient=patient, recorded_by=by, **details), by=by)
    audit_log.record("recorded information given", given, by=by, patients=[patient.pk])
    return given
