"""Recording that two similar patients are different people, and undoing it."""

from django.utils import timezone

from clinic.accounts.permissions import Permission, may
from clinic.records import audit_log
from clinic.records.actions import action, require_version, store
from clinic.records.exceptions import Conflict, Refused
from clinic.records.locks import advisory_lock
from patients.people import alike
from patients.people.models.duplicates import NotSamePerson, PossibleDuplicate
from patients.people.models.patient import Patient


@action
def mark_not_same_person(*, patient, other, by, version, other_version):
    """Remove the pair from the list of possible duplicates. Repeating it succeeds.

    Raises Conflict if either is no longer at the version that was read.
    """
    one, other = _in_order(patient, other, by=by)
    if decision := NotSamePerson.objects.active().filter(one=one, other=other).first():
        return decision
    read = {patient.pk: version}
    for record in (one, other):
        seen = read.get(record.pk, other_version)
        require_version(record, seen, "One of the two records has changed. Compare them again.")
    if one.person_id == other.person_id:
        raise Refused("These records are joined as one patient. A neurologist can undo that.")
    decision = NotSamePerson(one=one, other=other, marked_by=by, marked_at=timezone.now())
    store(decision, by=by)
    _refresh(one, other)
    audit_log.record("marked as not the same person", decision, by=by, patients=[one.pk, other.pk])
    return decision


@action
def undo_not_same_person(*, patient, other, by, decision):
    """Restore the pair to the list. Repeating it succeeds.

    Raises Conflict if the decision is not the one that was read.
    """
    one, other = _in_order(patient, other, by=by)
    active = NotSamePerson.objects.active().filter(one=one, other=other).first()
    if active is None:
        return None
    if active.pk != decision:
        raise Conflict("Another user has undone this and marked the two again. Read the list again.", current=active)
    active.undone_by, active.undone_at = by, timezone.now()
    store(active, by=by)
    _refresh(one, other)
    audit_log.record("undid not the same person", active, by=by, patients=[one.pk, other.pk])
    return active


def _in_order(patient, other, *, by):
    """Both locked, in the order in which a decision stores them."""
    if not may(by, Permission.CHANGE_PATIENTS):
        raise Refused("You cannot decide about possible duplicates.")
    if patient.pk == other.pk:
        raise Refused("Choose two different records.")
    return both_locked(*sorted((patient, other), key=lambda record: record.pk))


def _refresh(one, other):
    for record in (one, other):
        PossibleDuplicate.objects.refresh(record.same_as or record)


def both_locked(patient, other):
    """Locked in the order of their ids, to avoid deadlocks. Similar patients are locked too."""
    locked = {pk: Patient.objects.locked(pk) for pk in sorted((patient.pk, other.pk))}
    records = [record for one in locked.values() for record in (one, *one.others.all())]
    advisory_lock(*alike.lock_keys(records))
    return locked[patient.pk], locked[other.pk]
