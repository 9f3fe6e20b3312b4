"""A clinician's visits as an iCalendar: times and kinds, without patients."""

import datetime as dt

from django.utils import timezone
from icalendar import Calendar, Event

from clinic.models import Clinic
from patients.diary.models.visit import Visit

BEHIND, AHEAD = dt.timedelta(days=30), dt.timedelta(days=400)


def calendar_of(clinician):
    """As bytes. Times are in UTC, so that readers do not need the clinic's time zone rules."""
    clinic, now = Clinic.ours(), timezone.now()
    calendar = Calendar()
    calendar.add("prodid", "-//Collum//EN")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", f"{clinic.name}: {clinician}")
    visits = Visit.objects.active().filter(clinician=clinician, starts_at__gt=now - BEHIND, starts_at__lt=now + AHEAD)
    for visit in visits.order_by("starts_at", "pk"):
        calendar.add_component(_event(visit, clinic))
    return calendar.to_ical()


def _event(visit, clinic):
    event = Event()
    event.add("uid", f"visit-{visit.pk}@{clinic.installation}")
    event.add("summary", visit.get_kind_display())
    event.add("dtstart", visit.starts_at.astimezone(dt.UTC))
    event.add("dtend", visit.ends_at.astimezone(dt.UTC))
    event.add("dtstamp", visit.booked_at.astimezone(dt.UTC))
    event.add("sequence", visit.version)
    event.add("location", clinic.name)
    return event
