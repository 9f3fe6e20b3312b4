"""A patient's coverage and other therapies: add, change and correct."""

from collections.abc import Callable
from dataclasses import dataclass

from django.contrib import messages
from django.db.models import Model
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from clinic.accounts.permissions import Permission, require_permission
from clinic.records import audit_log
from clinic.web.forms import ActionForm
from clinic.web.seen import about
from patients.coverage.actions import add_coverage, add_therapy, change_coverage, change_therapy
from patients.coverage.forms import CoverageForm, NewCoverageForm, NewTherapyForm, TherapyForm
from patients.coverage.models.coverage import Coverage, with_gaps
from patients.coverage.models.therapy import Therapy
from patients.diary.models.visit import Visit
from patients.people.opened_patient import patient_or_404
from patients.people.views.corrections import correction_view


@dataclass(frozen=True)
class RecordPages:
    """The list of one kind of record and the page of each. URL names and the list's template begin with the model.

    `records` returns all of them in the order of the list, `context` what only this list shows.
    """

    model: type[Model]
    heading: str
    records: Callable
    new_form: type[ActionForm]
    form: type[ActionForm]
    add: Callable
    change: Callable
    context: Callable = lambda record_ids: {}


def _gaps(record_ids):
    coming = Visit.objects.coming(timezone.localdate()).filter(patient__in=record_ids).select_related("patient")
    return {"gaps": [(visit, gaps) for visit, gaps in with_gaps(list(coming)) if gaps]}


COVERAGES = RecordPages(
    Coverage, "Coverage", Coverage.objects.latest_first, NewCoverageForm, CoverageForm, add_coverage, change_coverage,
    _gaps,
)  # fmt: skip
THERAPIES = RecordPages(
    Therapy, "Therapies", Therapy.objects.running_first, NewTherapyForm, TherapyForm, add_therapy, change_therapy
)


@require_http_methods(["GET", "POST"])
@require_permission(Permission.SEE_PATIENTS)
def record_list(request, pk, pages):
    return _add(request, pk, pages) if request.method == "POST" else _list_page(request, _patient(request, pk), pages)


@require_permission(Permission.CHANGE_PATIENTS)
def _add(request, pk, pages):
    patient = _patient(request, pk)
    form = pages.new_form(request.POST)
    if form.is_valid() and (record := form.run_once(pages.add, request=request, patient=patient)):
        messages.success(request, f"The {record._meta.verbose_name} is added.")
        return redirect(_url_name(record, "list"), patient.pk)
    return _list_page(request, patient, pages, form)


def _list_page(request, patient, pages, form=None):
    form = form or pages.new_form()
    record_ids = patient.record_ids()
    records = list(pages.records().filter(patient__in=record_ids).select_related("patient"))
    audit_log.shown(*(record.patient_id for record in records))
    context = {
        "patient": patient,
        "form": form,
        "records": records,
        "heading": pages.heading,
        "page": _url_name(pages.model, "list"),
        **pages.context(record_ids),
    }
    template = f"patients/coverage/{pages.model._meta.model_name}_list.html"
    return render(request, template, context, status=form.status)


def _patient(request, pk):
    patient = patient_or_404(pk)
    about(request, patient, *filter(None, [patient.same_as]))
    return patient


@require_http_methods(["GET", "POST"])
@require_permission(Permission.CHANGE_PATIENTS)
def record_change(request, pk, pages):
    record = get_object_or_404(_to_correct(pages.model), pk=pk)
    about(request, record.patient, *filter(None, [record.patient.same_as]))
    form = pages.form(request.POST if request.method == "POST" else None, record=record)
    name = record._meta.model_name
    if form.is_valid() and form.run(pages.change, by=request.user, **{name: record}):
        messages.success(request, f"The {record._meta.verbose_name} is saved.")
        return redirect(_list_url(record))
    context = {
        "record": record,
        "patient": record.patient,
        "form": form,
        "back": _list_url(record),
        "heading": pages.heading,
        "correction": _url_name(record, "error"),
    }
    return render(request, "patients/coverage/record_change.html", context, status=form.status)


def _url_name(record, page):
    return f"patients:{record._meta.model_name}-{page}"


def _list_url(record):
    return reverse(_url_name(record, "list"), args=[record.patient.person_id])


def _to_correct(model):
    return model.objects.select_related("patient__same_as", "error_by")


def _correction(model):
    return correction_view(_to_correct(model).all, permission=Permission.CHANGE_PATIENTS, back=_list_url)


coverage_error, therapy_error = map(_correction, (Coverage, Therapy))
