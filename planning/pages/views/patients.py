"""A patient's page: details, course of the treatment, and past visits."""

import datetime as dt

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods
from django.views.decorators.vary import vary_on_headers

from clinic.accounts.permissions import Permission, may, require_permission
from clinic.records import audit_log
from clinic.records.together import read_together
from clinic.web.page_numbers import counted, counted_page_of
from clinic.web.seen import about
from patients.coverage.models.coverage import authorisation_gaps, gaps_of
from patients.models import Coverage, FollowUp, PatientIdentifier, Therapy, Visit, WaitingEntry
from patients.people.forms.patients import StatusForm
from patients.people.opened_patient import patient_or_404
from planning.course.cycles import cycle_numbers
from planning.course.patient_course import Course
from planning.course.timeline import SHOWN_AT_FIRST, timeline, timeline_entries
from planning.pages.actions.patients import change_patient_status
from planning.pages.visit_list import listed_visits, listed_without_course, step_of_today

VISITS_SHOWN = 50


@require_GET
@require_permission(Permission.SEE_PATIENTS)
@vary_on_headers("HX-Request")
def patient_detail(request, pk):
    patient = patient_or_404(pk)
    clinical = may(request.user, Permission.SEE_COURSE)
    if request.htmx and clinical:
        audit_log.shown(patient)
        return render(request, "planning/course/_course_drawn.html", _drawn(request, patient, Course(patient)))
    audit_log.shown(patient, *patient.joined_records)
    first_visits, *of_administration = _read(patient)
    visits = _visits(request, patient, first_visits)
    course = Course(patient) if clinical else None
    listed = listed_visits(visits, course) if course else listed_without_course(visits, cycle_numbers(patient))
    context = {
        "patient": patient,
        "others": _others(patient),
        "visits": visits,
        "listed": listed,
        "step_of_today": step_of_today(_with_today(patient, visits, listed), request.user),
        **_administration(patient, visits, *of_administration),
    }
    if course:
        context |= {"course": course, "last": course.last_assessment, **_drawn(request, patient, course)}
    return render(request, "planning/pages/patient_detail.html", context)


def _others(patient):
    joined = [record for record in patient.joined_records if record.same_as_id == patient.pk]
    return sorted(joined, key=lambda record: record.record_number)


def _is_up_to_today(visits):
    """Whether the page, newest first, contains every visit of today and later."""
    yesterday = timezone.localdate() - dt.timedelta(days=1)
    return visits.number == 1 and (not visits.has_next() or visits[-1].day < yesterday)


def _with_today(patient, visits, listed):
    """The visits of today can be on another page of the list."""
    if _is_up_to_today(visits):
        return listed
    todays = Visit.objects.on_day(timezone.localdate()).filter(patient__in=patient.record_ids())
    return listed_without_course(todays, {})


def _read(patient):
    ids = tuple(patient.record_ids())
    return read_together(
        (_first_visits, ids),
        (FollowUp.objects.open_of, patient.pk),
        (WaitingEntry.objects.open_of, patient.pk),
        (_coverages, ids),
        (_therapies, ids),
        (_identifiers, ids),
    )


def _latest_visits(ids):
    return Visit.objects.filter(patient__in=ids).select_related("clinician").order_by("-starts_at", "-pk")


def _first_visits(ids):
    return counted(_latest_visits(ids))[:VISITS_SHOWN]


def _coverages(ids):
    return Coverage.objects.active().filter(patient__in=ids).latest_first()


def _therapies(ids):
    return Therapy.objects.active().filter(patient__in=ids).running_first()


def _identifiers(ids):
    return PatientIdentifier.objects.filter(patient__in=ids)


def _visits(request, patient, first):
    page = counted_page_of(request, _latest_visits(patient.record_ids()), VISITS_SHOWN, first=first)
    records = {record.pk: record for record in (patient, *patient.joined_records)}
    for visit in page:
        visit.patient = records[visit.patient_id]
    return page


def _administration(patient, visits, follow_ups, waiting, coverages, therapies, identifiers):
    coming = _coming(patient, visits, timezone.localdate())
    return {
        "follow_ups": follow_ups,
        "coming": coming,
        "waiting": waiting,
        "coverages": coverages,
        "gaps": _gaps(patient, coming[0], coverages) if coming else [],
        "therapies": therapies,
        "identifiers": identifiers,
    }


def _gaps(patient, visit, coverages):
    """A joined record shows its own coverages, but those of the whole person authorise its visit."""
    return authorisation_gaps(visit) if patient.same_as_id else gaps_of(visit, coverages)


def _coming(patient, visits, today):
    """From the visits of the page, newest first, unless some may be on another page."""
    if _is_up_to_today(visits):
        coming = [visit for visit in visits if visit.patient_id == patient.pk and visit.is_coming(today)]
        return sorted(coming, key=lambda visit: (visit.starts_at, visit.pk))
    return list(Visit.objects.coming(today).filter(patient=patient).select_related("clinician"))


def _drawn(request, patient, course):
    chosen = course.instruments[:SHOWN_AT_FIRST]
    if "chosen" in request.GET:
        selected = set(request.GET.getlist("score"))
        chosen = [instrument for instrument in course.instruments if str(instrument.pk) in selected]
    return {
        "patient": patient,
        "instruments": [(instrument, instrument in chosen) for instrument in course.instruments],
        "wide": timeline(course, chosen),
        "narrow": timeline(course, chosen, narrow=True),
        "timeline_entries": timeline_entries(course, chosen),
    }


@require_http_methods(["GET", "POST"])
@require_permission(Permission.CHANGE_PATIENTS)
def patient_status(request, pk):
    patient = patient_or_404(pk)
    about(request, patient)
    form = StatusForm(request.POST if request.method == "POST" else None, record=patient)
    if form.is_valid() and form.run(change_patient_status, patient=patient, by=request.user):
        messages.success(request, "The status is saved.")
        return redirect(patient)
    context = {
        "patient": patient,
        "form": form,
        "ahead": Visit.objects.ahead().filter(patient=patient).select_related("clinician"),
        "follow_ups": FollowUp.objects.open_of(patient),
        "waiting": WaitingEntry.objects.open_of(patient),
    }
    return render(request, "planning/pages/patient_status.html", context, status=form.status)
