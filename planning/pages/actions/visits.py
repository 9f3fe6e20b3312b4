"""Actions for a visit that depend on its sessions."""

from clinic.records.actions import action, store
from clinic.records.exceptions import Refused
from patients.front_desk.actions.visits import is_same_visit_state, lock_for_state, replace_visit, store_visit_state
from patients.models import Visit, VisitState
from planning.sessions.actions.sessions import require_person_if_recorded
from planning.sessions.models.session import InjectionSession, SessionState
from planning.signing.actions.endings import mark_not_done


@action
def change_visit_state(*, visit, state, by, version, reason="", again=None):
    """The plan of a cancelled or no-show visit becomes *not done*; it returns when the visit is restored.

    If anything was given, the visit cannot be cancelled, or return to a state before arrival. Repeating it succeeds.
    """
    lock_for_state(visit, state)
    visit = Visit.objects.locked(visit.pk)
    if is_same_visit_state(visit, state=state, reason=reason, version=version, again=again):
        return visit
    if state not in VisitState.active():
        _end_plans(visit, state=state, reason=reason, by=by)
    elif not visit.is_active:
        _restore_plans(visit, by=by)
    elif state is VisitState.BOOKED:
        require_nothing_given(visit, becomes=state, by=by)
    return store_visit_state(
        visit,
        state=state,
        reason=reason,
        again=again,
        asked_at_signing=InjectionSession.objects.awaits_signature(visit),
        by=by,
    )


@action
def move_visit(*, visit, clinician, starts_at, minutes, by, version, outside_note="", although_past=False):
    """Cancel a booked visit and book another in its place, which takes over its plans and follow-ups."""
    moved = replace_visit(
        visit,
        clinician=clinician,
        starts_at=starts_at,
        minutes=minutes,
        by=by,
        version=version,
        outside_note=outside_note,
        although_past=although_past,
    )
    require_nothing_given(visit, becomes="moved", by=by)
    for session in open_sessions(visit):
        session.visit = moved
        store(session, by=by)
    return moved


def open_sessions(visit):
    sessions = InjectionSession.objects.filter(visit=visit, not_done_at=None).order_by("pk").select_for_update()
    return [session for session in sessions if not session.is_in_error]


def require_nothing_given(visit, *, becomes, by):
    becomes = becomes.label.lower() if isinstance(becomes, VisitState) else becomes
    for session in open_sessions(visit):
        if session.is_signed:
            raise Refused(f"A session of this visit is signed, so it cannot become {becomes}.")
        if session.state is not SessionState.PLANNED:
            raise Refused(
                f"Something was given at this visit, so it cannot become {becomes}. "
                "Sign the session, or clear what was typed by mistake."
            )
        require_person_if_recorded(session, by=by)


def _end_plans(visit, *, state, reason, by):
    require_nothing_given(visit, becomes=state, by=by)
    for session in open_sessions(visit):
        session.cancelled_with_visit = True
        mark_not_done(session, reason=f"{state.label}: {reason}" if reason else f"{state.label}.", by=by)


def _restore_plans(visit, *, by):
    for session in (
        InjectionSession.objects.filter(visit=visit, cancelled_with_visit=True).order_by("pk").select_for_update()
    ):
        session.cancelled_with_visit = False
        session.not_done_at, session.not_done_by, session.not_done_reason = None, None, ""
        store(session, by=by)
