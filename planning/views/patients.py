"""A patient's page: who it is, and what was done at each visit."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Prefetch
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from clinic import audit
from clinic.permissions import Permission, require_permission
from patients.forms import StatusForm
from patients.models import FollowUp, Patient, Visit
from planning import actions
from planning.cycles import cycle_numbers
from planning.models import InjectionSession

VISITS_SHOWN = 50


@require_GET
@require_permission(Permission.SEE_PATIENTS)
def patient_detail(request, pk):
    people = Patient.objects.select_related("alerts_reviewed_by", "no_follow_up_by", "same_as")
    patient = get_object_or_404(people, pk=pk)
    others = list(patient.others.order_by("record_number"))
    audit.shown(patient, *others, *filter(None, [patient.same_as]))
    visits = (
        Visit.objects.filter(patient__in=[patient, *others])
        .select_related("clinician", "patient")
        .prefetch_related(Prefetch("sessions", InjectionSession.objects.for_history()))
        .order_by("-starts_at", "-pk")
    )
    context = {
        "patient": patient,
        "others": others,
        "visits": Paginator(visits, VISITS_SHOWN).get_page(request.GET.get("page")),
        "follow_ups": FollowUp.objects.open().filter(patient=patient).select_related("clinician").due_first(),
        "coming": Visit.objects.coming(timezone.localdate()).filter(patient=patient).select_related("clinician"),
        "cycles": cycle_numbers(patient),
        "today": timezone.localdate(),
    }
    return render(request, "planning/patient_detail.html", context)


@require_http_methods(["GET", "POST"])
@require_permission(Permission.CHANGE_PATIENTS)
def patient_status(request, pk):
    """Treated here or not; what is open ends with it, in one step."""
    patient = get_object_or_404(Patient.objects.select_related("same_as"), pk=pk)
    audit.shown(patient)
    form = StatusForm(request.POST if request.method == "POST" else None, patient=patient)
    if form.is_valid() and form.attempt(actions.change_patient_status, patient=patient, by=request.user):
        messages.success(request, "The status is saved.")
        return redirect(patient)
    context = {
        "patient": patient,
        "form": form,
        "ahead": Visit.objects.ahead().filter(patient=patient).select_related("clinician"),
        "follow_ups": FollowUp.objects.open().filter(patient=patient).select_related("clinician").due_first(),
    }
    return render(request, "planning/patient_status.html", context, status=form.status)
