"""The navigation of every page: its links with their counts, and which of them the page belongs to."""

import re
from functools import cache
from typing import NamedTuple

from django.urls import get_script_prefix, reverse
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from clinic.accounts.permissions import Permission, may
from clinic.records.counts import counts_of
from patients.models import FollowUp
from planning.sessions.models.review import ReviewRequest
from planning.sessions.models.session import InjectionSession

TOPBAR = {"topbar": "planning/pages/_topbar.html"}


class Link(NamedTuple):
    text: str
    url_name: str
    permission: Permission
    section: str  # a pattern of the paths that belong to it
    key: str = ""
    count: str = ""
    count_words: str = ""


FOLLOW_UPS_DUE, TO_SIGN, SENT_BACK = "follow_ups_due", "to_sign", "sent_back"
NAVIGATION = (
    Link("Today", "planning:today", Permission.SEE_DIARY, r"/(sessions|records|adverse-events|visits/\d+)/", "t"),
    Link("Diary", "patients:diary", Permission.SEE_DIARY, r"/(visits/(?!\d)|diary/|free-times/)", "d"),
    Link("Patients", "patients:patient-list", Permission.SEE_DIARY, r"/(patients|coverage|therapies)/"),
    Link(
        "Follow-ups", "patients:followup-list", Permission.SEE_DIARY, r"/(follow-ups|waiting-list)/", "f",
        count=FOLLOW_UPS_DUE, count_words="overdue or due this week",
    ),
    Link("To sign", "planning:to-sign", Permission.SIGN_SESSIONS, "/to-sign/", count=TO_SIGN),
    Link(
        "For review", "planning:review-list", Permission.CHANGE_SESSIONS, "/for-review/",
        count=SENT_BACK, count_words="sent back",
    ),
    Link("Catalogue", "planning:muscle-list", Permission.SEE_CATALOGUE, "/(muscles|scanned-codes)/"),
    Link("Lots", "planning:lot-list", Permission.LOOK_UP_LOTS, "/lots/"),
    Link("Overview", "planning:overview", Permission.SEE_OVERVIEW, "/(overview|exports)/"),
    Link("Set-up", "planning:set-up", Permission.ADMINISTER, r"/(set-up|diary/opening-hours)/"),
    Link("Audit", "clinic:audit", Permission.SEE_AUDIT, "/audit/"),
)  # fmt: skip


def navigation(request):
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return TOPBAR
    # Fragments and prints have no navigation.
    counts = SimpleLazyObject(lambda: _counts(user))
    links = SimpleLazyObject(lambda: _links(request, counts))
    return {**TOPBAR, "counts": counts, "navigation": links, "staying": SimpleLazyObject(lambda: _staying(links))}


def _links(request, counts):
    match, path = request.resolver_match, request.path_info
    shown = (link for link in _links_of(request.user) if _is_needed(link, counts))
    urls = _urls(get_script_prefix())
    return [
        {
            "text": link.text,
            "url": urls[link],
            "key": link.key,
            "count": counts.get(link.count),
            "count_words": link.count_words,
            "current": _current(link, match and match.view_name, path),
        }
        for link in shown
    ]


def _staying(links):
    """The last link with a count. On a phone, where the others are folded, it stays, but not on its own page."""
    counted = [link for link in links if link["count"]]
    return counted[-1] if counted and counted[-1]["current"] != "page" else None


def _links_of(user):
    return [link for link in NAVIGATION if may(user, link.permission)]


@cache
def _urls(script_prefix):
    """Every URL begins with the prefix, which does not change in a process."""
    return {link: reverse(link.url_name) for link in NAVIGATION}


def _is_needed(link, counts):
    """Those who sign have no sessions to be reviewed, and others none to sign."""
    return bool(counts[TO_SIGN]) if link.count == TO_SIGN else link.count != SENT_BACK or SENT_BACK in counts


def _current(link, view_name, path):
    """The value of aria-current."""
    if view_name == link.url_name:
        return "page"
    return "true" if re.match(link.section, path) else ""


def _counts(user):
    counted = {}
    if may(user, Permission.SEE_DIARY):
        counted[FOLLOW_UPS_DUE] = (FollowUp.objects.due_by_sunday, timezone.localdate())
    if may(user, Permission.SIGN_SESSIONS):
        counted[TO_SIGN] = (InjectionSession.objects.to_sign_by, user.pk)
    elif may(user, Permission.CHANGE_SESSIONS):
        counted[SENT_BACK] = (ReviewRequest.objects.sent_back_to, user.pk)
    return dict(zip(counted, counts_of(*counted.values()), strict=True))
