"""Signing: the signer confirms exactly the content that was shown."""

from django.utils import timezone

from clinic.accounts.permissions import Permission, may, require_person
from clinic.models import Clinic
from clinic.records import audit_log
from clinic.records.actions import action, store
from clinic.records.exceptions import Conflict, Refused
from patients.followups import actions
from patients.followups.actions import SeeAgain, require_same_answer
from patients.front_desk.actions.visits import store_visit_state
from patients.models import Patient, Visit, VisitState
from planning.sessions.actions.sessions import PERSON_TYPES_DOSES
from planning.sessions.models.session import InjectionSession
from planning.signing.models.signed_record import SignedRecord, digest


@action
def sign_session(*, session, by, content_hash, see_again=None, finish_visit=False):
    """Sign what the signer saw. Raises Conflict if it has changed. Repeating it returns the record.

    An amendment changes neither the follow-up nor the visit: `see_again` and `finish_visit` belong to the first
    signature. A visit that cannot be finished stays as it is.
    """
    require_person(by, PERSON_TYPES_DOSES)
    if not may(by, Permission.SIGN_SESSIONS):
        raise Refused("Only a neurologist can sign.")
    with timezone.override(Clinic.ours().zone):
        return _sign(session, by=by, content_hash=content_hash, see_again=see_again, finish_visit=finish_visit)


def _sign(session, *, by, content_hash, see_again, finish_visit):
    Patient.objects.locked(session.visit.patient_id)
    # The visit is locked before the session. It cannot be replaced: only a visit before arrival can be moved.
    visit = Visit.objects.locked(session.visit_id) if finish_visit else None
    session = InjectionSession.objects.locked(session.pk)
    amendment = session.open_amendment()
    if amendment is None and (record := _signed_before(session, content_hash, by=by)):
        require_same_answer(
            see_again, patient=session.patient, clinician=session.visit.clinician, counted_from=session.day_given
        )
        return record
    if obstacle := session.signing_obstacle():
        raise Refused(obstacle)
    content = session.content()
    if digest(content) != content_hash:
        raise Conflict("This session changed after the page was opened. Read it again before signing.")
    if amendment is not None and see_again is not None:
        raise Refused("The follow-up was recorded with the first signature. Leave it out here.")
    if amendment is None:
        actions.see_again(
            answer=see_again or SeeAgain(),
            patient=session.patient,
            clinician=session.visit.clinician,
            counted_from=session.day_given,
            by=by,
        )
        if visit is not None:
            _finish_visit(session, visit, by=by)
    record = SignedRecord.objects.append(session, content=content, by=by)
    if amendment is not None:
        amendment.signed_as = record
        store(amendment, by=by)
    audit_log.record("signed", record, by=by, patients=[session.visit.patient_id])
    return record


def _finish_visit(session, visit, *, by):
    """The visit may have changed after the page was opened, so that it cannot be finished now."""
    session.visit = visit
    if session.can_finish_visit():
        store_visit_state(visit, state=VisitState.FINISHED, reason="", again=None, asked_at_signing=True, by=by)


def _signed_before(session, content_hash, *, by):
    record = session.record()
    return record if record and (record.signer_id, record.content_hash) == (by.pk, content_hash) else None
