"""A date for the tests of the list, which depends on today."""

import datetime as dt

import pytest
import time_machine

WEDNESDAY = dt.date(2026, 11, 25)


@pytest.fixture
def on_a_wednesday():
    """At nine; the clock keeps running."""
    with time_machine.travel(dt.datetime.combine(WEDNESDAY, dt.time(9), tzinfo=dt.UTC), tick=True):
        yield
