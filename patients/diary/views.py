"""A clinician's calendar feed and its secret URL."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clinic.accounts.permissions import Permission, require_permission
from clinic.web.seen import number
from patients.diary.actions.reminders import create_calendar_feed, revoke_calendar_feed
from patients.diary.calendar import calendar_of
from patients.diary.models.reminders import CalendarFeed


@require_http_methods(["GET", "POST"])
@require_permission(Permission.CHANGE_SESSIONS)
def calendar_url(request):
    """The user's own URL; it is shown once, immediately after it was created."""
    address = ""
    if request.method == "POST":
        seen = number(request, "feed")
        secret = create_calendar_feed(clinician=request.user, by=request.user, seen=seen)
        address = request.build_absolute_uri(reverse("patients:calendar-feed", args=[secret]))
    context = {"address": address, "feed": CalendarFeed.objects.active().filter(clinician=request.user).first()}
    return render(request, "patients/diary/calendar_url.html", context)


@require_POST
@require_permission(Permission.CHANGE_SESSIONS)
def calendar_revoke(request):
    revoke_calendar_feed(clinician=request.user, by=request.user, seen=number(request, "feed"))
    messages.success(request, "The link is revoked. Calendars that use it no longer receive your visits.")
    return redirect("patients:calendar-url")


@require_safe
@login_not_required
def calendar_feed(request, token):
    """Anyone with the secret can read times and kinds of visits, but no patient data."""
    feed = CalendarFeed.objects.with_secret(token)
    if feed is None:
        raise Http404
    return HttpResponse(calendar_of(feed.clinician), content_type="text/calendar; charset=utf-8")


calendar_feed.required_permission = None
