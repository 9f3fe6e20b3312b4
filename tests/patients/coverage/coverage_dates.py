"""A visit date, the dates around it, and the messages about an authorisation that does not cover it."""

import datetime as dt

from django.urls import reverse

TODAY = dt.date(2026, 11, 25)
DAY = dt.date(2026, 12, 7)  # of the visit
BEFORE, AFTER = DAY - dt.timedelta(days=1), DAY + dt.timedelta(days=1)
ENDS = "The authorisation of Example Health ends on 6 Dec 2026, before the visit on 7 Dec 2026."
BEGINS = "The authorisation of Example Health begins on 8 Dec 2026, after the visit on 7 Dec 2026."


def list_of(patient):
    return reverse("patients:coverage-list", args=[patient.pk])
