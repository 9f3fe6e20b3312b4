"""Follow-ups, and the front desk's contact attempts until a visit is booked."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.utils import timezone

from clinic.records import audit_log
from clinic.records.actions import action, is_repeat, is_stored, require_version, store
from clinic.records.dates import format_date
from clinic.records.exceptions import Refused
from patients.followups.models.contact import ContactAttempt
from patients.followups.models.followup import FollowUp, FollowUpKind
from patients.followups.unattended import is_unattended
from patients.people.actions.patients import patient_to_change

LATEST_WEEKS = 520
VISIT_FINISHED = "The visit is finished."
SAVED_DIFFERENTLY = "This is already saved with a different follow-up. Change the follow-up on the patient’s page."


@dataclass(frozen=True)
class SeeAgain:
    """When the patient should be seen again: a date, a number of weeks from a given date, or a reason for no
    follow-up.

    Exactly one of the three.
    """

    on: date | None = None
    weeks: int | None = None
    no_follow_up_reason: str = ""
    kind: str = FollowUpKind.NEXT_INJECTION
    clinician: object = None
    why: str = ""

    def obstacle(self):
        answers = [answer for answer in (self.on, self.weeks, self.no_follow_up_reason) if answer not in (None, "")]
        if not answers:
            return (
                "Enter when the patient should be seen again: a date, a number of weeks, or why no follow-up is needed."
            )
        if len(answers) > 1:
            return "Enter only one of these: a date, a number of weeks or “no follow-up needed”."
        if self.weeks is not None and not 1 <= self.weeks <= LATEST_WEEKS:
            return f"Enter a number of weeks from 1 to {LATEST_WEEKS}."
        return None

    def due_on(self, counted_from):
        """None if no follow-up is needed. Raises Refused if the answer is not valid."""
        if obstacle := self.obstacle():
            raise Refused(obstacle)
        if self.on is not None and self.on <= counted_from:
            raise Refused(f"Choose a date after {format_date(counted_from)}.", field="on")
        return counted_from + timedelta(weeks=self.weeks) if self.weeks else self.on


@action
def see_again(*, answer, patient, clinician, counted_from, by):
    """Apply the answer: open a follow-up, or record that none is needed.

    `clinician` is used if the answer does not name one. Weeks count from `counted_from`, and a date must be after
    it.
    """
    patient = patient.leading
    due_on = answer.due_on(counted_from)
    if due_on is None:
        return record_no_follow_up(patient=patient, reason=answer.no_follow_up_reason, by=by)
    return arrange_follow_up(
        patient=patient,
        kind=answer.kind,
        due_on=due_on,
        clinician=answer.clinician or clinician,
        why=answer.why,
        by=by,
    )


def require_same_answer(answer, *, patient, clinician, counted_from):
    """For a repeated request: raises Refused if its answer (None: it had none) is not the stored one."""
    if answer is None:
        return
    due_on = answer.due_on(counted_from)
    if due_on is None:
        is_same = patient.no_follow_up_reason == answer.no_follow_up_reason
    else:
        clinician = answer.clinician or clinician
        follow_up = {"kind": answer.kind, "due_on": due_on, "clinician": clinician, "why": answer.why}
        is_same = FollowUp.objects.filter(patient=patient, **follow_up).exists()
    if not is_same:
        raise Refused(SAVED_DIFFERENTLY)


def record_at_end_of_visit(answer, *, patient, visit, by):
    """At the end of a visit: apply the answer.

    Raises Refused without an answer if the patient would have no follow-up.
    """
    if answer is not None:
        see_again(answer=answer, patient=patient, clinician=visit.clinician, counted_from=visit.day, by=by)
    elif is_unattended(patient.leading, but_for=visit):
        raise Refused("Enter when the patient should be seen again, or that no follow-up is needed.", field="weeks")


@action
def arrange_follow_up(*, patient, kind, due_on, clinician, by, why=""):
    """Open a follow-up. This ends an earlier *no follow-up needed*."""
    patient = patient_to_change(patient)
    if patient.withdraw_no_follow_up():
        store(patient, by=by)
    follow_up = store(FollowUp(patient=patient, kind=kind, due_on=due_on, clinician=clinician, why=why), by=by)
    audit_log.record("arranged follow-up", follow_up, by=by, patients=[patient.pk])
    return follow_up


@action
def record_no_follow_up(*, patient, reason, by):
    """Record it for now. Open follow-ups stay open, because a clinician requested them."""
    if not reason:
        raise Refused("Enter why no follow-up is needed.")
    patient = patient_to_change(patient)
    patient.no_follow_up_reason, patient.no_follow_up_on, patient.no_follow_up_by = (
        reason,
        timezone.localdate(),
        by,
    )
    store(patient, by=by)
    audit_log.record("stated that no follow-up is needed", patient, by=by, patients=[patient.pk])
    return patient


@action
def close_follow_up(*, follow_up, reason, by, version):
    follow_up = FollowUp.objects.locked(follow_up.pk)
    if not reason:
        raise Refused("Enter a reason for closing it.", field="reason")
    if _is_repeat(follow_up, {"closed_by": by, "closed_reason": reason}, version=version):
        return follow_up
    if not follow_up.is_open:
        raise Refused("A visit is booked for this follow-up. The follow-up closes when the visit is finished.")
    follow_up.closed_at, follow_up.closed_by, follow_up.closed_reason = timezone.now(), by, reason
    follow_up.booked_visit = None  # cancelled or no-show; if restored, it no longer belongs to a closed follow-up
    store(follow_up, by=by)
    audit_log.record("closed", follow_up, by=by, patients=[follow_up.patient_id])
    return follow_up


@action
def log_contact(*, follow_up, how, outcome, by, version, note="", call_again_on=None):
    """Record the result of a call. The last one decides whether the follow-up is postponed, and until when."""
    follow_up = FollowUp.objects.locked(follow_up.pk)
    if not follow_up.is_open:
        raise Refused("This follow-up is no longer open.")
    require_version(follow_up, version)
    if call_again_on is not None and call_again_on <= timezone.localdate():
        raise Refused("Choose a date after today.", field="call_again_on")
    attempt = ContactAttempt(follow_up=follow_up, by=by, how=how, outcome=outcome, note=note)
    attempt.at, attempt.call_again_on = timezone.now(), call_again_on
    store(attempt, by=by)
    if follow_up.postponed_until != call_again_on:
        follow_up.postponed_until = call_again_on
        store(follow_up, by=by)
    audit_log.record("logged a contact", attempt, by=by, patients=[follow_up.patient_id])
    return attempt


@action
def undo_contact(*, attempt, by, version):
    """It was logged by mistake: the follow-up is postponed as before. `version` is that of the follow-up.

    Raises Refused if it is not the last contact. Repeating it succeeds.
    """
    follow_up = FollowUp.objects.locked(attempt.follow_up_id)
    attempt = ContactAttempt.objects.get(pk=attempt.pk)
    if attempt.undone_at is not None:
        return attempt
    require_version(follow_up, version)
    if follow_up.last_contact() != attempt:
        raise Refused("Another contact was logged after this one, so this one cannot be undone.")
    attempt.undone_at, attempt.undone_by = timezone.now(), by
    store(attempt, by=by)
    last, before = (*follow_up.history.order_by("-history_id")[:2], None)[:2]
    if before and last.history_date >= attempt.at and before.postponed_until != follow_up.postponed_until:
        follow_up.postponed_until = before.postponed_until
        store(follow_up, by=by)
    audit_log.record("undid contact", attempt, by=by, patients=[follow_up.patient_id])
    return attempt


@action
def hand_over_follow_up(*, follow_up, clinician, by, version):
    """Assign the follow-up to another clinician. Repeating it succeeds."""
    follow_up = FollowUp.objects.locked(follow_up.pk)
    if not clinician.is_clinician:
        raise Refused("Choose a neurologist or a trainee for the follow-up.", field="clinician")
    if _is_repeat(follow_up, {"clinician": clinician}, version=version):
        return follow_up
    follow_up.clinician = clinician
    store(follow_up, by=by)
    audit_log.record("handed over", follow_up, by=by, patients=[follow_up.patient_id])
    return follow_up


def _is_repeat(follow_up, values, *, version):
    """As is_repeat(). Raises Refused if it is closed, unless this action closed it."""
    if follow_up.closed_at is not None and not is_stored(follow_up, values):
        raise Refused("This follow-up is already closed.")
    return is_repeat(follow_up, values, version=version)
