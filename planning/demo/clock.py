"""A clock that can be set, so that the actions believe that it is two years ago."""

import datetime as dt

from django.utils import timezone


class Clock:
    """While it runs, `timezone.now()` and what asks it show this clock; the audit trail keeps the real time."""

    def __init__(self, zone):
        self.zone = zone
        self.moment = timezone.now()

    def set(self, day, hour=9, minute=0):
        self.moment = self.at(day, hour, minute)

    def at(self, day, hour=9, minute=0):
        """That time of that day at the clinic."""
        return dt.datetime.combine(day, dt.time(hour, minute), self.zone)

    def __enter__(self):
        self._real = timezone.now
        timezone.now = lambda: self.moment
        return self

    def __exit__(self, *error):
        timezone.now = self._real
