"""A visit: its state, and its sessions."""

from django.contrib import messages
from django.db.models import Q
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from clinic.accounts.permissions import Permission, may, require_permission
from clinic.records.networks import wanted_next
from clinic.web.seen import about
from clinic.web.undo import offer_undo
from patients.coverage.models.coverage import coming_gaps
from patients.followups.unattended import is_unattended
from patients.front_desk.forms import ChosenTime, FreeTimesForm, MoveForm
from patients.models import Visit, VisitState
from planning.catalogue.models.reason import ReasonNotGiven
from planning.course.models.adverse_event import AdverseEvent
from planning.course.models.assessment import Assessment
from planning.course.patient_course import sessions_to_respond_to
from planning.pages.actions.visits import change_visit_state, move_visit
from planning.pages.forms import PlanForm, VisitStateForm
from planning.pages.steps import parts_of_visit, session_step
from planning.sessions.actions.sessions import plan_session
from planning.sessions.models.session import InjectionSession, SessionState


def _opened(request, pk):
    visit = get_object_or_404(Visit.objects.select_related("patient", "clinician", "moved_from", "reminder"), pk=pk)
    about(request, visit.patient_id)
    return visit


def _page(request, visit, *, state_form=None, failed=None, status=200):
    can_become = visit.can_become()
    sessions = list(InjectionSession.objects.for_history().filter(visit=visit))
    course = _course_of(visit) if may(request.user, Permission.SEE_COURSE) else None
    parts = parts_of_visit(visit, sessions, request.user, course=course)
    context = {
        "visit": visit,
        "patient": visit.patient,
        "sessions": sessions,
        "parts": parts,
        "arriving_is_main": not any(part.is_next for part in parts),
        "session_step": session_step(visit, sessions, request.user),
        "follow_ups": visit.follow_ups.select_related("clinician"),
        "gaps": coming_gaps(visit, timezone.localdate()),
        "can_become": can_become,
        "corrections": visit.can_be_corrected_to(),
        "moving_obstacle": visit.moving_obstacle(),
        "moved_to": getattr(visit, "moved_to", None),
        "emails": _emails(visit),
        **_end_of(visit, sessions, can_become),
        "failed": failed or state_form,
        "state_form": state_form or VisitStateForm(visit=visit),
        "plan_form": PlanForm(),
        "reasons": ReasonNotGiven.objects.offered(),
        **(course or {}),
    }
    return render(request, "planning/pages/visit_detail.html", context, status=status)


def _emails(visit):
    reminder = getattr(visit, "reminder", None)
    return [*([reminder] if reminder else []), *visit.change_messages.order_by("pk")]


def _course_of(visit):
    responses = {each.session_id: each for each in visit.responses.active().for_page()}
    return {
        "assessment": Assessment.objects.active().for_page().filter(visit=visit).first(),
        "before": [(session, responses.get(session.pk)) for session in sessions_to_respond_to(visit)],
        "events": AdverseEvent.objects.active().for_page().filter(Q(visit=visit) | Q(session__visit=visit)),
        "attending_obstacle": visit.attending_obstacle(),
    }


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
    sentence = f"{visit.patient}: {visit.get_state_display().lower()}."
    undo = {"back": back, "patient": visit.patient, "version": visit.version}
    if visit.state in (VisitState.CANCELLED, VisitState.NO_SHOW):
        offer_undo(request, sentence, url=visit.get_undo_url("end"), **undo)
    elif (was, visit.state) == (VisitState.BOOKED, VisitState.ARRIVED):
        offer_undo(request, sentence, url=visit.get_state_url(), state=VisitState.BOOKED, **undo)
    else:
        messages.success(request, sentence)


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
        f"Moved: {moved}, with {moved.clinician}.",
        url=moved.get_undo_url("move"),
        back=elsewhere or moved.moved_from.get_absolute_url(),
        patient=moved.patient,
        version=moved.version,
    )
    if elsewhere:
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
