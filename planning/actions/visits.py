"""A visit's states, as far as its sessions have a say."""

from clinic.actions import action
from clinic.exceptions import Refused
from patients import actions as patients
from patients.models import Visit, VisitState
from planning.actions.endings import mark_not_done
from planning.models import InjectionSession, SessionState


@action
def change_visit_state(*, visit, state, by, version, reason=""):
    """A visit that falls takes its plan along as *not done*; one with anything given cannot fall."""
    visit = Visit.objects.locked(visit.pk)
    if state not in VisitState.standing():
        _end_plans(visit, state=state, reason=reason, by=by)
    return patients.change_visit_state(visit=visit, state=state, by=by, version=version, reason=reason)


def _end_plans(visit, *, state, reason, by):
    for session in InjectionSession.objects.filter(visit=visit, not_done_at=None).select_for_update():
        if session.is_in_error:
            continue
        if session.is_signed:
            raise Refused(f"A session of this visit is signed, so it cannot become {state.label.lower()}.")
        if session.state is not SessionState.PLANNED:
            raise Refused(
                f"Something was given at this visit, so it cannot become {state.label.lower()}. "
                "Sign the session, or empty what was typed by mistake."
            )
        mark_not_done(session, reason=f"{state.label}: {reason}" if reason else f"{state.label}.", by=by)
