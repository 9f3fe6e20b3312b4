"""Actions for a patient that also change visits and their sessions."""

from clinic.records.actions import action, is_repeat
from clinic.records.dates import format_date
from clinic.records.exceptions import Refused
from patients.followups.actions import close_follow_up
from patients.front_desk.actions.same_person import join_records, separate_records
from patients.models import FollowUp, Patient, PatientStatus, Visit, VisitState
from patients.people.actions.patients import set_status, status_values
from patients.waiting.actions import remove_all_of
from planning.course.models.adverse_event import AdverseEvent
from planning.course.models.response import Response
from planning.pages.actions.visits import change_visit_state
from planning.sessions.models.session import InjectionSession


@action
def change_patient_status(*, patient, status, by, version, status_since=None):
    """A patient who is no longer treated here has no open visit, follow-up or waiting-list entry: the action
    closes all of them, or fails.
    """
    patient = Patient.objects.locked(patient.pk)
    if is_repeat(patient, status_values(patient, status, status_since), version=version):
        return patient
    if status != PatientStatus.ACTIVE:
        _end_visits_and_follow_ups(patient, reason=PatientStatus(status).label, by=by)
        remove_all_of(patient, reason=PatientStatus(status).label, by=by)
        patient.refresh_from_db()
    return set_status(patient=patient, status=status, status_since=status_since, by=by, version=patient.version)


def _end_visits_and_follow_ups(patient, *, reason, by):
    for visit in Visit.objects.ahead().filter(patient=patient):
        try:
            change_visit_state(visit=visit, state=VisitState.CANCELLED, by=by, version=visit.version, reason=reason)
        except Refused as refused:
            raise Refused(f"{visit}: {refused.message}") from refused
    for follow_up in FollowUp.objects.open().filter(patient=patient):
        close_follow_up(follow_up=follow_up, reason=reason, by=by, version=follow_up.version)


@action
def confirm_same_person(*, patient, other, reason, by, versions):
    """`other` joins `patient`: it is found as `patient`, and its open visits, follow-ups and
    waiting-list entries move there.

    Visits with a signed session stay where they were signed. `versions` are those of `patient` and `other` that were
    read. Raises Conflict if one has changed. Repeating it succeeds.
    """
    return join_records(patient, other, reason=reason, by=by, versions=versions, staying=_visits_with_a_record(other))


@action
def undo_same_person(*, other, by, version):
    """Separate the two records again; what was signed in between stays with the patient it names.

    Raises Conflict if `other` is no longer at `version`, and Refused if a report would connect the two records.
    Repeating it succeeds.
    """
    staying = _visits_with_a_record(other.same_as) if other.same_as_id else []
    decision = separate_records(other, by=by, version=version, staying=staying)
    if decision and (reports := _reports_across(other)):
        raise Refused(
            "These reports belong to a session of one record and a visit of the other. Mark them as entered in error, "
            f"then undo again: {'; '.join(reports)}."
        )
    return decision


def _reports_across(record):
    """After the visits moved: only what would remain."""
    found = [
        *Response.objects.active().across(record).for_page(),
        *AdverseEvent.objects.active().across(record).for_page(),
    ]
    return [
        f"{report._meta.verbose_name} (session of {format_date(report.session.day_given)}, "
        f"visit of {format_date(report.visit.day)})"
        for report in found
    ]


def _visits_with_a_record(patient):
    signed = InjectionSession.objects.signed().filter(visit__patient=patient)
    return list(signed.values_list("visit_id", flat=True))
