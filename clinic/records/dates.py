"""Dates and times in the clinic's time zone."""

import datetime as dt

from django.core.exceptions import ValidationError
from django.utils import timezone

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
FIRST_DAY, LAST_DAY = dt.date(2000, 1, 1), dt.date(2100, 1, 1)


def possible_day(day):
    """Validator: a date on which a visit can be booked."""
    if not FIRST_DAY <= day < LAST_DAY:
        raise ValidationError(f"Choose a date between {FIRST_DAY.year} and {LAST_DAY.year - 1}.")


def start_of(day):
    return dt.datetime.combine(day, dt.time.min, timezone.get_current_timezone())


def on_day(field, day):
    """Keywords for `filter()`: the timestamp `field` is on that date. An index can be used."""
    return {f"{field}__gte": start_of(day), f"{field}__lt": start_of(day + dt.timedelta(days=1))}


def format_date(day):
    """*1 Dec 2026*; a timestamp is shown in its own time zone."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year:04}"


def format_timestamp(timestamp):
    """*1 Dec 2026, 09:30*, in the time zone of the timestamp."""
    return f"{format_date(timestamp)}, {timestamp:%H:%M}"


def format_local_timestamp(timestamp):
    """The same in the current time zone."""
    return format_timestamp(timezone.localtime(timestamp))


def format_duration(minutes):
    """*50 min*, *2 h 5 min*."""
    hours, rest = divmod(minutes, 60)
    if not hours:
        return f"{rest} min"
    return f"{hours} h {rest} min" if rest else f"{hours} h"
