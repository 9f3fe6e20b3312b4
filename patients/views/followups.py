"""The follow-ups that wait for a visit."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from clinic import audit
from clinic.permissions import Permission, require_permission
from patients import actions
from patients.forms import CloseForm
from patients.models import FollowUp

PAGE_SIZE = 50


@require_GET
@require_permission(Permission.SEE_DIARY)
def followup_list(request):
    return _page(request)


@require_POST
@require_permission(Permission.CHANGE_DIARY)
def followup_close(request, pk):
    follow_up = get_object_or_404(_for_the_desk(), pk=pk)
    form = CloseForm(request.POST, follow_up=follow_up)
    if form.is_valid() and form.attempt(actions.close_follow_up, follow_up=follow_up, by=request.user):
        messages.success(request, "The follow-up is closed.")
        return redirect("patients:followup-list")
    return _page(request, failed=_row(follow_up, form), status=form.status)


def _for_the_desk():
    return FollowUp.objects.select_related("patient", "clinician", "booked_visit")


def _page(request, *, failed=None, status=200):
    """One page of the list; the row whose form failed stands in its place, or first where it has none."""
    today = timezone.localdate()
    page = Paginator(_for_the_desk().open().due_first(), PAGE_SIZE).get_page(request.GET.get("page"))
    rows = [_row(follow_up) for follow_up in page]
    if failed:
        rows = [failed if row["follow_up"] == failed["follow_up"] else row for row in rows]
        rows = rows if failed in rows else [failed, *rows]
    audit.shown(*(row["follow_up"].patient_id for row in rows))
    context = {
        "page": page,
        "rows": rows,
        "overdue": FollowUp.objects.overdue(today).count(),
        "due_this_week": FollowUp.objects.due_this_week(today).count(),
    }
    return render(request, "patients/followup_list.html", context, status=status)


def _row(follow_up, form=None):
    today = timezone.localdate()
    return {
        "follow_up": follow_up,
        "due": follow_up.due_in_words(today),
        "is_overdue": follow_up.is_overdue(today),
        "form": form or CloseForm(follow_up=follow_up),
    }
