"""Prints, and plain text for other systems; each is recorded as a read of its patients."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from clinic.accounts.permissions import Permission, require_permission
from clinic.records import audit_log
from clinic.records.exceptions import Refused
from planning.session_pages.views.signing import record_context
from planning.sessions.content import day
from planning.sessions.models.session import InjectionSession
from planning.signing.as_text import record_as_text
from planning.signing.models.signed_record import SignedRecord


def _record(pk):
    record = get_object_or_404(SignedRecord, pk=pk)
    session = InjectionSession.objects.for_page().get(pk=record.session_id)
    audit_log.shown(session.visit.patient_id)
    return record_context(session, record)


@require_GET
@require_permission(Permission.SEE_SESSIONS)
def record_print(request, pk):
    context = _record(pk)
    return render(request, "planning/session_pages/record_print.html", {**context, **_as_signed(context["content"])})


def _as_signed(content):
    who = {**content["patient"], "born": day(content["patient"]["date_of_birth"])}
    return {"who": who, "clinic_name": content["clinic"]["name"]}


@require_GET
@require_permission(Permission.SEE_SESSIONS)
def record_text(request, pk):
    return HttpResponse(record_as_text(_record(pk)), content_type="text/plain; charset=utf-8")


@require_GET
@require_permission(Permission.SEE_SESSIONS)
def plan_print(request, pk):
    session = get_object_or_404(InjectionSession.objects.for_page(), pk=pk)
    audit_log.shown(session.visit.patient_id)
    if obstacle := session.plan_obstacle():
        raise Refused(obstacle)
    patient = session.visit.patient
    context = {
        "session": session,
        "patient": patient,
        "rows": session.injections.active().for_history(),
        "who": {
            "family_name": patient.family_name,
            "given_name": patient.given_name,
            "born": patient.date_of_birth.as_text(),
            "record_number": patient.record_number,
        },
        "clinic_name": request.clinic.name,
    }
    return render(request, "planning/session_pages/plan_print.html", context)
