"""Registering and changing patients."""

from django.db import IntegrityError, transaction
from django.utils import timezone

from clinic.records import audit_log
from clinic.records.actions import action, assign, is_repeat, is_stored, require_version, store
from clinic.records.exceptions import Refused
from clinic.records.locks import advisory_lock
from patients.people import alike, search
from patients.people.models.duplicates import PossibleDuplicate
from patients.people.models.patient import Patient, PatientStatus
from patients.people.models.record_number import RecordNumberCounter

COMPARED = ("family_name", "given_name", "date_of_birth", "phone")
MOST_NAMED = 10


class Alike(Refused):
    """A similar patient already exists; `patients` are the similar ones."""

    def __init__(self, patients):
        super().__init__("A similar patient is already registered. Check whether it is the same person.")
        self.patients = patients


@action
def register_patient(*, by, record_number="", although_alike=False, **details):
    """Raises Alike if a similar patient exists, unless confirmed with `although_alike`."""
    patient = Patient(**details)
    _lock_similar(patient)
    if not although_alike:
        _require_no_similar(patient)
    patient.record_number = record_number or RecordNumberCounter.objects.next_number()
    _store_unless_number_is_taken(patient, by=by)
    PossibleDuplicate.objects.refresh(patient)
    audit_log.record("registered", patient, by=by, patients=[patient.pk])
    return patient


def patient_to_change(patient):
    """The patient, locked. Raises Refused if the record was joined to another."""
    patient = Patient.objects.locked(patient.pk)
    if obstacle := patient.change_obstacle():
        raise Refused(obstacle)
    return patient


@action
def change_patient(*, patient, by, version, although_alike=False, **details):
    """Raises Conflict if the patient is no longer at `version`, and Alike if the change makes them similar to
    another.

    Repeating it succeeds.
    """
    patient = patient_to_change(patient)
    details["record_number"] = details.get("record_number") or patient.record_number
    if is_repeat(patient, details, version=version):
        return patient
    before = _compared(patient)
    assign(patient, details)
    is_compared_anew = _compared(patient) != before
    if is_compared_anew:
        _lock_similar(Patient(**before), patient, *patient.others.all())
        if not although_alike:
            _require_no_similar(patient, but_for=Patient.objects.like(**before))
    _store_unless_number_is_taken(patient, by=by)
    if is_compared_anew:
        PossibleDuplicate.objects.refresh(patient)
    audit_log.record("changed", patient, by=by, patients=[patient.pk])
    return patient


@action
def set_status(*, patient, status, by, version, status_since=None):
    """From that date, by default today. Pages use planning.actions instead, which also ends what is open."""
    patient = patient_to_change(patient)
    values = status_values(patient, status, status_since)
    if is_repeat(patient, values, version=version):
        return patient
    assign(patient, values)
    store(patient, by=by)
    audit_log.record("changed the status", patient, by=by, patients=[patient.pk])
    return patient


def status_values(patient, status, since):
    """The values to store for a new status. The date of the former status is not used for the new one."""
    is_left = since == patient.status_since and status != patient.status
    if status == PatientStatus.ACTIVE:
        since = None
    elif since is None or is_left:
        since = timezone.localdate()
    return {"status": status, "status_since": since}


@action
def review_alerts(*, patient, by, version, none_known=False, **alerts):
    """Store the reviewed alerts; if all are empty, *none known* must be confirmed.

    Repeating it succeeds. A review by another user is a new review.
    """
    patient = patient_to_change(patient)
    if not any(alerts.values()) and not none_known:
        raise Refused("Type an alert, or select “none known”.", field="none_known")
    if any(alerts.values()) and none_known:
        raise Refused("An alert is typed, so “none known” cannot be selected. Clear one of them.", field="none_known")
    if _is_reviewed_already(patient, alerts, by=by, version=version):
        return patient
    require_version(patient, version)
    assign(patient, alerts)
    patient.alerts_reviewed_at, patient.alerts_reviewed_by = timezone.now(), by
    store(patient, by=by)
    audit_log.record("reviewed alerts", patient, by=by, patients=[patient.pk])
    return patient


def _is_reviewed_already(patient, alerts, *, by, version):
    is_next = patient.alerts_reviewed_by_id == by.pk and patient.version == version + 1
    return is_next and is_stored(patient, alerts)


def _compared(patient):
    return {name: getattr(patient, name) for name in COMPARED}


def _lock_similar(*records):
    """If similar patients are sent at the same time, all but the first find the stored one."""
    reached = filter(None, (search.phone_end(record.phone) for record in records))
    advisory_lock(*alike.lock_keys(records), *(f"reached by {end}" for end in reached))


def _require_no_similar(patient, *, but_for=()):
    known = {patient.pk, *(person.pk for person in but_for)}
    if found := [person for person in Patient.objects.like(**_compared(patient)) if person.pk not in known]:
        raise Alike(found[:MOST_NAMED])


def _store_unless_number_is_taken(patient, *, by):
    try:
        with transaction.atomic():
            store(patient, by=by)
    except IntegrityError as error:
        if "record_number_is_unique" not in str(error):
            raise
        raise Refused("Another patient has this record number.", field="record_number") from error
