"""The navigation of every page, and its counts."""

from django.urls import reverse_lazy
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from clinic.accounts.permissions import Permission, may
from patients.models import FollowUp
from planning.sessions.models.session import InjectionSession

LINKS = {"topbar": "planning/pages/_topbar.html", "day_print_url": reverse_lazy("planning:day-print")}


def navigation(request):
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return LINKS
    return {**LINKS, "counts": SimpleLazyObject(lambda: _counts(user))}  # fragments and prints have no navigation


def _counts(user):
    counts = {}
    if may(user, Permission.SEE_DIARY):
        counts["follow_ups_due"] = FollowUp.objects.due_by_sunday(timezone.localdate()).count()
    if may(user, Permission.SIGN_SESSIONS):
        counts["to_sign"] = InjectionSession.objects.to_sign_by(user).count()
    return counts
