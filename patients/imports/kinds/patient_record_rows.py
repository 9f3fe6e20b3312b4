"""Rows about patients who are registered already: each names its patient by a number."""

from django.core.exceptions import ValidationError

from clinic.records.exceptions import Refused
from clinic.records.text import cleaned
from patients.imports.dates_in_files import read_date_in
from patients.imports.dose_like import require_no_dose
from patients.imports.kinds.row_kind import (
    PATIENT,
    PATIENT_HEADINGS,
    SOURCE_ID,
    ImportField,
    RowKind,
    cleaned_values,
    json_value,
    python_values,
    require_cell,
)
from patients.imports.models.imported_record import ImportedRecord
from patients.people.models.identifier import PatientIdentifier
from patients.people.models.patient import Patient

ANOTHER_PATIENT = "The file names another patient for this ID. Mark the record as entered in error, and add it again."
PATIENT_FIELD = ImportField(
    PATIENT,
    "Patient: ID in the other system, or record number",
    ("patient", "record number", *PATIENT_HEADINGS),
    is_required=True,
)


def patient_number(cells):
    require_cell(cells, PATIENT, label="Patient")
    return cleaned(cells[PATIENT])


class PatientRecordRows(RowKind):
    """Rows of one model with a patient. `add` and `edit` are its actions."""

    free_texts = ()

    def read(self, cells, order):
        """The texts of the model's fields: dates in ISO 8601. Subclasses read what is not as it is stored."""
        texts = {}
        for name, text in cells.items():
            field = self.field(name)
            if name in (SOURCE_ID, PATIENT):
                continue
            texts[name] = complete_date(text, order, field.label) if field.is_date else text
        return texts

    def values_of(self, cells, order):
        patient = patient_number(cells)
        for name in self.free_texts:
            require_no_dose(cells.get(name, ""))
        values = cleaned_values(self.model, self.read(cells, order))
        if obstacles := self.model(**python_values(self.model, values)).obstacles():
            raise ValidationError(list(obstacles.values()))
        return {PATIENT: patient, **values}

    def look_up(self, rows, batch):
        patients = patients_named({row.values[PATIENT] for row in rows}, source=batch.source)
        for row in rows:
            row.patient = patients.get(row.values[PATIENT].lower())
            if row.patient is None:
                row.skip(f"No patient has the number {row.values[PATIENT][:40]}. Import the patients first.")

    def details(self, values):
        return python_values(self.model, {name: value for name, value in values.items() if name != PATIENT})

    def current(self, record):
        return {
            field.name: json_value(getattr(record, field.name))
            for field in self.fields
            if field.name not in (SOURCE_ID, PATIENT)
        }

    def create(self, rows, *, batch, by):
        patients = Patient.objects.in_bulk({row.patient for row in rows})
        for row in rows:
            with row.skipped_if_rejected():
                record = self.add(patient=patients[row.patient], by=by, **self.details(row.values))
                row.record, row.stored_version = record.pk, record.version

    def change(self, record, changes, *, version, by):
        if PATIENT in changes:
            raise Refused(ANOTHER_PATIENT)
        return self.edit(record, by=by, version=version, **self.details(changes))

    def add(self, *, patient, by, **details):
        raise NotImplementedError

    def edit(self, record, *, by, version, **details):
        raise NotImplementedError


def complete_date(text, order, label):
    """In ISO 8601, or None. Raises ValidationError if a part of the date is missing."""
    if not text:
        return None
    date = read_date_in(text, order)
    if not date.is_complete:
        raise ValidationError(f"{label}: “{text[:40]}” has no day. Write the whole date.")
    return str(date)


def patients_named(numbers, *, source):
    """{number in lower case: id of the patient}: by the ID of this source, the record number, or an identifier."""
    found = {}
    for identifier in PatientIdentifier.objects.filter(value__in=numbers).select_related("patient"):
        found.setdefault(identifier.value.lower(), set()).add(identifier.patient.person_id)
    named = {number: ids.pop() for number, ids in found.items() if len(ids) == 1}
    named |= {each.record_number.lower(): each.person_id for each in Patient.objects.with_record_numbers(numbers)}
    links = ImportedRecord.objects.filter(kind="patients", source=source, source_id__in=numbers)
    ids = dict(links.values_list("source_id", "record"))
    people = {patient.pk: patient.person_id for patient in Patient.objects.filter(pk__in=ids.values())}
    return named | {number.lower(): people[pk] for number, pk in ids.items() if pk in people}
