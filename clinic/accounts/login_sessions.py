"""A user's active logins: listed with their browser, and ended one by one or together."""

import datetime as dt

from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY
from django.contrib.sessions.models import Session
from django.db import models
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from clinic.accounts import login_lifetime
from clinic.accounts.hashed_sessions import HashedSessionStore, stored_key
from clinic.accounts.models import User
from clinic.accounts.notices import notify
from clinic.records import audit_log
from clinic.records.actions import action
from clinic.records.exceptions import Refused

BROWSERS = {
    "Edg": "Edge", "OPR/": "Opera", "Firefox/": "Firefox", "FxiOS/": "Firefox", "Chrome/": "Chrome",
    "CriOS/": "Chrome", "Safari/": "Safari",
}  # fmt: skip
SYSTEMS = {
    "Windows": "Windows", "iPhone": "iPhone", "iPad": "iPad", "Android": "Android", "CrOS": "ChromeOS",
    "Mac OS X": "macOS", "Linux": "Linux",
}  # fmt: skip


class LoginSession(models.Model):
    """Which user a session of Django belongs to, and the browser. It may remain when that session has ended."""

    person = models.ForeignKey(User, on_delete=models.CASCADE, related_name="login_sessions")
    session_key = models.CharField(max_length=40, unique=True)  # as stored: a digest
    began_at = models.DateTimeField(default=timezone.now)
    browser = models.CharField(max_length=40)

    # From the session itself; set by active_logins().
    last_active_at = None

    class Meta:
        ordering = ["-began_at", "-pk"]

    def __str__(self):
        return f"Login {self.pk}"


def browser_name(user_agent):
    """The first names that fit: most browsers also name those that they resemble."""
    browser = next((name for part, name in BROWSERS.items() if part in user_agent), "Unknown browser")
    system = next((name for part, name in SYSTEMS.items() if part in user_agent), "")
    return f"{browser} on {system}" if system else browser


def note_login(sender, request, user, **kwargs):
    """Called by Django's signal, when the session has its final key or none yet."""
    if request.session.session_key is None:
        request.session.create()
    longest = dt.timedelta(seconds=settings.SESSION_ABSOLUTE_SECONDS)
    LoginSession.objects.filter(person=user, began_at__lt=timezone.now() - longest).delete()
    browser = browser_name(request.headers.get("User-Agent", ""))
    LoginSession.objects.update_or_create(
        session_key=stored_key(request.session.session_key), defaults={"person_id": user.pk, "browser": browser}
    )


def note_logout(sender, request, user, **kwargs):
    LoginSession.objects.filter(session_key=stored_key(request.session.session_key)).delete()


def active_logins(person):
    """Those that the next request would accept, the latest first."""
    found = {login.session_key: login for login in person.login_sessions.all()}
    active = []
    for session in Session.objects.filter(session_key__in=found, expire_date__gt=timezone.now()):
        data = HashedSessionStore.data_of(session)
        if not login_lifetime.has_ended(data) and _is_under_the_password(data, person):
            login = found[session.session_key]
            busy_at = data.get("busy_at")  # missing until the first response
            login.last_active_at = dt.datetime.fromtimestamp(busy_at, tz=dt.UTC) if busy_at else login.began_at
            active.append(login)
    return sorted(active, key=lambda login: (login.began_at, login.pk), reverse=True)


def _is_under_the_password(data, person):
    return constant_time_compare(data.get(HASH_SESSION_KEY, ""), person.get_session_auth_hash())


@action
def end_login(*, login, by):
    """Repeating it succeeds."""
    if login.person_id != by.pk:
        raise Refused("This login belongs to another user.")
    _end(LoginSession.objects.filter(pk=login.pk))
    audit_log.record("ended a login", login, by=by)


@action
def end_logins(*, person, by, except_key=None):
    """End all logins of the user, or all except the one with this session key. Repeating it succeeds."""
    _end(person.login_sessions.exclude(session_key=stored_key(except_key)))
    audit_log.record("ended all logins" if except_key is None else "ended the other logins", person, by=by)
    if by is None or by.pk != person.pk:
        notify(person, "An administrator ended all your logins.")


def _end(logins):
    Session.objects.filter(session_key__in=list(logins.values_list("session_key", flat=True))).delete()
    logins.delete()
