"""Opening hours, absences, closures, visit lengths, the text of reminders, and calendar feeds."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from clinic.accounts.permissions import Permission, may, require_permission
from clinic.models import User
from clinic.web.seen import number
from patients.diary.actions.opening_hours import (
    add_absence,
    add_closure,
    change_visit_lengths,
    change_working_hours,
    remove_absence,
    remove_closure,
)
from patients.diary.actions.reminders import change_reminder_text
from patients.diary.actions.slip import change_slip_text
from patients.diary.forms import AbsenceForm, ClosureForm, HoursForm, LengthsForm, ReminderTextForm, SlipTextForm
from patients.diary.models.opening_hours import Absence, Closure, VisitLength, WorkingHours, visits_to_be_moved
from patients.diary.models.reminders import PLACES, ReminderText
from patients.diary.models.slip import SlipText


@require_GET
@require_permission(Permission.SET_HOURS)
def opening_hours(request):
    return _page(request)


def _page(request, **forms):
    failed = next(iter(forms.values()), None)
    hours = {one.clinician_id: one for one in WorkingHours.objects.all()}
    context = {
        "hours": [(clinician, hours.get(clinician.pk)) for clinician in User.objects.clinicians()],
        "absences": Absence.objects.coming(timezone.now()).select_related("clinician"),
        "closures": Closure.objects.coming(timezone.localdate()),
        "lengths": VisitLength.objects.order_by("pk"),
        "lengths_form": LengthsForm(stored=VisitLength.objects.order_by("pk")),
        "closure_form": ClosureForm(),
        "to_be_moved": visits_to_be_moved(timezone.localdate()).count(),
        **forms,
    }
    return render(request, "patients/front_desk/opening_hours.html", context, status=failed.status if failed else 200)


@require_http_methods(["GET", "POST"])
@require_permission(Permission.SET_HOURS)
def hours_change(request, pk):
    clinician = get_object_or_404(User.objects.clinicians(), pk=pk)
    stored = WorkingHours.objects.filter(clinician=clinician).first()
    form = HoursForm(request.POST if request.method == "POST" else None, stored=stored)
    if form.is_valid() and form.run(change_working_hours, clinician=clinician, by=request.user):
        return _saved(request, f"The hours of {clinician} are saved.", reverse("patients:opening-hours"))
    return _clinician(request, clinician, form=form, failed=form)


def _clinician(request, clinician, *, failed=None, **forms):
    context = {
        "clinician": clinician,
        "form": HoursForm(stored=WorkingHours.objects.filter(clinician=clinician).first()),
        "absence_form": AbsenceForm(),
        "absences": Absence.objects.coming(timezone.now()).filter(clinician=clinician).select_related("clinician"),
        **forms,
    }
    return render(request, "patients/front_desk/hours_change.html", context, status=failed.status if failed else 200)


@require_POST
@require_permission(Permission.SET_HOURS)
def absence_add(request, pk):
    clinician = get_object_or_404(User.objects.clinicians(), pk=pk)
    form = AbsenceForm(request.POST)
    if form.is_valid() and form.run_once(add_absence, request=request, clinician=clinician):
        return _saved(request, f"The absence of {clinician} is saved.", reverse("patients:hours-change", args=[pk]))
    return _clinician(request, clinician, absence_form=form, failed=form)


def _saved(request, message, page):
    messages.success(request, message)
    if may(request.user, Permission.SEE_DIARY) and (waiting := visits_to_be_moved(timezone.localdate()).count()):
        noun = "visit has" if waiting == 1 else "visits have"
        messages.warning(request, f"{waiting} booked {noun} to be moved. They are not cancelled.")
        return redirect("patients:visit-to-move")
    return redirect(page)


@require_POST
@require_permission(Permission.SET_HOURS)
def absence_remove(request, pk):
    remove_absence(absence=Absence(pk=pk), by=request.user, version=number(request))
    messages.success(request, "The absence is removed.")
    return redirect("patients:opening-hours")


@require_POST
@require_permission(Permission.SET_HOURS)
def closure_add(request):
    form = ClosureForm(request.POST)
    if form.is_valid() and form.run_once(add_closure, request=request):
        return _saved(request, "The closure is saved.", reverse("patients:opening-hours"))
    return _page(request, closure_form=form)


@require_POST
@require_permission(Permission.SET_HOURS)
def closure_remove(request, pk):
    remove_closure(closure=Closure(pk=pk), by=request.user, version=number(request))
    messages.success(request, "The closure is removed.")
    return redirect("patients:opening-hours")


@require_POST
@require_permission(Permission.SET_HOURS)
def lengths_change(request):
    form = LengthsForm(request.POST, stored=VisitLength.objects.order_by("pk"))
    if form.is_valid() and form.run(change_visit_lengths, by=request.user):
        messages.success(request, "The lengths are saved.")
        return redirect("patients:opening-hours")
    return _page(request, lengths_form=form)


@require_http_methods(["GET", "POST"])
@require_permission(Permission.CHANGE_DIARY)
def reminder_text(request):
    form = ReminderTextForm(request.POST if request.method == "POST" else None, record=ReminderText.ours())
    if form.is_valid() and form.run(change_reminder_text, by=request.user):
        messages.success(request, "The text of the reminders is saved.")
        return redirect("patients:reminder-text")
    context = {"form": form, "places": [f"{{{place}}}" for place in PLACES]}
    return render(request, "patients/front_desk/reminder_text.html", context, status=form.status)


@require_http_methods(["GET", "POST"])
@require_permission(Permission.SET_HOURS)
def slip_text(request):
    form = SlipTextForm(request.POST if request.method == "POST" else None, record=SlipText.ours())
    if form.is_valid() and form.run(change_slip_text, by=request.user):
        messages.success(request, "The text of the slip is saved.")
        return redirect("patients:slip-text")
    return render(request, "patients/front_desk/slip_text.html", {"form": form}, status=form.status)
