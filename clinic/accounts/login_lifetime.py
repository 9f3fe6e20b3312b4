"""How long a login lasts: until nobody has been active for a while, and never longer than its absolute end."""

import time

from django.conf import settings


def note_activity(session, *, at_once=False):
    """Start the idle minutes again. Unless `at_once`, one that started a moment ago is left as it is.

    Saving the login session at each request would cost every page a write, and could bring back what a request at
    the same moment has just changed in it.
    """
    now = time.time()
    session.setdefault("began_at", now)
    if at_once or now - session.get("busy_at", 0) > settings.SESSION_NOTED_SECONDS:
        session["busy_at"] = now


def has_ended(session):
    return _idle_seconds_left(session) < 0 or _absolute_seconds_left(session) < 0


def seconds_left(session):
    return max(0, int(min(_idle_seconds_left(session), _absolute_seconds_left(session))))


def seconds_left_on_a_page(session):
    """What is left when a page has just been shown: to show it was an activity, which may not have been noted."""
    idle = settings.SESSION_COOKIE_AGE - settings.SESSION_NOTED_SECONDS
    return max(0, int(min(idle, _absolute_seconds_left(session))))


def can_be_extended(session):
    """Whether activity would move the end."""
    return _absolute_seconds_left(session) > _idle_seconds_left(session)


def _idle_seconds_left(session):
    now = time.time()
    return session.get("busy_at", now) + settings.SESSION_COOKIE_AGE - now


def _absolute_seconds_left(session):
    now = time.time()
    return session.get("began_at", now) + settings.SESSION_ABSOLUTE_SECONDS - now
