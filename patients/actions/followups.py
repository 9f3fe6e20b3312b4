"""When a patient is to be seen again."""

from django.utils import timezone

from clinic import audit
from clinic.actions import action, store
from clinic.exceptions import Conflict, Refused
from patients.actions.patients import patient_to_change
from patients.models import FollowUp


@action
def ask_to_return(*, patient, kind, due_on, clinician, by, why=""):
    """Open a follow-up; a *no follow-up needed* that was stated before is over."""
    patient = patient_to_change(patient)
    if patient.no_follow_up_reason:
        patient.no_follow_up_reason, patient.no_follow_up_on, patient.no_follow_up_by = "", None, None
        store(patient, by=by)
    follow_up = store(FollowUp(patient=patient, kind=kind, due_on=due_on, clinician=clinician, why=why), by=by)
    audit.record("asked to return", follow_up, by=by, patients=[patient.pk])
    return follow_up


@action
def no_follow_up_needed(*, patient, reason, by):
    """State it for now; follow-ups that are open stay open, since somebody asked for them."""
    if not reason:
        raise Refused("Say why no follow-up is needed.")
    patient = patient_to_change(patient)
    patient.no_follow_up_reason, patient.no_follow_up_on, patient.no_follow_up_by = (
        reason,
        timezone.localdate(),
        by,
    )
    store(patient, by=by)
    audit.record("stated that no follow-up is needed", patient, by=by, patients=[patient.pk])
    return patient


@action
def close_follow_up(*, follow_up, reason, by, version):
    follow_up = FollowUp.objects.locked(follow_up.pk)
    if (follow_up.closed_by, follow_up.closed_reason) == (by, reason):
        return follow_up  # sent twice
    if follow_up.closed_at is not None:
        raise Refused("This follow-up is closed already.")
    if follow_up.version != version:
        raise Conflict("Somebody else changed this follow-up in the meantime. Read it again.", current=follow_up)
    if not reason:
        raise Refused("Say why it is closed.", field="reason")
    follow_up.closed_at, follow_up.closed_by, follow_up.closed_reason = timezone.now(), by, reason
    store(follow_up, by=by)
    audit.record("closed", follow_up, by=by, patients=[follow_up.patient_id])
    return follow_up
