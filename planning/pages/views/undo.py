"""The Undo button of the message after a visit was booked, moved, cancelled or missed."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from clinic.accounts.permissions import Permission, require_permission
from clinic.records.local_urls import wanted_next
from clinic.web.seen import about, number
from patients.front_desk.waiting_rows import waits_again
from patients.models import Visit
from planning.pages.actions.undo import undo_booking, undo_end, undo_move


def _opened(request, pk):
    visit = get_object_or_404(Visit.objects.select_related("patient"), pk=pk)
    about(request, visit.patient_id)
    return visit


@require_POST
@require_permission(Permission.CHANGE_DIARY)
def undo_of_booking(request, pk):
    visit = _opened(request, pk)
    undo_booking(visit=visit, by=request.user, version=number(request))
    reopened = " The follow-up is open again." if visit.follow_ups.open().exists() else ""
    messages.success(
        request,
        f"Undone: {visit.patient}, {visit}, is not booked. It is marked as entered in error."
        f"{reopened}{waits_again(visit)}",
    )
    return redirect(wanted_next(request) or visit)


@require_POST
@require_permission(Permission.CHANGE_DIARY)
def undo_of_move(request, pk):
    visit = _opened(request, pk)
    former = undo_move(visit=visit, by=request.user, version=number(request))
    message = f"Undone: {visit.patient} is booked as before: {former}, with {former.clinician}."
    messages.success(request, f"{message}{waits_again(visit)}")
    return redirect(wanted_next(request) or former)


@require_POST
@require_permission(Permission.CHANGE_DIARY)
def undo_of_end(request, pk):
    visit = undo_end(visit=_opened(request, pk), by=request.user, version=number(request))
    state = visit.get_state_display().lower()
    messages.success(request, f"Undone: the visit of {visit.patient} is {state} again, with its plan and follow-up.")
    return redirect(wanted_next(request) or visit)
