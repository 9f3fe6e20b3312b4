"""Entries of the waiting list as rows, each with the ways to book it."""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.contrib import messages
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html

from clinic.records import audit_log
from clinic.records.text import counted
from patients.diary.models.visit import Visit, VisitState
from patients.waiting.models.waiting_entry import WaitingEntry
from patients.waiting.openings import Opening, opening_after, opening_at

COLUMNS = (
    "Added on", "Family name", "Given name", "Record number", "Birth date", "Phone", "Email", "Kind of visit",
    "Clinician", "From", "Until", "Days", "Booked on",
)  # fmt: skip


@dataclass(frozen=True)
class Offer:
    """A free time, and the patients who could take it."""

    opening: Opening
    rows: list


def rows_of(entries):
    entries = list(entries)
    coming = _coming_visits(entries)
    today = timezone.localdate()
    return [
        {
            "entry": entry,
            "coming": coming.get((entry.patient_id, entry.kind)),
            "is_over": entry.is_over(today),
            "clinician_has_left": entry.clinician is not None and not entry.clinician.is_clinician,
            "booking_url": booking_url(entry, **({"day": entry.from_on} if entry.from_on > today else {})),
        }
        for entry in entries
    ]


def _coming_visits(entries):
    """The next booked visit by patient and kind: it can be moved to an earlier time."""
    patients = {entry.patient_id for entry in entries}
    visits = Visit.objects.filter(patient__in=patients, state=VisitState.BOOKED, starts_at__gt=timezone.now())
    return {(visit.patient_id, visit.kind): visit for visit in visits.order_by("-starts_at", "-pk")}


def booking_url(entry, **time):
    clinician = {"clinician": entry.clinician_id} if entry.clinician_id else {}
    parameters = {"waiting_entry": entry.pk, "kind": entry.kind, **clinician, **time}
    return f"{reverse('patients:visit-book', args=[entry.patient_id])}?{urlencode(parameters)}"


def offer_after(visit):
    """For the time that a cancelled or moved visit left free; None if no patient could take it."""
    opening = opening_after(visit)
    return _offer(opening, but_for=visit.patient_id) if opening else None


def offer_at(clinician, starts_at):
    opening = opening_at(clinician, starts_at)
    return _offer(opening) if opening else None


def _offer(opening, *, but_for=None):
    found = opening.entries(but_for=but_for)
    rows = rows_of(entry for entry, _ in found)
    audit_log.shown(*(entry.patient_id for entry, _ in found))
    local = timezone.localtime(opening.starts_at)
    time = {"clinician": opening.clinician.pk, "day": local.date(), "time": f"{local:%H:%M}"}
    for row, (entry, minutes) in zip(rows, found, strict=True):
        row["booking_url"] = booking_url(entry, **time, minutes=minutes)
        if row["coming"]:
            row["moving_url"] = f"{row['coming'].get_moving_url()}?{urlencode(time)}"
    return Offer(opening, rows) if rows else None


def tell_who_waits(request, visit):
    """A message on another page, with the way to the names, which are on the page of the visit."""
    if offer := offer_after(visit):
        link = format_html('<a href="{}#waiting">{}</a>', visit.get_absolute_url(), counted(len(offer.rows), "patient"))
        messages.info(request, format_html("On the waiting list, {} could take the time that is free now.", link))


def booked_from_list(visit):
    """What the message about a booking or a move adds; empty if the patient did not wait for it."""
    kinds = [entry.get_kind_display().lower() for entry in visit.waiting_entries.order_by("pk")]
    return f" No longer on the waiting list: {', '.join(kinds)}." if kinds else ""


def waits_again(visit):
    """What the message about a visit that is entered in error adds."""
    is_again = WaitingEntry.objects.open_again_after(visit).exists()
    return " The patient is on the waiting list again." if is_again else ""


def as_table(rows):
    return [COLUMNS, *map(_cells, rows)]


def _cells(row):
    entry, coming = row["entry"], row["coming"]
    patient = entry.patient
    return (
        timezone.localdate(entry.added_at).isoformat(),
        patient.family_name,
        patient.given_name,
        patient.record_number,
        patient.date_of_birth,
        " · ".join(patient.phones()),
        " · ".join(patient.emails()),
        entry.get_kind_display(),
        str(entry.clinician or ""),
        entry.from_on.isoformat(),
        entry.until.isoformat() if entry.until else "",
        entry.days_text(),
        coming.day.isoformat() if coming else "",
    )
