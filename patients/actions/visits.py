"""Booking a visit, and what becomes of it. Pages change states through planning.actions, which knows the sessions."""

from django.db import IntegrityError, transaction
from django.utils import timezone

from clinic import audit
from clinic.actions import action, store
from clinic.exceptions import Refused
from clinic.models import User
from patients.guards import OVERLAP_RULES
from patients.models import FollowUp, Patient, Visit, VisitState
from patients.models.visit import STATES_WITH_A_REASON

OVERLAP_SENTENCES = {
    OVERLAP_RULES["clinician_id"]: "The clinician has another visit at that time.",
    OVERLAP_RULES["patient_id"]: "The patient has another visit at that time.",
}


@action
def book_visit(*, patient, clinician, kind, starts_at, minutes, by, follow_up=None):
    """Book; the database refuses an overlap. `follow_up` is an open one of this patient that the visit answers."""
    if not User.objects.clinicians().filter(pk=clinician.pk).exists():
        raise Refused("Visits are booked with a neurologist or a trainee.", field="clinician")
    _queue_behind_other_bookings(clinician, patient)
    if obstacle := Patient.objects.select_related("same_as").get(pk=patient.pk).booking_obstacle():
        raise Refused(obstacle)
    visit = Visit(patient=patient, clinician=clinician, kind=kind, starts_at=starts_at, minutes=minutes)
    try:
        with transaction.atomic():
            store(visit, by=by)
    except IntegrityError as error:
        raise overlap(error) from error
    if follow_up is not None:
        _answer(follow_up, visit, by=by)
    audit.record("booked", visit, by=by, patients=[patient.pk])
    return visit


def _queue_behind_other_bookings(clinician, patient):
    """Two overlapping rows inserted at once would each wait for the other, and one die of the deadlock.

    The key is not locked, so that whoever only refers to these rows (an audit entry, a session) need not wait.
    """
    for queryset in (User.objects.filter(pk=clinician.pk), Patient.objects.filter(pk=patient.pk)):
        list(queryset.select_for_update(of=("self",), no_key=True).values_list("pk"))


def overlap(error):
    """The refusal in words; any other violation stays what it is."""
    for rule, sentence in OVERLAP_SENTENCES.items():
        if rule in str(error):
            return Refused(sentence, field="starts_at")
    return error


def _answer(follow_up, visit, *, by):
    follow_up = FollowUp.objects.locked(follow_up.pk)
    if follow_up.patient_id != visit.patient_id or not follow_up.is_open:
        raise Refused("This follow-up is no longer open.", field="follow_up")
    follow_up.booked_visit = visit
    store(follow_up, by=by)


@action
def change_visit_state(*, visit, state, by, version, reason=""):
    """Give the visit a state that can follow its own; finishing closes the follow-ups booked with it."""
    visit = Visit.objects.locked(visit.pk, version)
    if obstacle := visit.state_obstacle(state):
        raise Refused(obstacle)
    if state in STATES_WITH_A_REASON and not reason:
        raise Refused("Say why.", field="reason")
    visit.state, visit.reason = state, reason
    store(visit, by=by)
    if state is VisitState.FINISHED:
        for follow_up in FollowUp.objects.filter(booked_visit=visit, closed_at=None).select_for_update():
            follow_up.closed_at, follow_up.closed_by = timezone.now(), by
            follow_up.closed_reason = "The visit is finished."
            store(follow_up, by=by)
    audit.record(state.label.lower(), visit, by=by, patients=[visit.patient_id])
    return visit
