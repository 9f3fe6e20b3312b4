"""Joining two records of one patient, after comparing them."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from clinic.accounts.permissions import Permission, require_permission
from clinic.web.seen import about, number
from patients.models import Patient
from patients.people.forms.patients import ConfirmForm, SamePersonForm
from planning.pages.actions.patients import confirm_same_person, undo_same_person


@require_http_methods(["GET", "POST"])
@require_permission(Permission.CONFIRM_SAME_PERSON)
def patient_same(request, pk):
    patient = get_object_or_404(Patient.objects.select_related("same_as"), pk=pk)
    about(request, patient)
    form = SamePersonForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        other = Patient.objects.with_record_number(form.cleaned_data["record_number"]).first()
        if other is not None:
            return redirect("planning:patient-same-confirm", pk, other.pk)
        form.add_error("record_number", "No patient has this record number.")
    context = {"patient": patient, "form": form}
    return render(request, "planning/pages/patient_same.html", context, status=form.status)


@require_http_methods(["GET", "POST"])
@require_permission(Permission.CONFIRM_SAME_PERSON)
def patient_same_confirm(request, pk, same):
    other = get_object_or_404(Patient.objects.select_related("same_as"), pk=pk)
    patient = get_object_or_404(Patient.objects.select_related("same_as"), pk=same)
    about(request, patient, other)
    form = ConfirmForm(request.POST if request.method == "POST" else None, patient=patient, other=other)
    if form.is_valid() and form.run(confirm_same_person, patient=patient, other=other, by=request.user):
        messages.success(request, f"{other.record_number} is now found as {patient.record_number}.")
        return redirect(patient)
    context = {
        "patient": patient,
        "other": other,
        "form": form,
        "obstacle": other.same_person_obstacle(patient),
        "sides": [_side(record) for record in (patient, other)],
    }
    return render(request, "planning/pages/patient_same_confirm.html", context, status=form.status)


def _side(record):
    return {
        "record": record,
        "visits": record.visits.count(),
        "ahead": record.visits.ahead(),
        "follow_ups": record.follow_ups.open().due_first(),
    }


@require_POST
@require_permission(Permission.CONFIRM_SAME_PERSON)
def patient_same_undo(request, pk):
    other = get_object_or_404(Patient.objects.select_related("same_as"), pk=pk)
    about(request, other)
    undo_same_person(other=other, by=request.user, version=number(request))
    messages.success(request, f"{other.record_number} is a separate record again.")
    return redirect(other)
