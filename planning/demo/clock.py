"""A clock that can be set, so that actions run at a time two years ago."""

import datetime as dt

from django.utils import timezone


class Clock:
    """While it runs, `timezone.now()` and its callers use this clock; the audit trail uses the real time."""

    def __init__(self, zone):
        self.zone = zone
        self.current = timezone.now()

    def set(self, day, hour=9, minute=0):
        self.current = self.at(day, hour, minute)

    def at(self, day, hour=9, minute=0):
        """Set the clock to that local time of the clinic."""
        return dt.datetime.combine(day, dt.time(hour, minute), self.zone)

    def __enter__(self):
        self._real = timezone.now
        timezone.now = lambda: self.current
        return self

    def __exit__(self, *error):
        timezone.now = self._real
