"""The list of possible duplicates, and decisions about a pair."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from clinic.accounts.permissions import Permission, require_permission
from clinic.records import audit_log
from clinic.web.page_numbers import page_of
from clinic.web.seen import about
from patients.people.actions.duplicates import mark_not_same_person, undo_not_same_person
from patients.people.forms.duplicates import NotSamePersonForm, UndoNotSamePersonForm
from patients.people.models.duplicates import PossibleDuplicate
from patients.people.models.patient import Patient

PAGE_SIZE = 50


@require_GET
@require_permission(Permission.SEE_PATIENTS)
def duplicate_list(request):
    decided = request.GET.get("only") == "decided"
    pairs = PossibleDuplicate.objects.decided() if decided else PossibleDuplicate.objects.undecided()
    pairs = pairs.select_related("one", "other", "decision__marked_by").prefetch_related("one__others", "other__others")
    page = page_of(request, pairs, PAGE_SIZE)
    audit_log.shown(*(record for pair in page for record in pair.records()))
    return render(request, "patients/front_desk/duplicate_list.html", {"page": page, "decided": decided})


@require_POST
@require_permission(Permission.CHANGE_PATIENTS)
def duplicate_mark(request, pk, same):
    patient, other = _both(request, pk, same)
    seen = NotSamePersonForm(request.POST).seen()
    mark_not_same_person(patient=patient, other=other, by=request.user, **seen)
    messages.success(request, f"{patient.record_number} and {other.record_number}: not the same person.")
    return redirect("patients:duplicate-list")


@require_POST
@require_permission(Permission.CHANGE_PATIENTS)
def duplicate_unmark(request, pk, same):
    patient, other = _both(request, pk, same)
    seen = UndoNotSamePersonForm(request.POST).seen()
    undo_not_same_person(patient=patient, other=other, by=request.user, **seen)
    messages.success(request, f"{patient.record_number} and {other.record_number} can be compared again.")
    return redirect("patients:duplicate-list")


def _both(request, pk, same):
    both = [get_object_or_404(Patient.objects.select_related("same_as"), pk=one) for one in (pk, same)]
    about(request, *both)
    return both
