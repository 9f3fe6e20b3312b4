"""Actions for coverage and other therapies."""

from clinic.records import audit_log
from clinic.records.actions import action, store
from clinic.records.actions import change as change_record
from clinic.records.exceptions import Refused
from patients.coverage.models.coverage import Coverage
from patients.coverage.models.therapy import Therapy
from patients.people.actions.patients import patient_to_change


@action
def add_coverage(*, patient, by, **details):
    return _add(Coverage(patient=patient, recorded_by=by, **details), by=by, check=_require_an_end_after_the_beginning)


@action
def change_coverage(*, coverage, by, version, **details):
    return change_record(record=coverage, by=by, version=version, check=_require_an_end_after_the_beginning, **details)


def _require_an_end_after_the_beginning(coverage):
    if coverage.valid_from and coverage.valid_until and coverage.valid_until < coverage.valid_from:
        raise Refused("The end is before the start.", field="valid_until")


@action
def add_therapy(*, patient, by, **details):
    return _add(Therapy(patient=patient, recorded_by=by, **details), by=by)


@action
def change_therapy(*, therapy, by, version, **details):
    return change_record(record=therapy, by=by, version=version, **details)


def _add(record, *, by, check=lambda record: None):
    patient_to_change(record.patient)
    check(record)
    store(record, by=by)
    audit_log.record("added", record, by=by, patients=[record.patient_id])
    return record
