"""Maintaining the opening hours. These actions never cancel a visit: affected visits are listed as *to be moved*."""

from django.utils import timezone

from clinic.models import User
from clinic.records import audit_log
from clinic.records.actions import action, assign, is_repeat, require_version, store
from clinic.records.exceptions import Refused
from patients.diary.models.opening_hours import Absence, Closure, VisitLength, WorkingHours
from patients.diary.models.visit import Visit

OTHER_LENGTHS = "Another user has changed these lengths. Read them again before you save."


@action
def change_working_hours(*, clinician, by, version, **hours):
    """The hours of each weekday; version 0 if none are stored yet. Repeating it succeeds."""
    _require_clinician(clinician)
    # There may be no row of hours yet on which a concurrent change could wait.
    User.objects.locked(clinician.pk)
    stored = WorkingHours.objects.filter(clinician=clinician).first()
    if stored is None:
        stored = WorkingHours(clinician=clinician, version=0)
        require_version(stored, version)
        stored.version = 1
    elif is_repeat(stored, hours, version=version):
        return stored
    fitting = visits_within_hours(clinician)
    assign(stored, hours)
    store(stored, by=by)
    mark_visits_outside_hours(clinician, fitting_before=fitting)
    audit_log.record("changed working hours", stored, by=by)
    return stored


def visits_within_hours(clinician):
    """The ids of the clinician's upcoming visits within the stored working hours; all of them if none are stored."""
    hours = WorkingHours.objects.filter(clinician=clinician).first()
    upcoming = Visit.objects.filter(clinician=clinician).ending_after(timezone.now())
    return {visit.pk for visit in upcoming if hours is None or hours.covers(visit.starts_at, visit.ends_at)}


def mark_visits_outside_hours(clinician, *, fitting_before):
    """Mark the visits that no longer fit the working hours as to be moved, and unmark those that fit again.

    A visit that was booked outside the hours with a note did not fit before, and stays unmarked.
    """
    fitting = visits_within_hours(clinician)
    visits = Visit.objects.filter(clinician=clinician)
    visits.filter(pk__in=fitting_before - fitting).update(outside_hours_since=timezone.now())
    visits.filter(pk__in=fitting).update(outside_hours_since=None)


@action
def add_absence(*, clinician, starts_at, ends_at, by, reason=""):
    _require_clinician(clinician)
    if ends_at <= starts_at:
        raise Refused("An absence must end after it begins.", field="last_day")
    absence = Absence(clinician=clinician, starts_at=starts_at, ends_at=ends_at, reason=reason, added_at=timezone.now())
    store(absence, by=by)
    audit_log.record("added an absence", absence, by=by)
    return absence


@action
def remove_absence(*, absence, by, version):
    """The history still contains it. Repeating it succeeds."""
    _remove(absence, "removed an absence", by=by, version=version)


@action
def add_closure(*, name, first_day, last_day, by):
    if last_day < first_day:
        raise Refused("The last day is before the first day.", field="last_day")
    closure = Closure(name=name, first_day=first_day, last_day=last_day, added_at=timezone.now())
    store(closure, by=by)
    audit_log.record("added a closure", closure, by=by)
    return closure


@action
def remove_closure(*, closure, by, version):
    """The history still contains it. Repeating it succeeds."""
    _remove(closure, "removed a closure", by=by, version=version)


def _remove(record, what, *, by, version):
    record = type(record).objects.select_for_update().filter(pk=record.pk).first()
    if record is None:
        return
    require_version(record, version)
    record._history_user = by
    pk = record.pk
    record.delete()
    record.pk = pk  # named by the audit entry
    audit_log.record(what, record, by=by)


@action
def change_visit_lengths(*, by, versions, **minutes):
    """`minutes` and `versions` by kind, of one kind or several. Repeating it succeeds."""
    seen = list(VisitLength.objects.select_for_update().filter(kind__in=minutes).order_by("pk"))
    changed = [length for length in seen if length.minutes != minutes[length.kind]]
    for length in seen if changed else ():
        require_version(length, versions[length.kind], OTHER_LENGTHS)
    for length in changed:
        length.minutes = minutes[length.kind]
        store(length, by=by)
        audit_log.record("changed a length", length, by=by)
    return seen


def _require_clinician(clinician):
    if not clinician.is_clinician:
        raise Refused("Only a neurologist or a trainee has hours and absences.", field="clinician")
