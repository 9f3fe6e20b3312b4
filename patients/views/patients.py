"""Finding, registering and changing patients."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods
from django.views.decorators.vary import vary_on_headers

from clinic import audit
from clinic.permissions import Permission, require_permission
from patients import actions, search
from patients.forms import AlertsForm, PatientForm, RegisterForm
from patients.models import Patient

MOST_FOUND = 20
MOST_ECHOED = 40


@require_GET
@require_permission(Permission.SEE_PATIENTS)
@vary_on_headers("HX-Request")
def patient_list(request):
    query = request.GET.get("q", "").strip()
    if request.htmx and not query:
        return HttpResponse()  # an emptied search box closes what it had opened
    found = list(Patient.objects.found_by(query).prefetch_related("others")[: MOST_FOUND + 1])
    audit.shown(*found[:MOST_FOUND], *(other for patient in found[:MOST_FOUND] for other in patient.others.all()))
    context = {
        "query": query,
        "asked": "".join(filter(str.isprintable, query))[:MOST_ECHOED],
        "asks_enough": search.asks_enough(query),
        "found": found[:MOST_FOUND],
        "more": len(found) > MOST_FOUND,
    }
    return render(request, "patients/_patients_found.html" if request.htmx else "patients/patient_list.html", context)


@require_http_methods(["GET", "POST"])
@require_permission(Permission.CHANGE_PATIENTS)
def patient_register(request):
    form = RegisterForm(request.POST if request.method == "POST" else None)
    if form.is_valid() and (patient := form.attempt_once(actions.register_patient, request=request)):
        messages.success(request, f"Registered with record number {patient.record_number}.")
        return redirect(patient)
    audit.shown(*form.alike)
    return render(request, "patients/patient_register.html", {"form": form}, status=form.status)


@require_http_methods(["GET", "POST"])
@require_permission(Permission.CHANGE_PATIENTS)
def patient_change(request, pk):
    patient = get_object_or_404(Patient, pk=pk)
    audit.shown(patient)
    form = PatientForm(request.POST if request.method == "POST" else None, patient=patient)
    if form.is_valid() and form.attempt(actions.change_patient, patient=patient, by=request.user):
        messages.success(request, "The details are saved.")
        return redirect(patient)
    return render(request, "patients/patient_change.html", {"form": form, "patient": patient}, status=form.status)


@require_http_methods(["GET", "POST"])
@require_permission(Permission.CHANGE_PATIENTS)
def patient_alerts(request, pk):
    patient = get_object_or_404(Patient.objects.select_related("alerts_reviewed_by"), pk=pk)
    audit.shown(patient)
    form = AlertsForm(request.POST if request.method == "POST" else None, patient=patient)
    if form.is_valid() and form.attempt(actions.review_alerts, patient=patient, by=request.user):
        messages.success(request, "The alerts are reviewed.")
        return redirect(patient)
    return render(request, "patients/patient_alerts.html", {"form": form, "patient": patient}, status=form.status)
