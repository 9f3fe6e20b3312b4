"""Noting that a clinician is running late today. These actions never change a visit."""

from django.utils import timezone

from clinic.models import User
from clinic.records import audit_log
from clinic.records.actions import action, is_stored, require_version, store
from clinic.records.dates import format_date
from clinic.records.exceptions import Refused
from patients.diary.models.delay import Delay


@action
def note_delay(*, clinician, minutes, by, version, day=None):
    """Version 0 if no delay is stored for today yet. An ended one begins again. Repeating it succeeds.

    `day` is that of what was read: a delay of an earlier date cannot be changed.
    """
    if not clinician.is_clinician:
        raise Refused("Only a neurologist or a trainee can be running late.", field="clinician")
    delay = _todays_delay(clinician, day=day)
    if delay.version and is_stored(delay, {"minutes": minutes, "ended_at": None}):
        return delay
    require_version(delay, version)
    if not delay.version:
        delay.version = 1
    delay.minutes, delay.noted_by, delay.noted_at, delay.ended_at = minutes, by, timezone.now(), None
    store(delay, by=by)
    audit_log.record("noted a delay", delay, by=by)
    return delay


@action
def end_delay(*, clinician, by, version, day=None):
    """Repeating it succeeds."""
    delay = _todays_delay(clinician, day=day)
    if not delay.version or delay.ended_at:
        return delay
    require_version(delay, version)
    delay.ended_at = timezone.now()
    store(delay, by=by)
    audit_log.record("ended a delay", delay, by=by)
    return delay


def _todays_delay(clinician, *, day):
    if day not in (None, timezone.localdate()):
        raise Refused(f"This is from {format_date(day)}, and ended with that day. Open the page again for today.")
    # There may be no row yet on which a concurrent change could wait.
    User.objects.locked(clinician.pk)
    return Delay.of_today(clinician)
