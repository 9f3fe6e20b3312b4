"""What booking and moving a visit changed, restored. Their undo is an action of planning, because of the sessions."""

from django.db.models import Subquery

from clinic.records import audit_log
from clinic.records.actions import require_version, store
from clinic.records.exceptions import Refused
from patients.diary.models.visit import Visit, VisitState
from patients.followups.models.followup import FollowUp
from patients.front_desk.actions.visits import lock_for_state, restore_booking, store_if_free
from patients.waiting.actions import reopen_if_in_error

MOVE_UNDONE = "The move was undone: the visit is at its earlier time again."


def restore_from_before_booking(visit, *, by):
    """The visit no longer takes place: its follow-ups are postponed again, or none is needed again, as before."""
    for follow_up in visit.follow_ups.not_closed().select_for_update():
        linked = follow_up.history.filter(booked_visit=visit).order_by("history_id").values("history_id")[:1]
        before = follow_up.history.filter(history_id__lt=Subquery(linked)).order_by("-history_id").first()
        if before and before.postponed_until != follow_up.postponed_until:
            follow_up.postponed_until = before.postponed_until
            store(follow_up, by=by)
    _restore_no_follow_up(visit, by=by)


def _restore_no_follow_up(visit, *, by):
    """Only if the booking was the last change of the patient, and the patient has nothing else ahead."""
    patient = visit.patient
    last, before = (*patient.history.order_by("-history_id")[:2], None, None)[:2]
    was_withdrawn = before and before.no_follow_up_reason and not patient.no_follow_up_reason
    if not was_withdrawn or last.history_date < visit.booked_at:
        return
    if patient.follow_ups.not_closed().exists() or Visit.objects.ahead().filter(patient=patient).exists():
        return
    patient.no_follow_up_reason, patient.no_follow_up_on = before.no_follow_up_reason, before.no_follow_up_on
    patient.no_follow_up_by_id = before.no_follow_up_by_id
    store(patient, by=by)


def lock_move(visit, *, version):
    """The moved visit and the one that it was moved from, locked. Raises Conflict, or Refused if it is not booked."""
    if visit.moved_from is None:
        raise Refused("This visit was not moved.")
    lock_for_state(visit.moved_from, VisitState.BOOKED)
    former = Visit.objects.locked(visit.moved_from_id)
    moved = Visit.objects.locked(visit.pk)
    require_version(moved, version)
    if moved.state != VisitState.BOOKED:
        raise Refused(f"This visit is {moved.get_state_display().lower()}. Only the move of a booked visit is undone.")
    return moved, former


def return_to_former(moved, former, *, by):
    """The former visit is booked again with its follow-ups; the moved one is entered in error."""
    moved.state, moved.reason, moved.moved_from = VisitState.ENTERED_IN_ERROR, MOVE_UNDONE, None
    store(moved, by=by)
    restore_booking(former, by=by)
    former.state, former.reason = VisitState.BOOKED, ""
    store_if_free(former, by=by)
    for follow_up in moved.follow_ups.not_closed().select_for_update():
        follow_up.booked_visit = former
        store(follow_up, by=by)
    reopen_if_in_error(moved, by=by)
    audit_log.record("undid move", former, by=by, patients=[former.patient_id])


def former_of_undone_move(visit):
    """For a repeated request."""
    last = visit.history.exclude(moved_from=None).order_by("history_id").last()
    return Visit.objects.get(pk=last.moved_from_id)


def require_follow_ups_unchanged(visit):
    """Raises Refused if a follow-up of the cancelled visit was booked again or closed after that."""
    ended_at = visit.history.order_by("history_id").last().history_date
    linked = FollowUp.history.filter(booked_visit=visit).values("id")
    changed = FollowUp.history.filter(id__in=linked, history_date__gt=ended_at).values("id")
    for follow_up in FollowUp.objects.filter(pk__in=changed).exclude(booked_visit=visit, closed_at=None):
        done = "closed" if follow_up.closed_at else "booked with another visit"
        raise Refused(f"The follow-up of this visit is already {done}, so this cannot be undone. Book another visit.")


def state_before(visit):
    return visit.history.filter(version=visit.version - 1).order_by("history_id").last().state
