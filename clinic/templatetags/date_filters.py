"""Django's filters `date` and `time`, with the formats of most pages first: its own way to any format takes ten times
as long. Built in, so templates do not load them.
"""

import datetime as dt

from django import template
from django.template import defaultfilters

from clinic.records.dates import format_date, format_timestamp

register = template.Library()

HOURS_AND_MINUTES = "H:i"


def _iso(day):
    return f"{day.year:04}-{day:%m-%d}"  # strftime does not fill up years before 1000


OF_A_DATE = {"j M Y": format_date, "Y-m-d": _iso}
OF_A_TIMESTAMP = {**OF_A_DATE, "j M Y, H:i": format_timestamp, HOURS_AND_MINUTES: "{:%H:%M}".format}


@register.filter(expects_localtime=True, is_safe=False)
def date(value, arg=None):
    usual = OF_A_TIMESTAMP if isinstance(value, dt.datetime) else OF_A_DATE if isinstance(value, dt.date) else {}
    return usual[arg](value) if arg in usual else defaultfilters.date(value, arg)


@register.filter(expects_localtime=True, is_safe=False)
def time(value, arg=None):
    if arg == HOURS_AND_MINUTES and isinstance(value, dt.datetime | dt.time):
        return f"{value:%H:%M}"
    return defaultfilters.time(value, arg)
