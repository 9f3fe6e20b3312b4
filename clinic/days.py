"""Days by the clock of the clinic."""

import datetime as dt

from django.utils import timezone
from django.utils.dateformat import format as in_format


def start_of(day):
    """The moment at which that day begins."""
    return dt.datetime.combine(day, dt.time.min, timezone.get_current_timezone())


def on_day(field, day):
    """As keywords of `filter()`: the moment of that name lies on that day. An index can answer it."""
    return {f"{field}__gte": start_of(day), f"{field}__lt": start_of(day + dt.timedelta(days=1))}


def day_in_words(day):
    """*1 Dec 2026*, as the pages write it; of a moment, its day where it was written."""
    return in_format(day, "j M Y")


def moment_in_words(moment):
    """*1 Dec 2026, 09:30*, by the clock that the moment itself carries."""
    return in_format(moment, "j M Y, H:i")
