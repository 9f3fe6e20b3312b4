"""What stands around the treatment: who pays for it, and what else is tried."""

from clinic import audit
from clinic.actions import action, store
from clinic.actions import change as change_record
from clinic.exceptions import Refused
from patients.actions.patients import patient_to_change
from patients.models import Coverage, Therapy


@action
def add_coverage(*, patient, by, **details):
    _require_an_end_after_the_beginning(**details)
    return _add(Coverage, patient=patient, by=by, **details)


@action
def change_coverage(*, coverage, by, version, **details):
    _require_an_end_after_the_beginning(**details)
    return change_record(record=coverage, by=by, version=version, **details)


def _require_an_end_after_the_beginning(*, valid_from=None, valid_until=None, **details):
    if valid_from and valid_until and valid_until < valid_from:
        raise Refused("It ends before it begins.", field="valid_until")


@action
def add_therapy(*, patient, by, **details):
    return _add(Therapy, patient=patient, by=by, **details)


@action
def change_therapy(*, therapy, by, version, **details):
    return change_record(record=therapy, by=by, version=version, **details)


def _add(model, *, patient, by, **details):
    patient = patient_to_change(patient)
    record = store(model(patient=patient, recorded_by=by, **details), by=by)
    audit.record("added", record, by=by, patients=[patient.pk])
    return record
