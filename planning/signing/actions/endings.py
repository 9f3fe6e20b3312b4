"""Marking a session as not done, or as entered in error."""

from django.utils import timezone

from clinic.accounts.permissions import Permission, may
from clinic.records import audit_log
from clinic.records.actions import action, is_repeat, require_version, store
from clinic.records.exceptions import Conflict, Refused
from patients.followups.actions import record_at_end_of_visit, require_same_answer
from patients.models import Patient, Visit
from planning.sessions.actions.sessions import open_session, recorded
from planning.sessions.models.corrections import ErrorMark
from planning.sessions.models.session import InjectionSession


@action
def end_as_not_done(*, session, reason, by, version, again=None, asked_at_end_of_visit=False):
    """The plan is not carried out, but stays readable. Repeating it succeeds.

    `again` is when the patient should be seen again; required if the patient would otherwise have no follow-up. With
    `asked_at_end_of_visit`, it is not required as long as the visit still has to end, because its end asks for it.
    """
    patient = Patient.objects.locked(session.visit.patient_id)
    locked = InjectionSession.objects.locked(session.pk)
    if is_repeat(locked, {"not_done_reason": reason}, version=version):
        visit = locked.visit
        require_same_answer(again, patient=patient, clinician=visit.clinician, counted_from=visit.day)
        return locked
    session = open_session(locked, by=by)
    if obstacle := session.not_done_obstacle():
        raise Refused(obstacle)
    if again is not None or not (asked_at_end_of_visit and session.visit.has_not_ended):
        record_at_end_of_visit(again, patient=patient, visit=session.visit, by=by)
    return mark_not_done(session, reason=reason, by=by)


def mark_not_done(session, *, reason, by):
    session.not_done_at, session.not_done_by, session.not_done_reason = timezone.now(), by, reason
    store(session, by=by)
    recorded("not done", session, session=session, by=by)
    return session


@action
def undo_not_done(*, session, by, version):
    """The plan is open again, as it was. Raises Refused if its visit has ended meanwhile. Repeating it succeeds."""
    Visit.objects.locked(session.visit_id)
    session = InjectionSession.objects.locked(session.pk)
    if session.not_done_at is None:
        return session
    require_version(session, version, "This session changed after it was marked as not done.")
    if obstacle := session.not_done_undo_obstacle():
        raise Refused(obstacle)
    session.not_done_at, session.not_done_by, session.not_done_reason = None, None, ""
    store(session, by=by)
    recorded("undid not done", session, session=session, by=by)
    return session


@action
def mark_as_error(*, session, reason, by, version):
    """The session stays visible as entered in error and is not included in totals. Only a neurologist can mark a
    signed one.

    Repeating it succeeds.
    """
    session = InjectionSession.objects.locked(session.pk)
    if mark := session.error_mark():
        if mark.reason == reason:
            return mark
        raise Conflict(f"This session is already marked as entered in error: {mark.reason}", current=session)
    require_version(session, version)
    if session.is_signed and not may(by, Permission.SIGN_SESSIONS):
        raise Refused("Only a neurologist can mark a signed session as entered in error.")
    if session.is_being_amended:
        raise Refused("This session is being amended. Sign or discard the amendment first.")
    mark = store(ErrorMark(session=session, reason=reason, marked_by=by, marked_at=timezone.now()), by=by)
    audit_log.record("entered in error", session, by=by, patients=[session.visit.patient_id])
    return mark


@action
def undo_error_mark(*, session, by, seen):
    """The session is included in totals again. `seen` is the id of the mark that was read. Repeating it succeeds."""
    if not may(by, Permission.SIGN_SESSIONS):
        raise Refused("Only a neurologist can undo “entered in error”.")
    session = InjectionSession.objects.locked(session.pk)
    mark = session.error_mark()
    if mark is None:
        return session
    if mark.pk != seen:
        raise Conflict(f"Another user marked this session again: {mark.reason}", current=session)
    if not session.visit.is_active and session.not_done_at is None:
        raise Refused(f"The visit is {session.visit.get_state_display().lower()}, so its sessions cannot be restored.")
    mark.undone_by, mark.undone_at = by, timezone.now()
    store(mark, by=by)
    audit_log.record("undid entered in error", session, by=by, patients=[session.visit.patient_id])
    return session
