"""A patient's consents and the information they received."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from clinic.accounts.permissions import Permission, require_permission
from clinic.records import audit_log
from clinic.web.seen import about
from patients.people.opened_patient import patient_or_404
from patients.people.views.corrections import correction_view
from planning.sessions.actions.consents import record_consent, record_information
from planning.sessions.forms.papers import InformationForm, PatientConsentForm
from planning.sessions.models.consent import Consent, InformationGiven


def _opened(request, pk):
    patient = patient_or_404(pk)
    about(request, patient, *filter(None, [patient.same_as]))
    return patient


@require_GET
@require_permission(Permission.SEE_COURSE)
def papers(request, pk):
    return _page(request, _opened(request, pk))


def _page(request, patient, *, failed=None, **forms):
    records = patient.record_ids()

    def theirs(model):
        found = list(model.objects.filter(patient__in=records).select_related("patient", "recorded_by"))
        audit_log.shown(*(paper.patient_id for paper in found))
        return found

    context = {
        "patient": patient,
        "consents": theirs(Consent),
        "information": theirs(InformationGiven),
        "consent_form": PatientConsentForm(),
        "information_form": InformationForm(),
        **forms,
    }
    return render(request, "planning/pages/papers.html", context, status=failed.status if failed else 200)


@require_POST
@require_permission(Permission.CHANGE_COURSE)
def patient_consent(request, pk):
    patient = _opened(request, pk)
    form = PatientConsentForm(request.POST)
    if form.is_valid() and form.run_once(record_consent, request=request, patient=patient):
        messages.success(request, "The consent is recorded.")
        return redirect("planning:papers", patient.pk)
    return _page(request, patient, failed=form, consent_form=form)


@require_POST
@require_permission(Permission.CHANGE_COURSE)
def information_record(request, pk):
    patient = _opened(request, pk)
    form = InformationForm(request.POST)
    if form.is_valid() and form.run_once(record_information, request=request, patient=patient):
        messages.success(request, "Leaflet recorded.")
        return redirect("planning:papers", patient.pk)
    return _page(request, patient, failed=form, information_form=form)


def _back(paper):
    return reverse("planning:papers", args=[paper.patient.person_id])


def _correction(model):
    records = model.objects.select_related("patient__same_as", "error_by").all
    return correction_view(records, permission=Permission.CHANGE_COURSE, back=_back)


consent_error, information_error = map(_correction, (Consent, InformationGiven))
