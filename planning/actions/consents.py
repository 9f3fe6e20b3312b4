"""Consents."""

from clinic import audit
from clinic.actions import action, store
from planning.actions.sessions import open_session
from planning.models import Consent


@action
def record_consent(*, session, by, given_by, given_on, form_version):
    """Keep the consent, and name it in the session."""
    session = open_session(session)
    patient = session.visit.patient
    consent = Consent(patient=patient, given_by=given_by, given_on=given_on, form_version=form_version, recorded_by=by)
    store(consent, by=by)
    session.consent = consent
    store(session, by=by)
    audit.record("recorded consent", consent, by=by, patients=[patient.pk])
    return consent
