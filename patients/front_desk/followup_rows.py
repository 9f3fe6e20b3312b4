"""Follow-ups as rows of the list, and the way back to the list from one of them."""

from urllib.parse import urlencode

from django.db.models import Prefetch
from django.urls import reverse
from django.utils import timezone

from clinic.records.dates import format_date
from patients.followups.models.contact import ContactAttempt
from patients.people.models.person import joined_with

FILTERS = ("clinician", "kind", "only", "page")
COLUMNS = (
    "Due on", "Family name", "Given name", "Record number", "Birth date", "Phone", "Email", "Requested", "Clinician",
    "Last contact on", "How", "Outcome", "Call again on",
)  # fmt: skip
READ = (
    "kind", "due_on", "why", "postponed_until", "clinician__printed_name", "clinician__username",
    "patient__family_name", "patient__given_name", "patient__record_number", "patient__phone",
    "patient__same_as__phone",
)  # fmt: skip
NEXT_ROW = "then"  # the follow-up whose row has the focus when the user is back


def with_attempts(follow_ups):
    attempts = Prefetch("contact_attempts", ContactAttempt.objects.select_related("by"))
    followed = follow_ups.select_related("patient__same_as", "clinician")
    return followed.prefetch_related(attempts, *joined_with("patient"))


def for_rows(follow_ups):
    """With what the rows of the list show, and nothing else."""
    attempts = Prefetch("contact_attempts", ContactAttempt.objects.active().defer("by", "call_again_on", "undone_by"))
    shown = follow_ups.select_related("patient__same_as", "clinician").only(*READ)
    return shown.prefetch_related(attempts, *joined_with("patient"))


def row_of(follow_up, today):
    return {
        "follow_up": follow_up,
        **follow_up.due_shown(today),
        "book_on": max(follow_up.due_on, today),
        "last_contact": follow_up.last_contact(),
    }


def _shown(follow_up, query_string):
    """Texts that a template would make anew wherever it shows them."""
    patient, url = follow_up.patient, reverse("patients:followup-detail", args=[follow_up.pk])
    return {
        "pk": follow_up.pk,
        "due_on": format_date(follow_up.due_on),
        "postponed_until": format_date(follow_up.postponed_until) if follow_up.postponed_until else "",
        "name": str(patient),
        "patient_url": patient.get_absolute_url(),
        "record_number": patient.record_number,
        "phones": patient.phones(),
        "requested": f"{follow_up.get_kind_display()}, {follow_up.clinician}",
        "why": follow_up.why,
        "url": url,
        "book_url": f"{url}book/?{query_string}",
    }


def _contacted(attempt):
    if attempt is None:
        return "never"
    how, outcome = attempt.get_how_display().lower(), attempt.get_outcome_display().lower()
    return f"{format_date(timezone.localtime(attempt.at))}: {how}, {outcome}"


def rows_of(follow_ups, today, asked):
    """Rows that know the next one, or the one before the last, and which of them has the focus."""
    rows = [row_of(follow_up, today) for follow_up in follow_ups]
    numbers = [str(row["follow_up"].pk) for row in rows]
    following = [*numbers[1:], *numbers[-2:-1]] if len(rows) > 1 else [""] * len(rows)
    focused = asked.get(NEXT_ROW)
    if focused and focused not in numbers:
        focused = next(iter(numbers), None)
    for row, number, then in zip(rows, numbers, following, strict=True):
        row["query_string"] = urlencode({**_filters(asked), **({NEXT_ROW: then} if then else {})})
        row["has_focus"] = number == focused
        row |= _shown(row["follow_up"], row["query_string"]) | {"contacted": _contacted(row["last_contact"])}
    return rows


def back_to_the_list(asked):
    """The URL of the list with the filters of the request, and the row that follows."""
    chosen = {**_filters(asked), **({NEXT_ROW: asked[NEXT_ROW]} if asked.get(NEXT_ROW) else {})}
    return f"{reverse('patients:followup-list')}{'?' if chosen else ''}{urlencode(chosen)}"


def filters_of(asked):
    """The query string of all rows with these filters."""
    chosen = {name: value for name, value in _filters(asked).items() if name != "page"}
    return f"?{urlencode(chosen)}" if chosen else ""


def _filters(asked):
    return {name: asked[name] for name in FILTERS if asked.get(name)}


def as_table(follow_ups):
    return [COLUMNS, *map(_cells, follow_ups)]


def _cells(follow_up):
    patient, attempt = follow_up.patient, follow_up.last_contact()
    return (
        follow_up.due_on.isoformat(),
        patient.family_name,
        patient.given_name,
        patient.record_number,
        patient.date_of_birth,
        " · ".join(patient.phones()),
        " · ".join(patient.emails()),
        follow_up.get_kind_display(),
        str(follow_up.clinician),
        timezone.localdate(attempt.at).isoformat() if attempt else "",
        attempt.get_how_display() if attempt else "",
        attempt.get_outcome_display() if attempt else "",
        follow_up.postponed_until.isoformat() if follow_up.postponed_until else "",
    )
