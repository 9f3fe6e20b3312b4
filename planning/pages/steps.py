"""The next step of a visit that the user's permissions allow, and the parts of a visit in their order."""

from dataclasses import dataclass, replace

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
    if visit.is_active and may(user, Permission.SEE_SESSIONS) and (step := session_step(visit, sessions, user)):
        return step
    if visit.state == VisitState.BOOKED and visit.state_obstacle(VisitState.ARRIVED) is None:
        return Step("Mark arrived", _state_url(visit), posts=VisitState.ARRIVED)
    if visit.state == VisitState.ARRIVED and not may(user, Permission.CHANGE_SESSIONS):
        return Step("Mark finished", _state_url(visit), posts=VisitState.FINISHED)
    return Step("Open visit", visit.get_absolute_url())


def _state_url(visit):
    return reverse("planning:visit-state", args=[visit.pk])


def session_step(visit, sessions, user):
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


OPEN = {SessionState.PLANNED, SessionState.GIVEN, SessionState.BEING_AMENDED}
BEGUN = {SessionState.GIVEN, SessionState.BEING_AMENDED}
DECIDED = {SessionState.SIGNED, SessionState.AMENDED, SessionState.NOT_DONE}


@dataclass(frozen=True)
class Part:
    """A part of a visit: the response to the last session, the assessment, the session, or the end."""

    name: str
    is_done: bool
    has_begun: bool = False
    can_be_next: bool = True
    is_next: bool = False


def parts_of_visit(visit, sessions, user, *, course=None):
    """In the order of a visit; at most one is next. `course` is what the page shows of it: only clinicians see it.

    A part that was left out is not next after a later one was recorded.
    """
    parts = [*_parts_of_course(course), _session_part(visit, sessions, user), _end(visit, user)]
    following = _next_of(parts, visit)
    return [replace(part, is_next=part is following) for part in parts]


def _parts_of_course(course):
    if course is None:
        return
    can_attend = course["attending_obstacle"] is None
    if course["before"] and can_attend:
        _, response = course["before"][0]
        yield Part("response", is_done=response is not None)
    yield Part("assessment", is_done=course["assessment"] is not None, can_be_next=can_attend)


def _session_part(visit, sessions, user):
    states = {session.state for session in sessions}
    return Part(
        "session",
        is_done=bool(states & DECIDED) and not states & OPEN,
        has_begun=bool(states & BEGUN) and may(user, Permission.CHANGE_SESSIONS),
        can_be_next=may(user, Permission.CHANGE_SESSIONS) and (bool(states) or visit.kind == VisitKind.INJECTION),
    )


def _end(visit, user):
    return Part("end", is_done=visit.state == VisitState.FINISHED, can_be_next=may(user, Permission.CHANGE_DIARY))


def _next_of(parts, visit):
    if begun := next((part for part in parts if part.has_begun and visit.is_active), None):
        return begun
    if visit.state != VisitState.ARRIVED:
        return None
    reached = max((place for place, part in enumerate(parts, start=1) if part.is_done), default=0)
    return next((part for part in parts[reached:] if part.can_be_next), None)
