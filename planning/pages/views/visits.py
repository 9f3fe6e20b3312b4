"""A visit: its state, and its sessions."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from clinic.accounts.permissions import Permission, may, require_permission
from clinic.records import audit_log
from clinic.records.local_urls import wanted_next
from clinic.web.seen import about
from clinic.web.undo import offer_undo
from patients.coverage.models.coverage import coming_gaps, gaps_of
from patients.diary.models.slip import slip_obstacle
from patients.diary.models.visit import STATES_WITH_A_REASON
from patients.diary.opened_visit import visit_or_404
from patients.followups.unattended import is_unattended
from patients.front_desk.forms import ChosenTime, FreeTimesForm, MoveForm
from patients.front_desk.views.slips import with_link_to_slip
from patients.front_desk.waiting_rows import booked_from_list, offer_after, tell_who_waits, waits_again
from patients.models import VisitState
from planning.catalogue.models.reason import ReasonNotGiven
from planning.course.patient_course import sessions_to_respond_to
from planning.pages.actions.visits import change_visit_state, move_visit
from planning.pages.day_sheet import waiting_since
from planning.pages.forms import PlanForm, VisitStateForm
from planning.pages.steps import parts_of_visit, session_step
from planning.pages.visit_reads import rows_of_visit
from planning.session_pages.earlier import earlier_sessions
from planning.sessions.actions.sessions import plan_session
from planning.sessions.models.session import SessionState


def _opened(request, pk):
    visit = visit_or_404(pk, "reminder", "moved_from", "moved_to")
    about(request, visit.patient_id)
    return visit


def _page(request, visit, *, state_form=None, failed=None, status=200):
    can_become = visit.can_become()
    audit_log.shown(*visit.patient.joined_records)
    found = rows_of_visit(visit)
    sessions = found.sessions
    course = _course_of(visit, found) if may(request.user, Permission.SEE_COURSE) else None
    parts = parts_of_visit(visit, sessions, request.user, course=course)
    context = {
        "visit": visit,
        "patient": visit.patient,
        "sessions": sessions,
        "parts": parts,
        "arriving_is_main": not any(part.is_next for part in parts),
        "session_step": session_step(visit, sessions, request.user),
        "follow_ups": found.follow_ups,
        "gaps": gaps_of(visit, found.coverages) if visit.is_coming(timezone.localdate()) else [],
        "waiting": waiting_since(visit, sessions),
        "next_visit": _next_visit(visit, request.user),
        "can_become": can_become,
        **_menu_of(visit, can_become, state_form),
        "slip_obstacle": slip_obstacle(visit),
        "moved_to": getattr(visit, "moved_to", None) if visit.state in STATES_WITH_A_REASON else None,
        "emails": _emails(visit, found.messages),
        "offer": offer_after(visit.moved_from or visit) if may(request.user, Permission.CHANGE_DIARY) else None,
        **_end_of(visit, sessions, can_become),
        "failed": failed or state_form,
        "state_form": state_form or VisitStateForm(visit=visit, clinicians=found.clinicians),
        "plan_form": PlanForm(),
        "reasons": ReasonNotGiven.objects.offered(),
        "earlier": _earlier(visit, found) if may(request.user, Permission.SEE_SESSIONS) else [],
        **(course or {}),
    }
    return render(request, "planning/pages/visit_detail.html", context, status=status)


def _next_visit(visit, user):
    """Of a clinician's day, when this one is over. The record of a signed session leads there too."""
    today = timezone.localdate()
    if visit.day != today or visit.is_coming(today) or not may(user, Permission.CHANGE_SESSIONS):
        return None
    return visit.next_of_the_day()


def _earlier(visit, found):
    return earlier_sessions(visit, day=visit.day, among=found.before)


def _menu_of(visit, can_become, state_form):
    """What is not the next step, in one menu. It is open on the page that rejects one of its forms."""
    obstacle, corrections = visit.moving_obstacle(), visit.can_be_corrected_to()
    ends = [state for state in can_become if state in STATES_WITH_A_REASON]
    offered = {
        "move": not obstacle,
        "cancel": VisitState.CANCELLED in ends,
        "correct": bool(corrections) or VisitState.ENTERED_IN_ERROR in ends,
    }
    return {
        "moving_obstacle": obstacle,
        "corrections": corrections,
        "ends": ends,
        "menu_label": ", ".join(name for name, is_offered in offered.items() if is_offered).capitalize(),
        "menu_is_open": state_form is not None and state_form.data.get("state") in STATES_WITH_A_REASON,
    }


def _emails(visit, messages_of_changes):
    reminder = getattr(visit, "reminder", None)
    return [*([reminder] if reminder else []), *messages_of_changes]


def _course_of(visit, found):
    return {
        "assessment": found.assessment,
        "before": _responses_at(found),
        "events": found.events,
        "attending_obstacle": visit.attending_obstacle(),
    }


def _responses_at(found):
    """(session, response) of the last sessions; None if nothing was reported at this visit."""
    before = sessions_to_respond_to(found.before)
    responses = {each.session_id: each for each in found.responses}
    for session in before:
        if response := responses.get(session.pk):
            response.session = session
    return [(session, responses.get(session.pk)) for session in before]


def _end_of(visit, sessions, can_become):
    """How the visit can be finished. The sign page of a given session asks when the patient should be seen again."""
    can_finish = VisitState.FINISHED in can_become
    signature_asks = any(session.state is SessionState.GIVEN for session in sessions)
    return {
        "can_finish": can_finish,
        "signature_asks": signature_asks,
        "asks_again": can_finish and not signature_asks and is_unattended(visit.patient, but_for=visit),
    }


@require_GET
@require_permission(Permission.SEE_DIARY)
def visit_detail(request, pk):
    return _page(request, _opened(request, pk))


@require_POST
@require_permission(Permission.CHANGE_DIARY)
def visit_state(request, pk):
    visit = _opened(request, pk)
    form = VisitStateForm(request.POST, visit=visit)
    changed = form.is_valid() and form.run(change_visit_state, visit=visit, by=request.user)
    if not changed:
        return _page(request, _opened(request, pk), state_form=form, status=422 if form.incomplete else 409)
    back = wanted_next(request) or visit.get_absolute_url()
    if "undo" in request.POST:
        state = changed.get_state_display().lower()
        messages.success(request, f"Undone: the visit of {visit.patient} is {state} again.")
    else:
        _report(request, changed, was=visit.state, back=back)
    return redirect(back)


def _report(request, visit, *, was, back):
    message = f"{visit.patient}: {visit.get_state_display().lower()}."
    undo = {"back": back, "patient": visit.patient, "version": visit.version}
    if visit.state in (VisitState.CANCELLED, VisitState.NO_SHOW):
        offer_undo(request, message, url=visit.get_undo_url("end"), **undo)
    elif (was, visit.state) == (VisitState.BOOKED, VisitState.ARRIVED):
        offer_undo(request, message, url=visit.get_state_url(), state=VisitState.BOOKED, **undo)
    else:
        in_error = visit.state == VisitState.ENTERED_IN_ERROR
        messages.success(request, f"{message}{waits_again(visit) if in_error else ''}")


@require_http_methods(["GET", "POST"])
@require_permission(Permission.CHANGE_DIARY)
def visit_move(request, pk):
    visit = _opened(request, pk)
    form = MoveForm(
        request.POST if request.method == "POST" else None, visit=visit, chosen=ChosenTime(request.GET).chosen()
    )
    if form.is_valid() and (moved := form.run_once(move_visit, request=request, visit=visit)):
        return _after_moving(request, moved)
    context = {
        "visit": visit,
        "patient": visit.patient,
        "form": form,
        "requested": visit.follow_ups.select_related("clinician"),
        "free_form": FreeTimesForm(
            {**(form.data.dict() if form.is_bound else form.initial | request.GET.dict()), "moving": visit.pk}
        ),
        "obstacle": visit.moving_obstacle(),
    }
    return render(request, "planning/pages/visit_move.html", context, status=form.status)


def _after_moving(request, moved):
    elsewhere = wanted_next(request)
    offer_undo(
        request,
        with_link_to_slip(f"Moved: {moved}, with {moved.clinician}.{booked_from_list(moved)}", moved),
        url=moved.get_undo_url("move"),
        back=elsewhere or moved.moved_from.get_absolute_url(),
        patient=moved.patient,
        version=moved.version,
    )
    if elsewhere:
        tell_who_waits(request, moved.moved_from)
        for gap in coming_gaps(moved, timezone.localdate()):
            messages.warning(request, gap)
    return redirect(elsewhere or moved)


@require_POST
@require_permission(Permission.CHANGE_SESSIONS)
def session_plan(request, pk):
    visit = _opened(request, pk)
    form = PlanForm(request.POST)
    session = form.is_valid() and form.run_once(plan_session, request=request, visit=visit)
    if not session:
        return _page(request, visit, failed=form, status=409)
    return redirect(session)
