"""The pages of responses and adverse events, and of entries in error."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from clinic.accounts.permissions import Permission, require_permission
from clinic.records import audit_log
from clinic.records.local_urls import wanted_next
from clinic.records.numbers import whole_number
from clinic.web.forms import CreationForm
from clinic.web.seen import about
from patients.diary.opened_visit import visit_or_404
from patients.models import Visit
from patients.people.views.corrections import correction_view
from planning.course.actions.course import change_event, change_response, record_event, record_response
from planning.course.course_reads import given_session_or_404
from planning.course.forms.course import EventForm, NewEventForm, NewResponseForm, ResponseForm
from planning.course.models.adverse_event import AdverseEvent
from planning.course.models.assessment import Assessment
from planning.course.models.response import Response
from planning.course.models.session_elsewhere import SessionElsewhere
from planning.course.patient_course import before_treatment


def opened_visit(request, pk):
    visit = visit_or_404(pk)
    about(request, visit.patient_id)
    return visit


def _save(request, form, create, change, stored, **about_new):
    """Call `create` with `about_new`, or `change` with `stored`, which is {parameter: record}."""
    if isinstance(form, CreationForm):
        return form.run_once(create, request=request, **about_new)
    return form.run(change, by=request.user, **stored)


@require_http_methods(["GET", "POST"])
@require_permission(Permission.CHANGE_COURSE)
def response(request, pk, session):
    visit, session = opened_visit(request, pk), _given_session(session)
    if session.visit.patient_id not in visit.patient.record_ids():
        raise Http404
    responses = Response.objects.active().for_page().filter(session=session)
    stored = responses.filter(visit=visit).first()
    data = request.POST if request.method == "POST" else None
    new = NewResponseForm(data, session=session)
    form = new if stored is None or new.was_sent else ResponseForm(data, session=session, record=stored)
    if form.is_valid() and _save(
        request, form, record_response, change_response, {"response": stored}, session=session, visit=visit
    ):
        messages.success(request, "The response is saved.")
        return redirect(wanted_next(request) or visit)
    context = {
        "visit": visit,
        "patient": visit.patient,
        "session": session,
        "record": stored,
        "correction": "planning:response-error",
        "form": form,
        "action": request.path,
        "others": responses.exclude(visit=visit),
        "obstacle": visit.attending_obstacle(),
    }
    return render(request, "planning/course/response.html", context, status=form.status)


def _given_session(pk):
    session = given_session_or_404(pk)
    audit_log.shown(session.visit.patient_id)
    return session


@require_http_methods(["GET", "POST"])
@require_permission(Permission.CHANGE_COURSE)
def event_record(request, pk):
    session = _given_session(pk)
    about(request, session.visit.patient_id)
    visit = whole_number(request.GET.get("visit", ""))
    reported_at = None if visit is None else Visit.objects.filter(pk=visit).first()
    form = NewEventForm(request.POST if request.method == "POST" else None, session=session, visit=reported_at)
    if form.is_valid() and (event := form.run_once(record_event, request=request, session=session)):
        messages.success(request, "The adverse event is recorded.")
        return redirect(event.visit or session.visit.patient)
    return _event_page(request, session, form)


@require_http_methods(["GET", "POST"])
@require_permission(Permission.CHANGE_COURSE)
def event_change(request, pk):
    event = get_object_or_404(AdverseEvent.objects.for_page(), pk=pk)
    session = _given_session(event.session_id)
    about(request, session.visit.patient_id)
    event.session = session
    form = EventForm(request.POST if request.method == "POST" else None, session=session, record=event)
    if form.is_valid() and form.run(change_event, event=event, by=request.user):
        messages.success(request, "The adverse event is saved.")
        return redirect(session.visit.patient)
    return _event_page(request, session, form, event=event)


def _event_page(request, session, form, event=None):
    context = {
        "session": session,
        "patient": session.visit.patient,
        "record": event,
        "correction": "planning:event-error",
        "form": form,
        "action": request.get_full_path(),
        "before": before_treatment(session),
        "others": session.adverse_events.active().exclude(pk=event and event.pk).order_by("pk"),
    }
    return render(request, "planning/course/event.html", context, status=form.status)


def _patients_page(record):
    return record.patient.get_absolute_url()


def _correction(model):
    records = model.objects.for_page().all
    return correction_view(records, permission=Permission.CHANGE_COURSE, back=_patients_page)


elsewhere_error = correction_view(
    SessionElsewhere.objects.select_related("patient__same_as").all,
    permission=Permission.CHANGE_COURSE,
    back=_patients_page,
)
assessment_error, response_error, event_error = map(_correction, (Assessment, Response, AdverseEvent))
