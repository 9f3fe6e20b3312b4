"""The summary for a referring doctor, the print of everything, and the export."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from clinic.accounts.permissions import Permission, require_permission
from clinic.records import audit_log
from clinic.web.seen import about
from patients.models import FollowUp, Therapy, Visit
from patients.people.opened_patient import patient_or_404
from planning.course.patient_course import Course
from planning.course.timeline import timeline
from planning.reports.chart import chart_of, statements_of
from planning.reports.export import export_patient
from planning.sessions.models.session import InjectionSession, SessionState

CYCLES_IN_A_SUMMARY = 5
EVENTS_IN_A_SUMMARY = 5
PANELS_IN_A_SUMMARY = 2


def _patient(pk):
    patient = patient_or_404(pk, "alerts_reviewed_by")
    audit_log.shown(*patient.record_ids())
    return patient


def _heading(request, patient):
    return {
        "patient": patient,
        "who": {
            "family_name": patient.family_name,
            "given_name": patient.given_name,
            "born": patient.date_of_birth.as_text(),
            "record_number": patient.record_number,
        },
        "clinic": request.clinic,
        "clinic_name": request.clinic.name,
        "today": timezone.localdate(),
    }


@require_GET
@require_permission(Permission.SEE_COURSE)
def summary_print(request, pk):
    patient = _patient(pk)
    course = Course(patient)
    signed = [session for session in course.sessions if session.counts]
    record = list(signed[-1].records.all())[-1] if signed else None
    coming = Visit.objects.coming(timezone.localdate())
    context = {
        "course": course,
        "last": course.last_assessment,
        "wide": timeline(course, course.instruments[:PANELS_IN_A_SUMMARY]),
        "cycles": course.cycles[::-1][:CYCLES_IN_A_SUMMARY],
        "events": course.events[::-1][:EVENTS_IN_A_SUMMARY],
        "events_left_out": max(len(course.events) - EVENTS_IN_A_SUMMARY, 0),
        "record": record,
        "content": record and record.content,
        "session": signed[-1] if signed else None,
        "not_done": _not_done_since(signed, course.record_ids),
        "therapies": Therapy.objects.active().filter(patient__in=course.record_ids),
        "next": coming.filter(patient__in=course.record_ids).select_related("clinician").first(),
        "follow_up": FollowUp.objects.open().filter(patient__in=course.record_ids).due_first().first(),
    }
    return render(request, "planning/reports/summary_print.html", {**_heading(request, patient), **context})


def _not_done_since(signed, record_ids):
    """The last session that was not done, if it was to be after the last signed one."""
    ended = InjectionSession.objects.in_state(SessionState.NOT_DONE).filter(visit__patient__in=record_ids)
    if signed:
        ended = ended.filter(visit__starts_at__gt=signed[-1].visit.starts_at)
    return ended.select_related("visit").order_by("visit__starts_at", "pk").last()


@require_GET
@require_permission(Permission.SEE_COURSE)
def chart_print(request, pk):
    patient = _patient(pk)
    chart = chart_of(patient)
    sessions = [session for visit in chart.visits for session in visit.sessions.all()]
    context = {
        "chart": chart,
        "sessions": [(session, statements_of(session, request.clinic)) for session in sessions],
        "assessments": [assessment for visit in chart.visits for assessment in visit.assessments.all()],
    }
    return render(request, "planning/reports/chart_print.html", {**_heading(request, patient), **context})


@require_POST
@require_permission(Permission.EXPORT_PATIENTS)
def patient_export(request, pk):
    patient = _patient(pk)
    about(request, patient)
    response = HttpResponse(export_patient(patient=patient, by=request.user), content_type="application/json")
    response["Content-Disposition"] = f'attachment; filename="patient-{patient.pk}.json"'
    return response
