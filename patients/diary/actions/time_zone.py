"""What a new time zone of the clinic does to the diary. Working hours and closures are local times and dates."""

import datetime as dt

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone
from simple_history.utils import bulk_update_with_history

from clinic.models import User
from clinic.records import audit_log
from clinic.records.actions import action
from clinic.records.dates import start_of
from clinic.records.exceptions import Refused
from patients.diary.actions.opening_hours import mark_visits_outside_hours, visits_within_hours
from patients.diary.models.opening_hours import Absence, WorkingHours
from patients.diary.models.reminders import visits_at_another_clock_time
from patients.diary.models.visit import Visit, VisitState

# Visits wait there while each gets its new time: two of them must not overlap at any time.
OUT_OF_THE_WAY = dt.timedelta(days=200 * 366)


def affected_by_time_zone(former):
    """The numbers of booked visits and of absences from today on."""
    with timezone.override(former):
        today = timezone.localdate()
        booked = Visit.objects.coming(today).filter(state=VisitState.BOOKED)
        return {"visits": booked.count(), "absences": Absence.objects.coming(start_of(today)).count()}


@action
def apply_time_zone(*, clinic, former, keeps_clock_times, by):
    """After the clinic's time zone was changed from `former` (a ZoneInfo).

    Upcoming visits and absences keep their clock times, or their points in time.
    """
    if keeps_clock_times:
        keep_clock_times(former, clinic.zone, by=by)
    else:
        for hours in WorkingHours.objects.order_by("clinician"):
            clinician = User.objects.locked(hours.clinician_id)
            with timezone.override(former):
                fitting = visits_within_hours(clinician)
            with timezone.override(clinic.zone):
                mark_visits_outside_hours(clinician, fitting_before=fitting)
        with timezone.override(clinic.zone):
            _note_other_clock_times(by=by)
    audit_log.record(f"kept {'clock times' if keeps_clock_times else 'points in time'} in a new zone", clinic, by=by)


def keep_clock_times(former, zone, *, by):
    """A step of apply_time_zone(). Raises Refused if two visits would overlap."""
    with timezone.override(former):
        since = start_of(timezone.localdate())
    visits = list(Visit.objects.filter(starts_at__gte=since).select_for_update().order_by("pk"))
    absences = list(Absence.objects.coming(since).select_for_update())
    for record in (*visits, *absences):
        record.starts_at = _same_clock_time(record.starts_at, former, zone)
    for visit in visits:
        visit.version += 1
        visit.set_end()
    for absence in absences:
        absence.ends_at = _same_clock_time(absence.ends_at, former, zone)
        absence.version += 1
    Visit.objects.filter(pk__in=[visit.pk for visit in visits]).update(
        starts_at=F("starts_at") + OUT_OF_THE_WAY, ends_at=F("ends_at") + OUT_OF_THE_WAY
    )
    try:
        with transaction.atomic():
            _update(visits, ["starts_at", "ends_at", "version"], by=by)
    except IntegrityError as error:
        raise Refused("Two visits would overlap in the new time zone. Move one of them first.") from error
    _update(absences, ["starts_at", "ends_at", "version"], by=by)


def _note_other_clock_times(*, by):
    """Visits announced for another clock time get a new version, for which one message is sent."""
    announced = visits_at_another_clock_time(timezone.now())
    visits = list(Visit.objects.filter(pk__in=announced).select_for_update().order_by("pk"))
    for visit in visits:
        visit.version += 1
    _update(visits, ["version"], by=by)


def _same_clock_time(timestamp, former, zone):
    return timestamp.astimezone(former).replace(tzinfo=zone).astimezone(dt.UTC)


def _update(records, fields, *, by):
    if records:
        bulk_update_with_history(records, type(records[0]), fields, batch_size=500, default_user=by)
