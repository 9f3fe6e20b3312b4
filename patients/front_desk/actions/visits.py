"""Booking a visit. Moving it and changing its state are actions of planning, because sessions depend on them."""

from django.db import IntegrityError, transaction
from django.utils import timezone

from clinic.models import User
from clinic.records import audit_log
from clinic.records.actions import action, is_repeat, require_version, store
from clinic.records.dates import format_local_timestamp
from clinic.records.exceptions import Conflict, Refused
from patients.diary.guards import OVERLAP_RULES
from patients.diary.models.opening_hours import VisitLength
from patients.diary.models.visit import STATES_WITH_A_REASON, Visit, VisitState, is_past
from patients.diary.open_days import OpenDays
from patients.followups.actions import VISIT_FINISHED, record_at_end_of_visit, require_same_answer
from patients.followups.models.followup import FollowUp
from patients.people.models.patient import Patient
from patients.waiting.actions import end_with_visit, reopen_if_in_error

OVERLAP_SENTENCES = {
    OVERLAP_RULES["clinician_id"]: "That time is taken: the clinician has another visit then.",
    OVERLAP_RULES["patient_id"]: "The patient has another visit at that time.",
}


IN_THE_PAST = "This time is in the past. Choose another time, or confirm that you book it in the past."


class TimeTaken(Refused):
    """The time is already booked; `visit` is the one that could not be booked."""

    def __init__(self, message, *, visit):
        super().__init__(message, field="starts_at")
        self.visit = visit


class OutsideHours(Refused):
    """Outside opening hours; a note that gives the reason allows the booking."""

    def __init__(self, message):
        super().__init__(
            f"{message} Choose another time, or enter a reason for booking outside hours.", field="outside_note"
        )


@action
def book_visit(
    *,
    patient,
    clinician,
    kind,
    starts_at,
    by,
    minutes=None,
    follow_up=None,
    waiting_entry=None,
    outside_note="",
    although_past=False,
    arrived=False,
):
    """Book a visit. The database rejects an overlap_error. `follow_up` is an open one of this patient.

    It ends the entries of the waiting list that it meets, and `waiting_entry` in any case, an open one of this patient.

    `minutes` defaults to the usual length of this kind of visit. Outside opening hours a note is required, and in the
    past a confirmation with `although_past`.
    """
    patient = _lock_for_booking(clinician, patient)
    if minutes is None:
        minutes = VisitLength.objects.get(kind=kind).minutes
    visit = Visit(patient=patient, clinician=clinician, kind=kind, starts_at=starts_at, minutes=minutes)
    if arrived:
        if obstacle := visit.state_obstacle(VisitState.ARRIVED):
            raise Refused(obstacle)
        visit.state = VisitState.ARRIVED
    _store_booking(visit, outside_note, although_past=although_past, by=by)
    if follow_up is not None:
        _link_follow_up(follow_up, visit, by=by)
    end_with_visit(visit, by=by, entry=waiting_entry)
    _withdraw_no_follow_up(patient, by=by)
    audit_log.record("booked", visit, by=by, patients=[patient.pk])
    return visit


@action
def book_walk_in(*, patient, by, **visit):
    """Book a visit that begins now. The user saw that the patient has no visit today.

    Raises Conflict if there is one.
    """
    lock_clinician_and_patient(clinician=visit["clinician"].pk, patient=patient.pk)
    if booked := Visit.objects.on_day(timezone.localdate()).filter(patient=patient).ahead().first():
        raise Conflict(f"The patient has a visit today: {booked}. Open that visit, and mark it as arrived.")
    return book_visit(patient=patient, by=by, **visit)


def replace_visit(visit, *, clinician, starts_at, minutes, by, version, outside_note="", although_past=False):
    """Part of planning.move_visit(). A patient who waits for an earlier time has one."""
    patient = _lock_for_booking(clinician, visit.patient)
    former = Visit.objects.locked(visit.pk)
    require_version(former, version)
    if obstacle := former.moving_obstacle():
        raise Refused(obstacle)
    visit = Visit(patient=patient, clinician=clinician, kind=former.kind, starts_at=starts_at, minutes=minutes)
    visit.moved_from = former
    former.state, former.reason = VisitState.CANCELLED, f"Moved to {format_local_timestamp(starts_at)}."
    store(former, by=by)
    _store_booking(visit, outside_note, although_past=although_past, by=by)
    for follow_up in former.follow_ups.not_closed().select_for_update():
        follow_up.booked_visit = visit
        store(follow_up, by=by)
    if visit.starts_at < former.starts_at:
        end_with_visit(visit, by=by)
    audit_log.record("moved", visit, by=by, patients=[patient.pk])
    return visit


def _lock_for_booking(clinician, patient):
    """The patient, locked after all other bookings of either. Raises Refused if no visit can be booked."""
    if not clinician.is_clinician:
        raise Refused("Choose a neurologist or a trainee for the visit.", field="clinician")
    lock_clinician_and_patient(clinician=clinician.pk, patient=patient.pk)
    patient = Patient.objects.select_related("same_as").get(pk=patient.pk)
    if obstacle := patient.booking_obstacle():
        raise Refused(obstacle)
    return patient


def lock_clinician_and_patient(*, clinician, patient):
    """Two overlapping rows inserted at once would wait for each other, and one would fail with a deadlock."""
    if clinician is not None:
        User.objects.locked(clinician)
    Patient.objects.locked(patient)


def lock_for_state(visit, state):
    """If the new state occupies time, lock the clinician and patient before the visit itself is locked."""
    if state in VisitState.active():
        clinician = None if visit.is_active else visit.clinician_id
        lock_clinician_and_patient(clinician=clinician, patient=visit.patient_id)


def _store_booking(visit, outside_note, *, although_past, by):
    visit.outside_note, visit.booked_at = outside_note, timezone.now()
    visit.clean_fields(exclude=["patient", "clinician", "moved_from", "ends_at"])
    if is_past(visit.starts_at) and not although_past:
        raise Refused(IN_THE_PAST, field="although_past")
    visit.set_end()
    day = timezone.localdate(visit.starts_at)
    open_days = OpenDays.of([visit.clinician], day, timezone.localdate(visit.ends_at))
    if obstacle := open_days.obstacle(visit.clinician, visit.starts_at, visit.ends_at):
        if not outside_note:
            raise OutsideHours(obstacle)
    else:
        visit.outside_note = ""
    store_if_free(visit, by=by)


def store_if_free(visit, *, by):
    try:
        with transaction.atomic():
            store(visit, by=by)
    except IntegrityError as error:
        raise overlap_error(error, visit) from error


def overlap_error(error, visit):
    """The exception for an overlap_error; any other violation is returned unchanged."""
    for rule, message in OVERLAP_SENTENCES.items():
        if rule in str(error):
            return TimeTaken(message, visit=visit)
    return error


def _link_follow_up(follow_up, visit, *, by):
    follow_up = FollowUp.objects.locked(follow_up.pk)
    if follow_up.patient_id != visit.patient_id or not follow_up.is_open:
        raise Refused("This follow-up is no longer open.", field="follow_up")
    follow_up.booked_visit, follow_up.postponed_until = visit, None
    store(follow_up, by=by)


def _withdraw_no_follow_up(patient, *, by):
    """A patient with a visit no longer needs *no follow-up needed*: if the visit is cancelled, the patient is on a
    list again.
    """
    if patient.withdraw_no_follow_up():
        store(patient, by=by)


def store_visit_state(visit, *, state, reason, again, asked_at_signing, by):
    """Part of planning.change_visit_state(): give the locked visit a state that can follow its own.

    Finishing closes the follow-ups booked with it. Unless `asked_at_signing`, it applies `again` (a SeeAgain), which is
    required if the patient would have no follow-up.
    """
    if obstacle := visit.state_obstacle(state):
        raise Refused(obstacle)
    if state in STATES_WITH_A_REASON and not reason:
        raise Refused("Enter a reason.", field="reason")
    if state in VisitState.active() and not visit.is_active:
        restore_booking(visit, by=by)
    was = visit.state
    if was == VisitState.FINISHED and state is VisitState.ARRIVED and not visit.patient.is_active:
        raise Refused(
            f"The patient’s status is now “{visit.patient.get_status_display().lower()}”, so the visit stays finished. "
            "Set the status to active first."
        )
    visit.state, visit.reason = state, _stored_reason(state, reason)
    store_if_free(visit, by=by)
    if state is VisitState.FINISHED:
        _close_follow_ups(visit, by=by)
        if again is not None or not asked_at_signing:
            record_at_end_of_visit(again, patient=visit.patient, visit=visit, by=by)
    elif was == VisitState.FINISHED:
        _reopen_follow_ups(visit, by=by)
    _move_reopened_follow_ups(visit, by=by)
    reopen_if_in_error(visit, by=by)
    audit_log.record(state.label.lower(), visit, by=by, patients=[visit.patient_id])
    return visit


def is_same_visit_state(visit, *, state, reason, version, again):
    """Whether the locked visit already has this state, because a request was sent twice.

    Raises Conflict as is_repeat().
    """
    if not is_repeat(visit, {"state": state, "reason": _stored_reason(state, reason)}, version=version):
        return False
    require_same_answer(again, patient=visit.patient, clinician=visit.clinician, counted_from=visit.day)
    return True


def _stored_reason(state, reason):
    return reason if state in STATES_WITH_A_REASON else ""


def restore_booking(visit, *, by):
    if visit.day < timezone.localdate():
        return
    if obstacle := visit.patient.booking_obstacle():
        raise Refused(obstacle)
    _withdraw_no_follow_up(visit.patient, by=by)


def _close_follow_ups(visit, *, by):
    for follow_up in visit.follow_ups.not_closed().select_for_update():
        follow_up.closed_at, follow_up.closed_by, follow_up.closed_reason = timezone.now(), by, VISIT_FINISHED
        store(follow_up, by=by)


def _reopen_follow_ups(visit, *, by):
    for follow_up in visit.follow_ups.filter(closed_reason=VISIT_FINISHED).select_for_update():
        follow_up.closed_at, follow_up.closed_by, follow_up.closed_reason = None, None, ""
        store(follow_up, by=by)


def _move_reopened_follow_ups(visit, *, by):
    if visit.patient.same_as_id is None:
        return
    reopened = list(visit.follow_ups.open().select_for_update(of=("self",)))
    for follow_up in reopened:
        follow_up.patient = visit.patient.leading
        store(follow_up, by=by)
    visit.patient.same_person_decisions.active().get().follow_ups_moved.add(*reopened)
