"""Marking a session as ready for review, withdrawing that, and answering it."""

from django.utils import timezone

from clinic.accounts.permissions import Permission, may
from clinic.records import audit_log
from clinic.records.actions import action, is_repeat, require_version, store
from clinic.records.exceptions import Refused
from planning.sessions.actions.sessions import open_session
from planning.sessions.models.review import ReviewRequest


@action
def ask_for_review(*, session, question, by):
    """The session is on a neurologist's list until it is answered, sent back, signed or not done."""
    session = open_session(session, by=by)
    if session.is_being_amended:
        raise Refused("This session is being amended. The neurologist who amends it signs it.")
    if session.is_ready_for_review:
        raise Refused("This session is already marked as ready for review.")
    review = ReviewRequest(session=session, asked_by=by, asked_at=timezone.now(), question=question)
    store(review, by=by)
    audit_log.record("marked ready for review", review, by=by, patients=[session.visit.patient_id])
    return review


@action
def answer_review(*, review, answer, sent_back, by, version):
    """Answer the question, or send the session back. Repeating it succeeds."""
    if not may(by, Permission.SIGN_SESSIONS):
        raise Refused("Only a neurologist can answer a review.")
    session = open_session(review.session, by=by)
    review = ReviewRequest.objects.locked(review.pk)
    if is_repeat(review, {"answer": answer, "sent_back": sent_back, "answered_by": by}, version=version):
        return review
    if review.is_answered:
        raise Refused(f"{review.answered_by} has already answered this.")
    if review.is_withdrawn:
        raise Refused(f"{review.asked_by} has withdrawn this.")
    review.answer, review.sent_back = answer, sent_back
    review.answered_by, review.answered_at = by, timezone.now()
    store(review, by=by)
    patients = [session.visit.patient_id]
    if sent_back:
        audit_log.record("sent back", review, by=by, patients=patients)
    else:
        audit_log.record("answered review", review, by=by, patients=patients)
    return review


@action
def withdraw_review(*, review, by, version):
    """The session is no longer ready for review, and can be marked again. Repeating it succeeds."""
    session = open_session(review.session, by=by)
    review = ReviewRequest.objects.locked(review.pk)
    if review.asked_by_id != by.pk:
        raise Refused(f"Only {review.asked_by} can withdraw this.")
    if review.is_withdrawn:
        return review
    require_version(review, version)
    if review.is_answered:
        raise Refused(f"{review.answered_by} has already answered this. It cannot be withdrawn.")
    review.withdrawn_at = timezone.now()
    store(review, by=by)
    audit_log.record("withdrew review", review, by=by, patients=[session.visit.patient_id])
    return review
