"""Booking a visit: first the patient, then the time."""

from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.html import format_html
from django.views.decorators.http import require_http_methods, require_POST
from django.views.decorators.vary import vary_on_headers

from clinic.accounts.permissions import Permission, require_permission
from clinic.records.local_urls import wanted_next
from clinic.records.numbers import whole_number
from clinic.records.together import read_together
from clinic.web.seen import about
from clinic.web.undo import offer_undo
from patients.diary.models.visit import Visit, VisitState
from patients.followups.models.followup import FollowUp
from patients.front_desk.actions.visits import book_visit, book_walk_in
from patients.front_desk.forms import BookForm, ChosenTime, FreeTimesForm
from patients.front_desk.here_now import walk_in
from patients.front_desk.views.patients import search_context
from patients.front_desk.views.slips import with_link_to_slip
from patients.front_desk.waiting_rows import booked_from_list, offer_at
from patients.people.opened_patient import patient_or_404
from patients.waiting.models.waiting_entry import WaitingEntry


@require_http_methods(["GET", "POST"])
@require_permission(Permission.CHANGE_DIARY)
@vary_on_headers("HX-Request")
def visit_new(request):
    """Select the patient.

    The parameters of the time are passed to the booking, also by way of registering a patient.
    """
    time = ChosenTime(request.GET)
    context = {**search_context(request), "chosen": time.chosen(), "query_string": time.query_string()}
    if not request.htmx and (chosen := time.starts_at()):
        context["offer"] = offer_at(time.cleaned_data["clinician"], chosen)
    return render(
        request,
        "patients/front_desk/_patients_to_book.html" if request.htmx else "patients/front_desk/visit_new.html",
        context,
    )


@require_http_methods(["GET", "POST"])
@require_permission(Permission.CHANGE_DIARY)
def visit_book(request, pk):
    patient = patient_or_404(pk)
    about(request, patient)
    follow_up = _selected(request, "follow_up", patient.follow_ups.open().select_related("clinician"))
    entry = _selected(request, "waiting_entry", patient.waiting_entries)
    form = BookForm(
        request.POST if request.method == "POST" else None,
        patient=patient,
        by=request.user,
        follow_up=follow_up,
        follow_ups=(rows := _rows_of(patient))[0],
        chosen=ChosenTime(request.GET).chosen() | ({"waiting_entry": entry.pk} if entry else {}),
    )
    if form.is_valid() and (visit := form.run_once(book_visit, request=request, patient=patient)):
        return _booked(request, visit)
    return _booking(request, patient, form, rows, follow_up=follow_up)


@require_POST
@require_permission(Permission.CHANGE_DIARY)
def here_now(request, pk):
    """A patient without a visit today. What is not known, such as the clinician, is asked on the booking page."""
    patient = patient_or_404(pk)
    about(request, patient)
    form = BookForm({**request.POST.dict(), **walk_in(patient, by=request.user)}, patient=patient, by=request.user)
    if form.is_valid() and (visit := form.run_once(book_walk_in, request=request, patient=patient)):
        return _booked(request, visit)
    return _booking(request, patient, form, _rows_of(patient))


def _rows_of(patient):
    """The follow-ups and entries of the waiting list that are open, and the coming visits."""
    today = timezone.localdate(), timezone.get_current_timezone_name()
    pk = patient.pk
    return read_together((FollowUp.objects.open_of, pk), (WaitingEntry.objects.open_of, pk), (_coming, pk, *today))


def _coming(patient, today, _zone):
    return Visit.objects.coming(today).filter(patient=patient).select_related("clinician")


def _booking(request, patient, form, rows, *, follow_up=None):
    requested, waiting, coming = rows
    context = {
        "form": form,
        "patient": patient,
        "follow_up": follow_up,
        "requested": requested,
        "waiting": waiting,
        "coming": coming,
        "free_form": FreeTimesForm(form.data if form.is_bound else {**form.initial, **request.GET.dict()}),
        "obstacle": patient.booking_obstacle(),
        "next": wanted_next(request),
    }
    return render(request, "patients/front_desk/visit_book.html", context, status=form.status)


def _booked(request, visit):
    elsewhere = wanted_next(request)
    message = _booked_elsewhere(visit) if elsewhere else _booked_message(visit)
    offer_undo(
        request,
        with_link_to_slip(format_html("{}{}", message, booked_from_list(visit)), visit),
        url=visit.get_undo_url("booking"),
        back=elsewhere or visit.get_absolute_url(),
        patient=visit.patient,
        version=visit.version,
    )
    return redirect(elsewhere or visit)


def _booked_message(visit):
    requests = " ".join(f"{follow_up.request_text()}." for follow_up in visit.follow_ups.select_related("clinician"))
    booked = "Booked, and marked as arrived" if visit.state == VisitState.ARRIVED else "Booked"
    return f"{booked}: {visit}, with {visit.clinician}. {requests}".strip()


def _booked_elsewhere(visit):
    """On a page about others, with a link to the visit, where it can be moved or cancelled."""
    link = format_html('<a href="{}">{}</a>', visit.get_absolute_url(), visit)
    return format_html("Booked: {}, {}, with {}.", visit.patient, link, visit.clinician)


def _selected(request, name, records):
    number = whole_number(request.GET.get(name, ""))
    return None if number is None else records.filter(pk=number).first()
