"""Days by the clock of the clinic."""

import datetime as dt

from django.utils import timezone
from django.utils.dateformat import format as in_format


def on_day(field, day):
    """As keywords of `filter()`: the moment of that name lies on that day. An index can answer it."""
    zone = timezone.get_current_timezone()
    start, end = (dt.datetime.combine(each, dt.time.min, zone) for each in (day, day + dt.timedelta(days=1)))
    return {f"{field}__gte": start, f"{field}__lt": end}


def day_in_words(day):
    """*1 Dec 2026*, as the pages write it; of a moment, its day where it was written."""
    return in_format(day, "j M Y")


def moment_in_words(moment):
    """*1 Dec 2026, 09:30*, by the clock that the moment itself carries."""
    return in_format(moment, "j M Y, H:i")
