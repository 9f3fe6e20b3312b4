"""Registering many patients at once, as an import does, and removing those that it registered."""

from django.db import transaction

from clinic.records.actions import store_new
from patients.people import search
from patients.people.models.duplicates import PossibleDuplicate
from patients.people.models.identifier import PatientIdentifier
from patients.people.models.keys import PatientKey
from patients.people.models.patient import Patient
from patients.people.models.record_number import RecordNumberCounter

BATCH = 500


@transaction.atomic
def register_many(patients, *, by):
    """A few statements for any number of new patients. Those without a record number get one.

    Part of an action, which asks about similar patients before, and writes the audit entry.
    """
    without_number = [patient for patient in patients if not patient.record_number]
    numbers = RecordNumberCounter.objects.next_numbers(len(without_number))
    for patient, number in zip(without_number, numbers, strict=True):
        patient.record_number = number
    for patient in patients:
        patient.set_sort_name()
    store_new(patients, by=by)
    PatientKey.objects.bulk_create(
        (PatientKey(patient=patient, key=key) for patient in patients for key in sorted(search.keys_of(patient))),
        batch_size=5 * BATCH,
    )


def identify(identifiers):
    """Add (patient, system, value) that are not listed yet, with the keys by which they are found."""
    rows = [PatientIdentifier(patient=patient, system=system, value=value) for patient, system, value in identifiers]
    for row in rows:
        row.clean_fields(exclude=["patient"])
    PatientIdentifier.objects.bulk_create(rows, ignore_conflicts=True, batch_size=BATCH)
    keys = {(row.patient.person_id, search.whole_key(row.value)) for row in rows}
    PatientKey.objects.bulk_create(
        (PatientKey(patient_id=patient, key=key) for patient, key in sorted(keys)), ignore_conflicts=True,
        batch_size=BATCH,
    )  # fmt: skip


def note_similar(pairs):
    """`pairs` of ids of people who may be one."""
    ordered = {tuple(sorted(pair)) for pair in pairs if pair[0] != pair[1]}
    PossibleDuplicate.objects.bulk_create(
        (PossibleDuplicate(one_id=one, other_id=other) for one, other in sorted(ordered)), ignore_conflicts=True
    )


@transaction.atomic
def remove_many(ids):
    """Patients to whom nothing was added, with their history. Raises ProtectedError if anything refers to one."""
    PatientIdentifier.objects.filter(patient__in=ids).delete()
    Patient.objects.filter(pk__in=ids).delete()
    Patient.history.filter(id__in=ids).delete()
