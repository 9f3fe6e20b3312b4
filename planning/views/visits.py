"""A visit: its state, and its sessions."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from clinic import audit
from clinic.addresses import wanted_next
from clinic.permissions import Permission, require_permission
from patients.forms import AskedTime, FreeTimesForm, MoveForm
from patients.models import Visit, VisitState
from planning import actions
from planning.forms import PlanForm, VisitStateForm
from planning.models import InjectionSession


def _opened(pk):
    visit = get_object_or_404(Visit.objects.select_related("patient", "clinician", "moved_from"), pk=pk)
    audit.shown(visit.patient_id)
    return visit


def _page(request, visit, *, state_form=None, failed=None, status=200):
    can_become = visit.can_become()
    context = {
        "visit": visit,
        "patient": visit.patient,
        "sessions": InjectionSession.objects.for_history().filter(visit=visit),
        "follow_ups": visit.follow_ups.select_related("clinician"),
        "can_become": can_become,
        "corrections": visit.can_be_corrected_to(),
        "moving_obstacle": visit.moving_obstacle(),
        "moved_to": getattr(visit, "moved_to", None),
        "asks_again": VisitState.FINISHED in can_become and _asks_when_again(visit),
        "failed": failed or state_form,
        "state_form": state_form or VisitStateForm(visit=visit),
        "plan_form": PlanForm(),
    }
    return render(request, "planning/visit_detail.html", context, status=status)


def _asks_when_again(visit):
    if InjectionSession.objects.asks_when_signed(visit):
        return False
    return visit.patient.is_unattended(timezone.localdate(), but_for=visit)


@require_GET
@require_permission(Permission.SEE_DIARY)
def visit_detail(request, pk):
    return _page(request, _opened(pk))


@require_POST
@require_permission(Permission.CHANGE_DIARY)
def visit_state(request, pk):
    visit = _opened(pk)
    form = VisitStateForm(request.POST, visit=visit)
    if not (form.is_valid() and form.attempt(actions.change_visit_state, visit=visit, by=request.user)):
        return _page(request, _opened(pk), state_form=form, status=409)
    messages.success(request, f"{visit.patient}: {form.cleaned_data['state'].label.lower()}.")
    return redirect(wanted_next(request) or visit)


@require_http_methods(["GET", "POST"])
@require_permission(Permission.CHANGE_DIARY)
def visit_move(request, pk):
    """Another time: typed, pressed in the list of free ones, or chosen in the diary."""
    visit = _opened(pk)
    form = MoveForm(
        request.POST if request.method == "POST" else None, visit=visit, asked=AskedTime(request.GET).said()
    )
    if form.is_valid() and (moved := form.attempt_once(actions.move_visit, request=request, visit=visit)):
        messages.success(request, f"Moved: {moved}, with {moved.clinician}.")
        return redirect(wanted_next(request) or moved)
    context = {
        "visit": visit,
        "patient": visit.patient,
        "form": form,
        "asked_for": visit.follow_ups.select_related("clinician"),
        "free_form": FreeTimesForm(
            {**(form.data.dict() if form.is_bound else form.initial | request.GET.dict()), "moving": visit.pk}
        ),
        "obstacle": visit.moving_obstacle(),
    }
    return render(request, "planning/visit_move.html", context, status=form.status)


@require_POST
@require_permission(Permission.CHANGE_SESSIONS)
def session_plan(request, pk):
    visit = _opened(pk)
    form = PlanForm(request.POST)
    session = form.is_valid() and form.attempt_once(actions.plan_session, request=request, visit=visit)
    if not session:
        return _page(request, visit, failed=form, status=409)
    return redirect(session)
