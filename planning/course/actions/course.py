"""Responses and adverse events of a session, and what all first records of a visit share."""

from django.db import IntegrityError, transaction

from clinic.records import audit_log
from clinic.records.actions import action, require_possible, store
from clinic.records.actions import change as change_record
from clinic.records.exceptions import Refused
from patients.models import Visit
from planning.course.models.adverse_event import AdverseEvent
from planning.course.models.response import Response
from planning.sessions.models.session import InjectionSession


def attended(visit):
    """The visit, locked. Raises Refused if findings cannot be recorded for it."""
    visit = Visit.objects.locked(visit.pk)
    if obstacle := visit.attending_obstacle() or visit.patient.change_obstacle():
        raise Refused(obstacle)
    return visit


def insert_first(record, message, *, by):
    """Store a first record. Raises Refused if another user was faster."""
    try:
        with transaction.atomic():
            store(record, by=by)
    except IntegrityError as error:
        if "UNIQUE" not in str(error) and "unique" not in str(error):
            raise
        raise Refused(message) from error


# Responses


@action
def record_response(*, session, visit, by, **details):
    """The patient's first report on a session at a later visit."""
    visit = attended(visit)
    session = _given(session, of=visit.patient)
    if visit.starts_at <= session.visit.starts_at:
        raise Refused("Record a response at a visit after the session.")
    response = Response(session=session, visit=visit, recorded_by=by, **details)
    require_possible(response)
    insert_first(response, "A response was recorded after you opened this visit. Open the visit again.", by=by)
    audit_log.record("recorded", response, by=by, patients=[visit.patient_id])
    return response


@action
def change_response(*, response, by, version, **details):
    return change_record(record=response, by=by, version=version, **details)


# Adverse events


@action
def record_event(*, session, by, visit=None, **details):
    """An adverse event after a session, reported at a visit or between visits."""
    session = _given(session)
    _require_visit_after(session, visit)
    event = AdverseEvent(session=session, visit=visit, recorded_by=by, **details)
    require_possible(event)
    store(event, by=by)
    audit_log.record("recorded", event, by=by, patients=[session.visit.patient_id])
    return event


@action
def change_event(*, event, by, version, **details):
    if (visit := details.get("visit")) != event.visit:
        _require_visit_after(event.session, visit)
    return change_record(record=event, by=by, version=version, **details)


def _given(session, of=None):
    """The session. Raises Refused if nothing was given at it, or if it belongs to another patient."""
    session = InjectionSession.objects.select_related("visit__patient").get(pk=session.pk)
    if of is not None and of.person_id != session.visit.patient.person_id:
        raise Refused("That session belongs to another patient.")
    if session.is_in_error:
        raise Refused("That session is marked as entered in error.")
    if not (session.is_signed or session.is_given):
        raise Refused("That session has no record of anything given.")
    return session


def _require_visit_after(session, visit):
    if visit is None:
        return
    if visit.patient.person_id != session.visit.patient.person_id:
        raise Refused("That visit belongs to another patient.", field="visit")
    if obstacle := visit.attending_obstacle():
        raise Refused(obstacle, field="visit")
    if visit.starts_at < session.visit.starts_at:
        raise Refused("That visit is before the session.", field="visit")
