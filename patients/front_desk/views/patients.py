"""Finding, registering and changing patients."""

import datetime as dt

from django.conf import settings
from django.contrib import messages
from django.db.models import Prefetch
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods
from django.views.decorators.vary import vary_on_headers

from clinic.accounts.permissions import Permission, require_permission
from clinic.records import audit_log
from clinic.records.local_urls import local_path, wanted_next
from clinic.records.text import printable
from clinic.records.together import read_together
from clinic.web.seen import about
from patients.diary.models.delay import Delay
from patients.diary.models.visit import Visit
from patients.front_desk.forms import ChosenTime
from patients.front_desk.here_now import HereNow
from patients.people import search
from patients.people.actions.patients import change_patient, register_patient, review_alerts
from patients.people.forms.patients import AlertsForm, PatientForm, RegisterForm
from patients.people.models.duplicates import PossibleDuplicate
from patients.people.models.patient import Patient
from patients.people.opened_patient import patient_or_404

MOST_FOUND = 20
MOST_RECENT, RECENT = 8, dt.timedelta(days=14)
MOST_ECHOED = 40


@require_http_methods(["GET", "POST"])
@require_permission(Permission.SEE_PATIENTS)
@vary_on_headers("HX-Request")
def patient_list(request):
    """A search is sent by POST: a URL is stored in the browser’s history and in access logs."""
    context = search_context(request)
    in_top_bar = "finder" in request.POST
    if request.htmx and not context["query"]:
        # An empty search box closes the results; that of the top bar shows whose pages the user opened last.
        return _recent_patients(request) if in_top_bar else HttpResponse()
    if request.htmx:
        return render(request, "patients/front_desk/_patients_found.html", context)
    if in_top_bar and len(context["found"]) == 1:
        return redirect(context["found"][0])
    context["possible_duplicates"] = PossibleDuplicate.objects.undecided().count()
    return render(request, "patients/front_desk/patient_list.html", context)


def _recent_patients(request):
    ids = audit_log.recently_read(
        request.user,
        routes=settings.PAGES_ABOUT_A_PATIENT.values(),
        since=timezone.now() - RECENT,
        most=MOST_RECENT,
    )
    recent = _shown(ids, _main_records)
    return render(request, "patients/front_desk/_patients_recent.html", {"found": recent}) if recent else HttpResponse()


def _with_coming(ids, today, _zone):
    coming = Prefetch("visits", Visit.objects.coming(today), "coming")
    return Patient.objects.filter(pk__in=ids).prefetch_related("others", coming)


def _main_records(*values):
    return _with_coming(*values).filter(same_as=None)


def _shown(ids, rows=_with_coming):
    """These of the patients `rows(ids, …)`, in the order of the ids, with what their rows show."""
    if not ids:
        return []
    today = timezone.localdate()
    found, delays = read_together(
        (rows, tuple(ids), today, timezone.get_current_timezone_name()), (Delay.objects.current, today)
    )
    by_id, by_clinician = {patient.pk: patient for patient in found}, {delay.clinician_id: delay for delay in delays}
    people = [by_id[pk] for pk in ids if pk in by_id]
    for patient in people:
        patient.here_now = HereNow.for_patient(patient, patient.coming, by_clinician)
    audit_log.shown(*people, *(other for patient in people for other in patient.others.all()))
    return people


def search_context(request):
    query = request.POST.get("q", "").strip()
    ids = list(Patient.objects.found_by(query).values_list("pk", flat=True)[: MOST_FOUND + 1])
    return {
        "query": query,
        "shown_query": printable(query)[:MOST_ECHOED],
        "is_long_enough": search.is_long_enough(query),
        "found": _shown(ids[:MOST_FOUND]),
        "more": len(ids) > MOST_FOUND,
    }


@require_http_methods(["GET", "POST"])
@require_permission(Permission.CHANGE_PATIENTS)
def patient_register(request):
    form = RegisterForm(request.POST if request.method == "POST" else None)
    time = ChosenTime(request.GET)
    if form.is_valid() and (patient := form.run_once(register_patient, request=request)):
        messages.success(request, f"Registered with record number {patient.record_number}.")
        if query_string := time.query_string():  # a patient who was registered during a booking
            return redirect(f"{reverse('patients:visit-book', args=[patient.pk])}?{query_string}")
        return redirect(patient)
    _show_alike(form)
    context = {"form": form, "query_string": time.query_string()}
    return render(request, "patients/front_desk/patient_register.html", context, status=form.status)


def _show_alike(form):
    audit_log.shown(*(record for patient in form.alike for record in (patient, *patient.others.all())))


@require_http_methods(["GET", "POST"])
@require_permission(Permission.CHANGE_PATIENTS)
def patient_change(request, pk):
    patient = patient_or_404(pk)
    about(request, patient)
    form = PatientForm(request.POST if request.method == "POST" else None, record=patient)
    if form.is_valid() and form.run(change_patient, patient=patient, by=request.user):
        messages.success(request, "The details are saved.")
        return redirect(patient)
    _show_alike(form)
    return render(
        request, "patients/front_desk/patient_change.html", {"form": form, "patient": patient}, status=form.status
    )


@require_http_methods(["GET", "POST"])
@require_permission(Permission.CHANGE_PATIENTS)
def patient_alerts(request, pk):
    patient = patient_or_404(pk, "alerts_reviewed_by")
    about(request, patient)
    form = AlertsForm(request.POST if request.method == "POST" else None, record=patient)
    if form.is_valid() and form.run(review_alerts, patient=patient, by=request.user):
        messages.success(request, "The alerts are reviewed.")
        return redirect(wanted_next(request) or patient)
    back = wanted_next(request) or local_path(request.GET.get("next", ""))
    context = {"form": form, "patient": patient, "alerts_next": back or patient.get_absolute_url()}
    return render(request, "patients/front_desk/patient_alerts.html", context, status=form.status)
