"""Undoing what was just done to a visit. Rejected if something was recorded at the visit, or it changed, after that."""

from clinic.records import audit_log
from clinic.records.actions import action, is_repeat, require_version, store
from clinic.records.exceptions import Refused
from patients.front_desk.actions.undo import (
    MOVE_UNDONE,
    former_of_undone_move,
    lock_move,
    require_follow_ups_unchanged,
    restore_from_before_booking,
    return_to_former,
    state_before,
)
from patients.front_desk.actions.visits import lock_clinician_and_patient, lock_for_state
from patients.models import Visit, VisitState
from planning.course.models.adverse_event import AdverseEvent
from planning.course.models.assessment import Assessment
from planning.course.models.response import Response
from planning.pages.actions.visits import change_visit_state, open_sessions, require_nothing_given
from planning.sessions.models.session import InjectionSession

BOOKING_UNDONE = "The booking was undone: it was a mistake."


@action
def undo_booking(*, visit, by, version):
    """The visit was booked by mistake: it is entered in error, not cancelled. Its follow-up is open as before.

    Raises Refused if a session or a finding is recorded at the visit. Repeating it succeeds.
    """
    lock_clinician_and_patient(clinician=None, patient=visit.patient_id)
    visit = Visit.objects.locked(visit.pk)
    if is_repeat(visit, {"state": VisitState.ENTERED_IN_ERROR, "reason": BOOKING_UNDONE}, version=version):
        return visit
    if visit.version != 1 or visit.moved_from_id:
        raise Refused("This visit changed after it was booked, so the booking cannot be undone. Open the visit.")
    if InjectionSession.objects.filter(visit=visit).exists():
        raise Refused("A session is planned for this visit, so the booking cannot be undone. Open the visit.")
    _require_no_findings(visit)
    visit = change_visit_state(
        visit=visit, state=VisitState.ENTERED_IN_ERROR, by=by, version=version, reason=BOOKING_UNDONE
    )
    restore_from_before_booking(visit, by=by)
    audit_log.record("undid booking", visit, by=by, patients=[visit.patient_id])
    return visit


@action
def undo_move(*, visit, by, version):
    """The visit is at its earlier time again, with its plans and follow-ups, if that time is still free.

    Returns the earlier visit. The one that it was moved to is entered in error. Repeating it succeeds.
    """
    stored = Visit.objects.select_related("moved_from").get(pk=visit.pk)
    if (stored.state, stored.reason) == (VisitState.ENTERED_IN_ERROR, MOVE_UNDONE):
        return former_of_undone_move(stored)
    moved, former = lock_move(stored, version=version)
    require_nothing_given(moved, becomes="moved back", by=by)
    _require_no_findings(moved)
    for session in open_sessions(moved):
        session.visit = former
        store(session, by=by)
    return_to_former(moved, former, by=by)
    return former


@action
def undo_end(*, visit, by, version):
    """A cancelled or no-show visit has its earlier state again, with its plans and follow-ups.

    Raises Refused if the time is no longer free, or its follow-up was booked again or closed. Repeating it succeeds.
    """
    lock_for_state(visit, VisitState.BOOKED)
    visit = Visit.objects.locked(visit.pk)
    if visit.state in (VisitState.BOOKED, VisitState.ARRIVED) and visit.version in (version + 1, version + 2):
        return visit
    require_version(visit, version)
    if visit.state not in (VisitState.CANCELLED, VisitState.NO_SHOW):
        raise Refused(f"This visit is {visit.get_state_display().lower()}, so there is nothing to undo.")
    require_follow_ups_unchanged(visit)
    before = state_before(visit)
    restored = change_visit_state(visit=visit, state=VisitState.BOOKED, by=by, version=version)
    if before == VisitState.ARRIVED:
        restored = change_visit_state(visit=restored, state=VisitState.ARRIVED, by=by, version=restored.version)
    return restored


def _require_no_findings(visit):
    found = (model.objects.active().filter(visit=visit).exists() for model in (Assessment, Response, AdverseEvent))
    if any(found):
        raise Refused("Something is recorded at this visit already, so this cannot be undone. Open the visit.")
