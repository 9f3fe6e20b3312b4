"""Booking a visit: first the patient, then the time."""

from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.html import format_html
from django.views.decorators.http import require_http_methods, require_POST
from django.views.decorators.vary import vary_on_headers

from clinic.accounts.permissions import Permission, require_permission
from clinic.records.networks import wanted_next
from clinic.web.seen import about
from clinic.web.undo import offer_undo
from patients.diary.models.visit import Visit, VisitState
from patients.front_desk.actions.visits import book_visit, book_walk_in
from patients.front_desk.forms import BookForm, ChosenTime, FreeTimesForm
from patients.front_desk.here_now import walk_in
from patients.front_desk.views.patients import search_context
from patients.people.models.patient import Patient


@require_http_methods(["GET", "POST"])
@require_permission(Permission.CHANGE_DIARY)
@vary_on_headers("HX-Request")
def visit_new(request):
    """Select the patient.

    The parameters of the time are passed to the booking, also by way of registering a patient.
    """
    time = ChosenTime(request.GET)
    context = {**search_context(request), "chosen": time.chosen(), "query_string": time.query_string()}
    return render(
        request,
        "patients/front_desk/_patients_to_book.html" if request.htmx else "patients/front_desk/visit_new.html",
        context,
    )


@require_http_methods(["GET", "POST"])
@require_permission(Permission.CHANGE_DIARY)
def visit_book(request, pk):
    patient = get_object_or_404(Patient, pk=pk)
    about(request, patient)
    follow_up = _selected_follow_up(request, patient)
    form = BookForm(
        request.POST if request.method == "POST" else None,
        patient=patient,
        by=request.user,
        follow_up=follow_up,
        chosen=ChosenTime(request.GET).chosen(),
    )
    if form.is_valid() and (visit := form.run_once(book_visit, request=request, patient=patient)):
        return _booked(request, visit)
    return _booking(request, patient, form, follow_up=follow_up)


@require_POST
@require_permission(Permission.CHANGE_DIARY)
def here_now(request, pk):
    """A patient without a visit today. What is not known, such as the clinician, is asked on the booking page."""
    patient = get_object_or_404(Patient, pk=pk)
    about(request, patient)
    form = BookForm({**request.POST.dict(), **walk_in(patient, by=request.user)}, patient=patient, by=request.user)
    if form.is_valid() and (visit := form.run_once(book_walk_in, request=request, patient=patient)):
        return _booked(request, visit)
    return _booking(request, patient, form)


def _booking(request, patient, form, *, follow_up=None):
    context = {
        "form": form,
        "patient": patient,
        "follow_up": follow_up,
        "requested": patient.follow_ups.open().select_related("clinician").due_first(),
        "coming": Visit.objects.coming(timezone.localdate()).filter(patient=patient).select_related("clinician"),
        "free_form": FreeTimesForm(form.data if form.is_bound else {**form.initial, **request.GET.dict()}),
        "obstacle": patient.booking_obstacle(),
        "next": wanted_next(request),
    }
    return render(request, "patients/front_desk/visit_book.html", context, status=form.status)


def _booked(request, visit):
    elsewhere = wanted_next(request)
    offer_undo(
        request,
        _booked_elsewhere(visit) if elsewhere else _booked_in_words(visit),
        url=visit.get_undo_url("booking"),
        back=elsewhere or visit.get_absolute_url(),
        patient=visit.patient,
        version=visit.version,
    )
    return redirect(elsewhere or visit)


def _booked_in_words(visit):
    requests = " ".join(
        f"{follow_up.request_in_words()}." for follow_up in visit.follow_ups.select_related("clinician")
    )
    booked = "Booked, and marked as arrived" if visit.state == VisitState.ARRIVED else "Booked"
    return f"{booked}: {visit}, with {visit.clinician}. {requests}".strip()


def _booked_elsewhere(visit):
    """On a page about others, with a link to the visit, where it can be moved or cancelled."""
    link = format_html('<a href="{}">{}</a>', visit.get_absolute_url(), visit)
    return format_html("Booked: {}, {}, with {}.", visit.patient, link, visit.clinician)


def _selected_follow_up(request, patient):
    number = request.GET.get("follow_up")
    open_ones = patient.follow_ups.open().select_related("clinician") if number else ()
    return next((one for one in open_ones if str(one.pk) == number), None)
