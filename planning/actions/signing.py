"""Signing: the signer vouches for exactly what was shown."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.utils import timezone

from clinic import audit
from clinic.actions import action, store
from clinic.exceptions import Conflict, Refused
from clinic.models import Clinic
from clinic.permissions import Permission, may
from patients import actions as patients
from patients.models import FollowUpKind
from planning.models import InjectionSession, SignedRecord
from planning.models.signing import digest

LATEST_WEEKS = 520


@dataclass(frozen=True)
class SeeAgain:
    """When the patient should be seen again: a date, a number of weeks from *given on*, or a reason for neither.

    Exactly one of the three.
    """

    on: date | None = None
    weeks: int | None = None
    no_follow_up_reason: str = ""
    kind: str = FollowUpKind.NEXT_INJECTION
    clinician: object = None
    why: str = ""

    def obstacle(self):
        """Why this is no answer, as a sentence; None where it is one."""
        answers = [answer for answer in (self.on, self.weeks, self.no_follow_up_reason) if answer not in (None, "")]
        if not answers:
            return "Say when the patient should be seen again: a date, a number of weeks, or why no follow-up."
        if len(answers) > 1:
            return "A date, a number of weeks or “no follow-up needed”: give one of them only."
        if self.weeks is not None and not 1 <= self.weeks <= LATEST_WEEKS:
            return f"Give a number of weeks from 1 to {LATEST_WEEKS}."
        return None

    def due_on(self, given_on):
        return self.on or (given_on + timedelta(weeks=self.weeks) if self.weeks else None)


@action
def sign_session(*, session, by, content_hash, see_again=None):
    """Sign what the signer saw; a change in between is a conflict. The same signature sent again gives its record.

    An amendment leaves the follow-up as it is: `see_again` belongs to the first signature.
    """
    if not may(by, Permission.SIGN_SESSIONS):
        raise Refused("Only a neurologist signs.")
    with timezone.override(Clinic.ours().zone):
        return _sign(session, by=by, content_hash=content_hash, see_again=see_again)


def _sign(session, *, by, content_hash, see_again):
    session = InjectionSession.objects.locked(session.pk)
    amendment = session.open_amendment()
    if amendment is None and (record := _signed_before(session, content_hash, by=by)):
        return record
    if obstacle := session.signing_obstacle():
        raise Refused(obstacle)
    content = session.content()
    if digest(content) != content_hash:
        raise Conflict("This session changed after the page was opened. Read it again before signing.")
    if amendment is None:
        _see_again(session, see_again or SeeAgain(), by=by)
    record = SignedRecord.objects.append(session, content=content, by=by)
    if amendment is not None:
        amendment.signed_as = record
        store(amendment, by=by)
    audit.record("signed", record, by=by, patients=[session.visit.patient_id])
    return record


def _signed_before(session, content_hash, *, by):
    record = session.record()
    return record if record and (record.signer_id, record.content_hash) == (by.pk, content_hash) else None


def _see_again(session, see_again, *, by):
    if obstacle := see_again.obstacle():
        raise Refused(obstacle)
    due_on = see_again.due_on(session.day_given)
    if due_on is None:
        patients.no_follow_up_needed(patient=session.patient, reason=see_again.no_follow_up_reason, by=by)
        return
    if due_on <= session.day_given:
        raise Refused("The patient should be seen again after the day of the injections.", field="on")
    patients.ask_to_return(
        patient=session.patient,
        kind=see_again.kind,
        due_on=due_on,
        clinician=see_again.clinician or session.visit.clinician,
        why=see_again.why,
        by=by,
    )
