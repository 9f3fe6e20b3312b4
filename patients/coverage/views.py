"""A patient's coverage and other therapies: add, change and correct."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from clinic.accounts.permissions import Permission, require_permission
from clinic.records import audit_log
from clinic.web.seen import about
from patients.coverage.actions import add_coverage, add_therapy, change_coverage, change_therapy
from patients.coverage.forms import CoverageForm, NewCoverageForm, NewTherapyForm, TherapyForm
from patients.coverage.models.coverage import Coverage, with_gaps
from patients.coverage.models.therapy import Therapy
from patients.diary.models.visit import Visit
from patients.people.models.patient import Patient
from patients.people.views.corrections import correction_view

# For each kind: the page of its list, the heading, and the page that marks a record as entered in error.
PAGES = {
    Coverage: ("patients:coverage-list", "Coverage", "patients:coverage-error"),
    Therapy: ("patients:therapy-list", "Therapies", "patients:therapy-error"),
}


@require_http_methods(["GET", "POST"])
@require_permission(Permission.SEE_PATIENTS)
def coverage_list(request, pk):
    return _coverage_add(request, pk) if request.method == "POST" else _coverages(request, _patient(request, pk))


@require_permission(Permission.CHANGE_PATIENTS)
def _coverage_add(request, pk):
    patient = _patient(request, pk)
    form = NewCoverageForm(request.POST)
    if form.is_valid() and form.run_once(add_coverage, request=request, patient=patient):
        messages.success(request, "The coverage is added.")
        return redirect("patients:coverage-list", patient.pk)
    return _coverages(request, patient, form)


def _coverages(request, patient, form=None):
    form = form or NewCoverageForm()
    records = patient.record_ids()
    coming = Visit.objects.coming(timezone.localdate()).filter(patient__in=records).select_related("patient")
    coverages = list(Coverage.objects.filter(patient__in=records).select_related("patient").latest_first())
    audit_log.shown(*(coverage.patient_id for coverage in coverages))
    context = {
        "patient": patient,
        "form": form,
        "coverages": coverages,
        "gaps": [(visit, gaps) for visit, gaps in with_gaps(list(coming)) if gaps],
    }
    return render(request, "patients/coverage/coverage_list.html", context, status=form.status)


def _patient(request, pk):
    patient = get_object_or_404(Patient.objects.select_related("same_as"), pk=pk)
    about(request, patient, *filter(None, [patient.same_as]))
    return patient


def _record(request, model, pk):
    record = get_object_or_404(model.objects.select_related("patient__same_as", "error_by"), pk=pk)
    about(request, record.patient, *filter(None, [record.patient.same_as]))
    return record


@require_http_methods(["GET", "POST"])
@require_permission(Permission.CHANGE_PATIENTS)
def coverage_change(request, pk):
    coverage = _record(request, Coverage, pk)
    form = CoverageForm(request.POST if request.method == "POST" else None, record=coverage)
    if form.is_valid() and form.run(change_coverage, coverage=coverage, by=request.user):
        messages.success(request, "The coverage is saved.")
        return redirect(_list_of(coverage))
    return _change_page(request, coverage, form)


def _list_of(record):
    page, _, _ = PAGES[type(record)]
    return reverse(page, args=[record.patient.person_id])


def _change_page(request, record, form):
    _, section, correction = PAGES[type(record)]
    context = {
        "record": record,
        "patient": record.patient,
        "form": form,
        "back": _list_of(record),
        "section": section,
        "correction": correction,
    }
    return render(request, "patients/coverage/record_change.html", context, status=form.status)


@require_http_methods(["GET", "POST"])
@require_permission(Permission.SEE_PATIENTS)
def therapy_list(request, pk):
    return _therapy_add(request, pk) if request.method == "POST" else _therapies(request, _patient(request, pk))


@require_permission(Permission.CHANGE_PATIENTS)
def _therapy_add(request, pk):
    patient = _patient(request, pk)
    form = NewTherapyForm(request.POST)
    if form.is_valid() and form.run_once(add_therapy, request=request, patient=patient):
        messages.success(request, "The therapy is added.")
        return redirect("patients:therapy-list", patient.pk)
    return _therapies(request, patient, form)


def _therapies(request, patient, form=None):
    form = form or NewTherapyForm()
    theirs = Therapy.objects.filter(patient__in=patient.record_ids())
    therapies = list(theirs.select_related("patient").running_first())
    audit_log.shown(*(therapy.patient_id for therapy in therapies))
    context = {"patient": patient, "form": form, "therapies": therapies}
    return render(request, "patients/coverage/therapy_list.html", context, status=form.status)


@require_http_methods(["GET", "POST"])
@require_permission(Permission.CHANGE_PATIENTS)
def therapy_change(request, pk):
    therapy = _record(request, Therapy, pk)
    form = TherapyForm(request.POST if request.method == "POST" else None, record=therapy)
    if form.is_valid() and form.run(change_therapy, therapy=therapy, by=request.user):
        messages.success(request, "The therapy is saved.")
        return redirect(_list_of(therapy))
    return _change_page(request, therapy, form)


def _correction(model):
    records = model.objects.select_related("patient__same_as", "error_by").all
    return correction_view(records, permission=Permission.CHANGE_PATIENTS, back=_list_of)


coverage_error, therapy_error = map(_correction, (Coverage, Therapy))
