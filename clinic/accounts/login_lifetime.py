"""How long a login lasts: until it is idle for too long, and never longer than its absolute limit."""

import time

from django.conf import settings


def note_activity(session, *, at_once=False):
    """Restart the idle timer. Unless `at_once`, a timer that started very recently is left as it is.

    Saving the login session at each request would cost a write per page, and could overwrite what a concurrent
    request has just changed.
    """
    now = time.time()
    session.setdefault("began_at", now)
    if at_once or now - session.get("busy_at", 0) > settings.SESSION_NOTED_SECONDS:
        session["busy_at"] = now


def not_activity(view):
    """Requests to this view are sent by a page on its own, and do not restart the idle timer."""
    view.is_not_activity = True
    return view


def has_ended(session):
    return _idle_seconds_left(session) < 0 or _absolute_seconds_left(session) < 0


def seconds_left(session):
    return max(0, int(min(_idle_seconds_left(session), _absolute_seconds_left(session))))


def seconds_left_on_a_page(session):
    """The time left when a page has just been shown. Showing it was activity, which may not be recorded yet."""
    idle = settings.SESSION_COOKIE_AGE - settings.SESSION_NOTED_SECONDS
    return max(0, int(min(idle, _absolute_seconds_left(session))))


def can_be_extended(session):
    return _absolute_seconds_left(session) > _idle_seconds_left(session)


def _idle_seconds_left(session):
    now = time.time()
    return session.get("busy_at", now) + settings.SESSION_COOKIE_AGE - now


def _absolute_seconds_left(session):
    now = time.time()
    return session.get("began_at", now) + settings.SESSION_ABSOLUTE_SECONDS - now
