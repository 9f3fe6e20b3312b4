"""The next step of a visit that the user's permissions allow."""

from dataclasses import dataclass

from django.urls import reverse

from clinic.accounts.permissions import Permission, may
from patients.models import VisitKind, VisitState
from planning.sessions.models.session import SessionState


@dataclass(frozen=True)
class Step:
    """A link, or a button that changes the visit's state or plans a session."""

    label: str
    url: str
    posts: str = ""
    main: bool = False


def next_step(visit, sessions, user):
    if visit.is_active and may(user, Permission.SEE_SESSIONS) and (step := _session_step(visit, sessions, user)):
        return step
    if visit.state == VisitState.BOOKED and visit.state_obstacle(VisitState.ARRIVED) is None:
        return Step("Mark arrived", _state_url(visit), posts=VisitState.ARRIVED)
    if visit.state == VisitState.ARRIVED and not may(user, Permission.CHANGE_SESSIONS):
        return Step("Mark finished", _state_url(visit), posts=VisitState.FINISHED)
    return Step("Open visit", visit.get_absolute_url())


def _state_url(visit):
    return reverse("planning:visit-state", args=[visit.pk])


def _session_step(visit, sessions, user):
    by_state = {session.state: session for session in reversed(sessions)}
    if session := by_state.get(SessionState.BEING_AMENDED):
        return Step("Continue amending", session.get_working_url(), main=True)
    if session := by_state.get(SessionState.GIVEN):
        if may(user, Permission.SIGN_SESSIONS) and session.is_recording and session.operator_id:
            return Step("Sign", reverse("planning:session-sign", args=[session.pk]), main=True)
        return Step("Continue recording", session.get_absolute_url(), main=True)
    if session := by_state.get(SessionState.PLANNED):
        if visit.state == VisitState.BOOKED:
            return None
        return Step("Record session", session.get_absolute_url(), main=True)
    if session := by_state.get(SessionState.SIGNED) or by_state.get(SessionState.AMENDED):
        return Step("Open record", session.get_absolute_url())
    if visit.state == VisitState.ARRIVED and visit.kind == VisitKind.INJECTION:
        return Step("Plan a session", reverse("planning:session-plan", args=[visit.pk]), posts="plan", main=True)
    return None
