"""A visit: its state, and its sessions."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_POST

from clinic import audit
from clinic.permissions import Permission, require_permission
from patients.models import Visit
from planning import actions
from planning.forms import PlanForm, VisitStateForm
from planning.models import InjectionSession


def _opened(pk):
    visit = get_object_or_404(Visit.objects.select_related("patient", "clinician"), pk=pk)
    audit.shown(visit.patient_id)
    return visit


def _page(request, visit, *, state_form=None, status=200):
    context = {
        "visit": visit,
        "patient": visit.patient,
        "sessions": InjectionSession.objects.for_history().filter(visit=visit),
        "follow_ups": visit.follow_ups.select_related("clinician"),
        "can_become": visit.can_become(),
        "state_form": state_form,
        "plan_form": PlanForm(),
    }
    return render(request, "planning/visit_detail.html", context, status=status)


@require_GET
@require_permission(Permission.SEE_DIARY)
def visit_detail(request, pk):
    return _page(request, _opened(pk))


@require_POST
@require_permission(Permission.CHANGE_DIARY)
def visit_state(request, pk):
    visit = _opened(pk)
    form = VisitStateForm(request.POST)
    if not (form.is_valid() and form.attempt(actions.change_visit_state, visit=visit, by=request.user)):
        return _page(request, _opened(pk), state_form=form, status=409)
    messages.success(request, f"{visit.patient}: {form.cleaned_data['state'].label.lower()}.")
    return redirect(_wanted_next(request) or visit)


def _wanted_next(request):
    """A path of ours; anything else could lead away, or nowhere."""
    wanted = request.POST.get("next", "")
    return wanted if wanted.startswith("/") and url_has_allowed_host_and_scheme(wanted, allowed_hosts=None) else None


@require_POST
@require_permission(Permission.CHANGE_SESSIONS)
def session_plan(request, pk):
    visit = _opened(pk)
    form = PlanForm(request.POST)
    session = form.is_valid() and form.attempt_once(actions.plan_session, request=request, visit=visit)
    if not session:
        return _page(request, visit, state_form=form, status=409)
    return redirect(session)
