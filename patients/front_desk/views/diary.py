"""The diary of a day or a week, and lists of visits that need attention."""

import datetime as dt
import uuid
from urllib.parse import urlencode

from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from clinic.accounts.permissions import Permission, may, require_permission
from clinic.models import User
from clinic.records import audit_log
from clinic.records.counts import counts_of
from clinic.records.numbers import whole_number
from clinic.web.page_numbers import page_of
from patients.coverage.models.coverage import visits_not_authorised, with_gaps
from patients.diary.grid import Grid
from patients.diary.models.opening_hours import visits_to_be_moved
from patients.diary.models.visit import Visit
from patients.diary.open_days import OpenDays
from patients.front_desk.diary_html import written_columns
from patients.front_desk.forms import ChosenTime, DiaryForm, FreeTimesForm
from patients.people.models.patient import Patient
from patients.people.models.person import joined_with

PAGE_SIZE = 50


@require_GET
@require_permission(Permission.SEE_DIARY)
def diary(request):
    clinicians = list(User.objects.clinicians())
    form = DiaryForm(request.GET, clinicians=clinicians)
    day, week, today = form.chosen_day(), form.is_week(), timezone.localdate()
    chosen, own = form.chosen_clinician(), _own_or_first(request.user, clinicians)
    clinician = chosen or (own if week else None)
    grid = _grid([clinician] if clinician else clinicians, _week_of(day) if week else [day])
    purpose = _purpose_of(request)
    step = dt.timedelta(days=7 if week else 1)
    context = {
        "form": form,
        "day": day,
        "today": today,
        "week": week,
        "clinicians": clinicians,
        "clinician": clinician,
        "on_phone": chosen or own,
        "grid": grid,
        "columns": _columns(request, grid, purpose, week=week),
        "purpose": purpose,
        "parameters": purpose["parameters"],
        "drag_key": uuid.uuid4(),
        "previous": day - step,
        "next": day + step,
        **_queries(purpose["parameters"], week=week, clinician=clinician, chosen=chosen),
        **_attention(today),
    }
    return render(request, "patients/front_desk/diary.html", context)


def _queries(parameters, *, week, clinician, chosen):
    """The query strings of links to other dates, from day to week and back, and to one clinician."""
    view = {"view": "week"} if week else {}
    whose, chosen = ({"clinician": one.pk} if one else {} for one in (clinician, chosen))
    return {
        "query_string": urlencode({**parameters, **view, **whose}),
        "other_view_query": urlencode({**parameters, **chosen}),
        "purpose_query": urlencode(parameters),
    }


def _attention(today):
    zone = timezone.get_current_timezone_name()  # what "today" is, and when it begins
    counted = {"to_be_moved": _to_be_moved, "unsettled": _unsettled, "not_authorised": _not_authorised}
    return dict(zip(counted, counts_of(*((rows, today, zone) for rows in counted.values())), strict=True))


def _to_be_moved(today, _zone):
    return visits_to_be_moved(today)


def _unsettled(today, _zone):
    return Visit.objects.unsettled(today)


def _not_authorised(today, _zone):
    return visits_not_authorised(today)


def _grid(clinicians, days):
    if not clinicians:
        return None
    grid = Grid(clinicians=clinicians, days=days)
    audit_log.shown(*(visit.patient_id for visit in grid.visits))
    return grid


def _columns(request, grid, purpose, *, week):
    can_change = may(request.user, Permission.CHANGE_DIARY)
    return written_columns(grid, purpose, week=week, can_change=can_change) if grid else []


def _own_or_first(user, clinicians):
    return next((one for one in clinicians if one.pk == user.pk), clinicians[0] if clinicians else None)


def _week_of(day):
    monday = day - dt.timedelta(days=day.weekday())
    return [monday + dt.timedelta(days=number) for number in range(7)]


def _purpose_of(request):
    """What selecting a free time does: move a visit, book for a patient, or begin a booking.

    `parameters` are those between pages of the diary, `query_string` is that of the link from a free time.
    """
    if move := _selected(Visit.objects.select_related("patient", "clinician"), request.GET.get("move")):
        audit_log.shown(move.patient_id)
        return {"move": move, "parameters": {"move": move.pk}, "url": move.get_moving_url()}
    if patient := _selected(Patient.objects, request.GET.get("patient")):
        return _booking_for(request, patient)
    return {"parameters": {}, "url": reverse("patients:visit-new")}


def _booking_for(request, patient):
    audit_log.shown(patient)
    time = ChosenTime(request.GET).chosen()
    values = {name: time[name] for name in ("kind", "minutes") if name in time}
    if follow_up := _selected(patient.follow_ups.open().select_related("clinician"), request.GET.get("follow_up")):
        values["follow_up"] = follow_up.pk
    if entry := _selected(patient.waiting_entries.open(), request.GET.get("waiting_entry")):
        values["waiting_entry"] = entry.pk
    return {
        "patient": patient,
        "follow_up": follow_up,
        "parameters": {"patient": patient.pk, **values},
        "query_string": urlencode(values),
        "url": reverse("patients:visit-book", args=[patient.pk]),
    }


def _selected(queryset, pk):
    number = whole_number(pk or "")
    return None if number is None else queryset.filter(pk=number).first()


@require_GET
@require_permission(Permission.CHANGE_DIARY)
def free_times(request):
    return render(request, "patients/front_desk/_free_times.html", {"free_form": FreeTimesForm(request.GET)})


@require_GET
@require_permission(Permission.SEE_DIARY)
def visit_to_move(request):
    visits = visits_to_be_moved(timezone.localdate()).select_related("patient__same_as", "clinician")
    visits = visits.prefetch_related("clinician__groups", *joined_with("patient"))
    page = page_of(request, visits.order_by("starts_at", "pk"), PAGE_SIZE)
    audit_log.shown(*(visit.patient_id for visit in page))
    rows = [{"visit": visit, "why": why} for visit, why in _with_reasons(list(page))]
    return render(request, "patients/front_desk/visit_to_move.html", {"page": page, "rows": rows})


def _with_reasons(visits):
    if not visits:
        return []
    last = timezone.localdate(max(visit.ends_at for visit in visits))
    open_days = OpenDays.of({visit.clinician_id for visit in visits}, visits[0].day, last)
    return [
        (
            visit,
            _obstacle(visit, open_days)
            if visit.clinician.is_clinician
            else f"{visit.clinician} no longer sees patients here.",
        )
        for visit in visits
    ]


def _obstacle(visit, open_days):
    # The note of a visit answers what existed when it was booked.
    since = visit.booked_at if visit.outside_note else None
    return open_days.obstacle(visit.clinician, visit.starts_at, visit.ends_at, since=since)


@require_GET
@require_permission(Permission.SEE_DIARY)
def visit_unsettled(request):
    visits = Visit.objects.unsettled(timezone.localdate()).select_related("patient", "clinician")
    page = page_of(request, visits, PAGE_SIZE)
    audit_log.shown(*(visit.patient_id for visit in page))
    return render(request, "patients/front_desk/visit_unsettled.html", {"page": page})


@require_GET
@require_permission(Permission.SEE_DIARY)
def visit_not_authorised(request):
    visits = visits_not_authorised(timezone.localdate()).select_related("patient__same_as", "clinician")
    visits = visits.prefetch_related(*joined_with("patient"))
    page = page_of(request, visits, PAGE_SIZE)
    audit_log.shown(*(visit.patient_id for visit in page))
    context = {"page": page, "rows": [{"visit": visit, "gaps": gaps} for visit, gaps in with_gaps(list(page))]}
    return render(request, "patients/front_desk/visit_not_authorised.html", context)
