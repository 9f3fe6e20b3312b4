"""Actions for coverage and other therapies."""

from clinic.records import audit_log
from clinic.records.actions import action, require_possible, store
from clinic.records.actions import change as change_record
from patients.coverage.models.coverage import Coverage
from patients.coverage.models.therapy import Therapy
from patients.people.actions.patients import patient_to_change


@action
def add_coverage(*, patient, by, **details):
    return _add(Coverage(patient=patient, recorded_by=by, **details), by=by)


@action
def change_coverage(*, coverage, by, version, **details):
    return change_record(record=coverage, by=by, version=version, **details)


@action
def add_therapy(*, patient, by, **details):
    return _add(Therapy(patient=patient, recorded_by=by, **details), by=by)


@action
def change_therapy(*, therapy, by, version, **details):
    return change_record(record=therapy, by=by, version=version, **details)


def _add(record, *, by):
    patient_to_change(record.patient)
    require_possible(record)
    store(record, by=by)
    audit_log.record("added", record, by=by, patients=[record.patient_id])
    return record
