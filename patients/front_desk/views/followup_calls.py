"""A call about a follow-up: the patient's phone numbers, and how the call ended."""

from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET
from django.views.decorators.vary import vary_on_headers

from clinic.accounts.permissions import Permission, require_permission
from patients.followups.forms import ContactForm
from patients.followups.models.contact import ContactOutcome, ContactWay
from patients.front_desk.followup_rows import back_to_the_list, row_of
from patients.front_desk.views.followups import opened_follow_up


@require_GET
@require_permission(Permission.CHANGE_DIARY)
@vary_on_headers("HX-Request")
def followup_book(request, pk):
    """In the row of the list, or as a page without scripts."""
    follow_up = opened_follow_up(request, pk)
    context = {
        "follow_up": follow_up,
        "patient": follow_up.patient,
        "row": row_of(follow_up, timezone.localdate()),
        "contact_form": ContactForm(follow_up=follow_up),
        "ways": ContactWay.choices,
        "usual_way": ContactWay.PHONE,
        "outcomes": ContactOutcome.choices,
        "next": back_to_the_list(request.GET),
    }
    name = "_followup_call" if request.htmx else "followup_book"
    return render(request, f"patients/front_desk/{name}.html", context)
