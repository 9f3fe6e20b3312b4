"""A patient's page: details, course of the treatment, and past visits."""

from django.contrib import messages
from django.db.models import Prefetch
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods
from django.views.decorators.vary import vary_on_headers

from clinic.accounts.permissions import Permission, may, require_permission
from clinic.records import audit_log
from clinic.web.page_numbers import page_of
from clinic.web.seen import about
from patients.coverage.models.coverage import authorisation_gaps
from patients.models import Coverage, FollowUp, Patient, Therapy, Visit
from patients.people.forms.patients import StatusForm
from planning.course.cycles import cycle_numbers
from planning.course.models.assessment import Assessment
from planning.course.patient_course import Course
from planning.course.timeline import SHOWN_AT_FIRST, timeline, timeline_entries
from planning.pages.actions.patients import change_patient_status
from planning.pages.visit_list import listed_visits, listed_without_course, step_of_today
from planning.sessions.models.session import InjectionSession

VISITS_SHOWN = 50


@require_GET
@require_permission(Permission.SEE_PATIENTS)
@vary_on_headers("HX-Request")
def patient_detail(request, pk):
    people = Patient.objects.select_related("alerts_reviewed_by", "no_follow_up_by", "same_as")
    patient = get_object_or_404(people, pk=pk)
    clinical = may(request.user, Permission.SEE_COURSE)
    if request.htmx and clinical:
        audit_log.shown(patient)
        return render(request, "planning/course/_course_drawn.html", _drawn(request, patient, Course(patient)))
    others = list(patient.others.order_by("record_number"))
    audit_log.shown(patient, *others, *filter(None, [patient.same_as]))
    context = {"patient": patient, "others": others, "today": timezone.localdate(), **_administration(patient)}
    visits = context["visits"] = _visits(request, [patient, *others])
    context["step_of_today"] = step_of_today(visits, request.user)
    if clinical:
        context |= _course(request, patient, visits)
    else:
        context["listed"] = listed_without_course(visits, cycle_numbers(patient))
    return render(request, "planning/pages/patient_detail.html", context)


def _visits(request, people):
    visits = (
        Visit.objects.filter(patient__in=people)
        .select_related("clinician", "patient")
        .prefetch_related(
            Prefetch("sessions", InjectionSession.objects.for_history()),
            Prefetch("assessments", Assessment.objects.active()),
        )
        .order_by("-starts_at", "-pk")
    )
    return page_of(request, visits, VISITS_SHOWN)


def _administration(patient):
    coming = list(Visit.objects.coming(timezone.localdate()).filter(patient=patient).select_related("clinician"))
    records = patient.record_ids()
    return {
        "follow_ups": FollowUp.objects.open().filter(patient=patient).select_related("clinician").due_first(),
        "coming": coming,
        "coverages": Coverage.objects.active().filter(patient__in=records).latest_first(),
        "gaps": authorisation_gaps(coming[0]) if coming else [],
        "therapies": Therapy.objects.active().filter(patient__in=records).running_first(),
    }


def _course(request, patient, visits):
    course = Course(patient)
    return {
        "course": course,
        "listed": listed_visits(visits, course),
        "last": course.last_assessment,
        **_drawn(request, patient, course),
    }


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
    patient = get_object_or_404(Patient.objects.select_related("same_as"), pk=pk)
    about(request, patient)
    form = StatusForm(request.POST if request.method == "POST" else None, record=patient)
    if form.is_valid() and form.run(change_patient_status, patient=patient, by=request.user):
        messages.success(request, "The status is saved.")
        return redirect(patient)
    context = {
        "patient": patient,
        "form": form,
        "ahead": Visit.objects.ahead().filter(patient=patient).select_related("clinician"),
        "follow_ups": FollowUp.objects.open().filter(patient=patient).select_related("clinician").due_first(),
    }
    return render(request, "planning/pages/patient_status.html", context, status=form.status)
