"""Rows of an import that are future visits."""

import datetime as dt

from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils import timezone

from clinic.accounts.permissions import Permission
from clinic.models import User
from clinic.records.typed_dates import read_time
from patients.diary.models.opening_hours import VisitLength
from patients.diary.models.visit import Visit, VisitKind, possible_local_time
from patients.front_desk.actions.visits import book_visit
from patients.imports.kinds.patient_record_rows import PATIENT_FIELD, PatientRecordRows, complete_date, patient_number
from patients.imports.kinds.row_kind import PATIENT, SOURCE_FIELD, ImportField, chosen, cleaned_values, meanings_of

PAST = "This visit is in the past. Only future visits are imported."
TAKEN = "The clinician or the patient has another visit at that time."


class VisitRows(PatientRecordRows):
    name, title = "visits", "Future visits"
    model = Visit
    permission = Permission.CHANGE_DIARY
    change_obstacle = "This row has changed, and its visit is booked already. Move or cancel it in the diary."
    fields = (
        SOURCE_FIELD,
        PATIENT_FIELD,
        ImportField("day", "Date, or date and time", ("date", "datum", "start", "starts at", "appointment"),
                    is_required=True, is_date=True),
        ImportField("time", "Time", ("start time", "uhrzeit", "zeit")),
        ImportField("clinician", "Clinician: user name or printed name", ("clinician", "doctor", "arzt", "provider",
                    "physician"), is_required=True),
        ImportField("kind", "Kind of visit", ("kind", "type", "art"), is_required=True),
        ImportField("minutes", "Minutes", ("length", "dauer")),
    )  # fmt: skip

    def values_of(self, cells, order):
        patient = patient_number(cells)
        starts_at = _starts_at(cells, order)
        kind = chosen(cells["kind"], meanings_of(VisitKind), what="Kind of visit")
        minutes = cells.get("minutes") or VisitLength.objects.get(kind=kind).minutes
        return {
            PATIENT: patient,
            "starts_at": starts_at.isoformat(),
            "clinician": _clinician_named(cells["clinician"]).pk,
            **cleaned_values(Visit, {"kind": kind, "minutes": minutes}),
        }

    def label_of(self, values):
        return f"{values[PATIENT]}: {VisitKind(values['kind']).label}, {values['starts_at'][:16].replace('T', ', ')}"

    def look_up(self, rows, batch):
        super().look_up(rows, batch)
        for row in rows:
            if not row.outcome and _is_taken(row):
                row.skip(TAKEN)

    def current(self, record):
        return {}

    def details(self, values):
        return {
            "starts_at": dt.datetime.fromisoformat(values["starts_at"]),
            "clinician": User.objects.get(pk=values["clinician"]),
            "kind": values["kind"],
            "minutes": values["minutes"],
        }

    def add(self, *, patient, by, **details):
        return book_visit(patient=patient, by=by, outside_note="Imported", **details)


def _starts_at(cells, order):
    day, clock = cells["day"], cells.get("time", "")
    if not clock:
        day, _, clock = day.replace("T", " ").rpartition(" ")
    date = complete_date(day, order, "Date")
    if date is None:
        raise ValidationError("Write the date and the time, such as 2027-03-05 14:30.")
    time = read_time(clock[:5])
    starts_at = dt.datetime.combine(dt.date.fromisoformat(date), time, timezone.get_current_timezone())
    possible_local_time(starts_at)
    if starts_at <= timezone.now():
        raise ValidationError(PAST)
    return starts_at


def _clinician_named(text):
    named = Q(username__iexact=text) | Q(printed_name__iexact=text)
    found = list(User.objects.clinicians().filter(named)[:2])
    if len(found) != 1:
        raise ValidationError(f"Clinician: “{text[:40]}” is not one neurologist or trainee of this clinic.")
    return found[0]


def _is_taken(row):
    starts_at = dt.datetime.fromisoformat(row.values["starts_at"])
    ends_at = starts_at + dt.timedelta(minutes=row.values["minutes"])
    visits = Visit.objects.active().between(starts_at, ends_at)
    return visits.filter(Q(clinician=row.values["clinician"]) | Q(patient=row.patient)).exists()
