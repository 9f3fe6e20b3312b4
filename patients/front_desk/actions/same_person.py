"""Joining two records of one patient, and separating them again. Signed records do not change."""

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from clinic.accounts.permissions import Permission, may
from clinic.records import audit_log
from clinic.records.actions import require_version, store
from clinic.records.exceptions import Refused
from patients.diary.models.visit import Visit, VisitState
from patients.followups.models.followup import FollowUp
from patients.front_desk.actions.visits import overlap_error
from patients.people.actions.duplicates import both_locked
from patients.people.models.duplicates import PossibleDuplicate
from patients.people.models.keys import PatientKey
from patients.people.models.same_person import SamePerson
from patients.waiting.actions import move_to_joined, return_from_joined

OPEN = (VisitState.BOOKED, VisitState.ARRIVED)


def join_records(patient, other, *, reason, by, versions, staying=()):
    """Part of planning.confirm_same_person(): `other` joins `patient`, and its open visits, follow-ups
    and waiting-list entries move.

    `versions` are those of `patient` and `other` that were read. `staying` are the ids of open visits that do not
    move. Repeating it succeeds.
    """
    _require_permission(by)
    patient, other = both_locked(patient, other)
    if other.same_as_id == patient.pk:
        return other.same_person_decisions.active().get()
    for record, version in zip((patient, other), versions, strict=True):
        require_version(record, version)
    if obstacle := other.same_person_obstacle(patient):
        raise Refused(obstacle)
    decision = SamePerson(patient=patient, other=other, reason=reason, confirmed_by=by, confirmed_at=timezone.now())
    store(decision, by=by)
    visits = Visit.objects.filter(patient=other, state__in=OPEN).exclude(pk__in=staying).select_for_update()
    decision.visits_moved.set(_moved(visits, to=patient, by=by))
    follow_ups = other.follow_ups.open().select_for_update(of=("self",))
    booked_with_them = FollowUp.objects.not_closed().filter(booked_visit__in=decision.visits_moved.all())
    decision.follow_ups_moved.set(_moved([*follow_ups, *booked_with_them], to=patient, by=by))
    decision.waiting_moved.set(move_to_joined(other, to=patient, by=by))
    _link(other, patient, by=by)
    _refresh(patient, other)
    audit_log.record("confirmed the same person", decision, by=by, patients=[patient.pk, other.pk])
    return decision


def separate_records(other, *, by, version, staying=()):
    """Part of planning.undo_same_person(): what moved and did not take place returns, except the visits in
    `staying`.

    Raises Conflict if `other` is no longer at `version`. Repeating it succeeds.
    """
    _require_permission(by)
    decision = SamePerson.objects.active().filter(other=other).first()
    if decision is None:
        return None
    patient, other = both_locked(decision.patient, decision.other)
    require_version(other, version)
    visits = Visit.objects.filter(pk__in=_returning(decision, staying=staying)).select_for_update()
    returned = _moved(visits, to=other, by=by)
    follow_ups = decision.follow_ups_moved.not_closed().filter(patient=patient).select_related("booked_visit")
    _moved([one for one in follow_ups if one.is_open or one.booked_visit in returned], to=other, by=by)
    return_from_joined(decision, returned, by=by)
    _link(other, None, by=by)
    _refresh(patient, other)
    decision.undone_by, decision.undone_at = by, timezone.now()
    store(decision, by=by)
    audit_log.record("undid the same person", decision, by=by, patients=[patient.pk, other.pk])
    return decision


def _returning(decision, *, staying):
    """The ids of the visits that moved, and of those booked for follow-ups that moved, with all times of each.

    Including cancelled and no-show visits, because their follow-up returns. What is finished, or in `staying`, stays
    where it is.
    """
    of_patient = Visit.objects.filter(patient=decision.patient)
    moved = of_patient.filter(pk__in=decision.visits_moved.values("pk"))
    follow_ups = decision.follow_ups_moved.not_closed()
    rebooked = of_patient.filter(follow_ups__in=follow_ups).exclude(
        follow_ups__in=decision.patient.follow_ups.exclude(pk__in=follow_ups)
    )
    stays = {*staying, *of_patient.filter(state=VisitState.FINISHED).values_list("pk", flat=True)}
    returning = set()
    for pk in {visit.pk for visit in (*moved, *rebooked)}:
        times = _times_of(pk, among=of_patient)
        if not times & stays:
            returning |= times
    return returning


def _times_of(pk, *, among):
    """A visit, those that it was moved from, and those that it was moved to."""
    times, found = set(), {pk}
    while found:
        times |= found
        linked = among.filter(Q(moved_from__in=found) | Q(moved_to__in=found))
        found = set(linked.values_list("pk", flat=True)) - times
    return times


def _require_permission(by):
    if not may(by, Permission.CONFIRM_SAME_PERSON):
        raise Refused("Only a neurologist can confirm that two records belong to the same patient.")


def _moved(records, *, to, by):
    records = list(records)
    for record in records:
        record.patient = to
        try:
            with transaction.atomic():
                store(record, by=by)
        except IntegrityError as error:
            refused = overlap_error(error, record)
            if isinstance(refused, Refused):
                raise Refused(f"{record} overlaps with another visit. Move or cancel one of them first.") from error
            raise
    return records


def _link(other, patient, *, by):
    other.same_as = patient
    store(other, by=by)


def _refresh(patient, other):
    PatientKey.objects.refresh(patient)
    for record in (patient, other):
        PossibleDuplicate.objects.refresh(record)
