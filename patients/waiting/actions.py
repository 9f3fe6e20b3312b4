"""The waiting list: adding, changing and removing an entry. Booking a visit ends one, and is an action of its own."""

from django.db import IntegrityError, transaction
from django.utils import timezone

from clinic.records import audit_log
from clinic.records.actions import action, assign, is_repeat, is_stored, require_possible, store
from clinic.records.exceptions import Refused
from patients.diary.models.visit import VisitState
from patients.people.actions.patients import patient_to_change
from patients.waiting.models.waiting_entry import WaitingEntry

NO_LONGER_WAITING = "The patient is no longer on the waiting list with this entry"
JOINED = "The same person is on the waiting list with another record."


@action
def add_to_waiting_list(*, patient, by, **wishes):
    """Raises Refused if the patient already waits for this kind of visit, or cannot be booked."""
    patient = patient_to_change(patient)
    if obstacle := patient.booking_obstacle():
        raise Refused(obstacle)
    entry = WaitingEntry(patient=patient, added_by=by, added_at=timezone.now(), **wishes)
    _store_if_only(entry, by=by)
    audit_log.record("added to waiting list", entry, by=by, patients=[patient.pk])
    return entry


@action
def change_waiting_entry(*, entry, by, version, **wishes):
    """Repeating it succeeds."""
    entry = WaitingEntry.objects.locked(entry.pk)
    _require_open(entry)
    if is_repeat(entry, wishes, version=version):
        return entry
    assign(entry, wishes)
    _store_if_only(entry, by=by)
    audit_log.record("changed", entry, by=by, patients=[entry.patient_id])
    return entry


@action
def remove_from_waiting_list(*, entry, reason, by, version):
    """Repeating it succeeds."""
    if not reason:
        raise Refused("Enter a reason for removing it.", field="reason")
    entry = WaitingEntry.objects.locked(entry.pk)
    values = {"removed_reason": reason, "ended_by": by}
    if not is_stored(entry, values):
        _require_open(entry)
    if is_repeat(entry, values, version=version):
        return entry
    _remove(entry, reason, by=by)
    audit_log.record("removed from waiting list", entry, by=by, patients=[entry.patient_id])
    return entry


def end_with_visit(visit, *, by, entry=None):
    """Part of booking: the open entries of the patient that the visit meets, and `entry` in any case, are booked.

    Raises Refused if `entry` is no longer open, so that two users do not book the same patient twice.
    """
    waiting = list(_open_entries_of(visit.patient_id))
    if entry is not None and entry not in waiting:
        raise Refused(_why_ended(WaitingEntry.objects.select_related("booked_visit").get(pk=entry.pk)))
    for each in waiting:
        if each == entry or each.is_met_by(visit):
            each.ended_at, each.ended_by, each.booked_visit = timezone.now(), by, visit
            store(each, by=by)


def reopen_if_in_error(visit, *, by):
    """Part of marking a visit as entered in error, as the undo of a booking or a move does: what it ended is open.

    A patient who is no longer treated here, or is on the list again, does not return to it.
    """
    if visit.state != VisitState.ENTERED_IN_ERROR:
        return
    for entry in visit.waiting_entries.select_for_update():
        former, entry.patient = entry.patient, entry.patient.leading
        if entry.patient.is_active and _reopen(entry, by=by) and former != entry.patient:
            former.same_person_decisions.active().get().waiting_moved.add(entry)


def remove_all_of(patient, *, reason, by):
    """Part of ending the treatment here."""
    for entry in _open_entries_of(patient.pk):
        remove_from_waiting_list(entry=entry, reason=reason, by=by, version=entry.version)


def move_to_joined(other, *, to, by):
    """Part of joining two records: the entries that moved. One for a kind that `to` waits for too is removed."""
    kinds = set(WaitingEntry.objects.open().filter(patient=to).values_list("kind", flat=True))
    moved = []
    for entry in _open_entries_of(other.pk):
        if entry.kind in kinds:
            _remove(entry, JOINED, by=by)
        else:
            entry.patient = to
            moved.append(store(entry, by=by))
    return moved


def return_from_joined(decision, visits, *, by):
    """Part of separating two records. `visits` are those that returned, with what was booked for them."""
    moved = decision.waiting_moved.filter(patient=decision.patient).select_for_update()
    for entry in moved:
        if entry.is_open or entry.booked_visit in visits:
            entry.patient = decision.other
            store(entry, by=by)
    removed = decision.other.waiting_entries.filter(removed_reason=JOINED, ended_at__gte=decision.confirmed_at)
    for entry in removed.select_for_update():
        _reopen(entry, by=by)


def _open_entries_of(patient):
    return WaitingEntry.objects.open().filter(patient=patient).longest_first().select_for_update()


def _remove(entry, reason, *, by):
    entry.ended_at, entry.ended_by, entry.removed_reason = timezone.now(), by, reason
    store(entry, by=by)


def _reopen(entry, *, by):
    """Returns whether it is open: it is not if the patient is on the list again for this kind of visit."""
    entry.ended_at, entry.ended_by, entry.booked_visit, entry.removed_reason = None, None, None, ""
    try:
        with transaction.atomic():
            store(entry, by=by)
    except IntegrityError:
        return False
    return True


def _require_open(entry):
    if not entry.is_open:
        raise Refused(_why_ended(entry))


def _why_ended(entry):
    if entry.booked_visit:
        return f"{NO_LONGER_WAITING}: a visit is booked, {entry.booked_visit}. Open that visit."
    return f"{NO_LONGER_WAITING}: it was removed, with the reason “{entry.removed_reason}”. Add the patient again."


def _store_if_only(entry, *, by):
    require_possible(entry)
    try:
        with transaction.atomic():
            store(entry, by=by)
    except IntegrityError as error:
        other = WaitingEntry.objects.open().filter(patient=entry.patient_id, kind=entry.kind).exclude(pk=entry.pk)
        if not other.exists():
            raise
        raise Refused(
            f"The patient is already on the waiting list: {entry.get_kind_display().lower()}. Change that entry.",
            field="kind",
        ) from error
