"""Booking a visit by a plain form."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from clinic import audit
from clinic.permissions import Permission, require_permission
from patients import actions
from patients.forms import BookForm
from patients.models import Patient


@require_http_methods(["GET", "POST"])
@require_permission(Permission.CHANGE_DIARY)
def visit_book(request, pk):
    patient = get_object_or_404(Patient, pk=pk)
    audit.shown(patient)
    form = BookForm(
        request.POST if request.method == "POST" else None,
        patient=patient,
        by=request.user,
        follow_up=_follow_up_asked(request, patient),
    )
    if form.is_valid() and (visit := form.attempt_once(actions.book_visit, request=request, patient=patient)):
        messages.success(request, "The visit is booked.")
        return redirect(visit)
    return render(request, "patients/visit_book.html", {"form": form, "patient": patient}, status=form.status)


def _follow_up_asked(request, patient):
    """The open follow-up of this patient that the address names; None for any other."""
    asked = request.GET.get("follow_up")
    return next((one for one in patient.follow_ups.open() if str(one.pk) == asked), None) if asked else None
