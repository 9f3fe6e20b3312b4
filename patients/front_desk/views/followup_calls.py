"""A call about a follow-up: free times to book, the patient's phone numbers, and how the call ended."""

import uuid

from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET
from django.views.decorators.vary import vary_on_headers

from clinic.accounts.permissions import Permission, require_permission
from clinic.records.dates import start_of
from patients.diary.free_times import next_free_times
from patients.diary.models.opening_hours import VisitLength
from patients.followups.models.contact import USUAL_OUTCOMES, ContactOutcome, ContactWay
from patients.front_desk.followup_rows import back_to_the_list, row_of
from patients.front_desk.views.followups import opened_follow_up

TIMES_OFFERED = 5
KEYS = {
    ContactWay.PHONE: "p",
    ContactWay.TEXT_MESSAGE: "x",
    ContactWay.EMAIL: "e",
    ContactWay.LETTER: "l",
    ContactWay.IN_PERSON: "i",
    ContactOutcome.REACHED: "r",
    ContactOutcome.NO_ANSWER: "o",
    ContactOutcome.MESSAGE_LEFT: "m",
    ContactOutcome.SENT: "s",
    ContactOutcome.WILL_CALL_BACK: "b",
    ContactOutcome.WRONG_CONTACT: "w",
}


@require_GET
@require_permission(Permission.CHANGE_DIARY)
@vary_on_headers("HX-Request")
def followup_book(request, pk):
    """In the row of the list, or as a page without scripts."""
    follow_up = opened_follow_up(request, pk)
    row = row_of(follow_up, timezone.localdate())
    minutes = VisitLength.objects.get(kind=follow_up.visit_kind).minutes
    obstacle = _obstacle(follow_up)
    context = {
        "follow_up": follow_up,
        "patient": follow_up.patient,
        "row": row,
        "minutes": minutes,
        "obstacle": obstacle,
        "times": [] if obstacle else _free_times(follow_up, minutes, row["book_on"]),
        "booking_key": uuid.uuid4(),
        "contact_key": uuid.uuid4(),
        "ways": ways_of_contact(),
        "next": back_to_the_list(request.GET),
    }
    name = "_followup_call" if request.htmx else "followup_book"
    return render(request, f"patients/front_desk/{name}.html", context)


def ways_of_contact():
    """Each way with its usual outcomes, one button each, and their keys in the opened row."""
    return [
        {**_choice(way), "outcomes": [_choice(outcome) for outcome in outcomes]}
        for way, outcomes in USUAL_OUTCOMES.items()
    ]


def _choice(value):
    return {"value": value.value, "label": value.label, "key": KEYS[value]}


def _obstacle(follow_up):
    if follow_up.is_without_clinician:
        return f"{follow_up.clinician} no longer sees patients here. Hand the follow-up over first."
    return follow_up.patient.booking_obstacle()


def _free_times(follow_up, minutes, day):
    since = max(start_of(day), timezone.now())
    return next_free_times(clinicians=[follow_up.clinician], minutes=minutes, since=since, most=TIMES_OFFERED)
