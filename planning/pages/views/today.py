"""Today: the day's visits, follow-ups to book, and sessions to sign."""

import datetime as dt

from django.db.models import Prefetch
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET

from clinic.accounts.permissions import Permission, may, require_permission
from clinic.records import audit_log
from clinic.records.together import read_together
from patients.models import FollowUp
from planning.pages.day_sheet import at_this_moment, reads_of_the_day, visits_of_the_day
from planning.pages.forms import DayForm
from planning.pages.visit_rows import RowWriter
from planning.sessions.models.review import ReviewRequest
from planning.sessions.models.session import InjectionSession

# What a row of the page shows.
READ_OF_A_SESSION = (
    "visit__starts_at", "visit__patient__family_name", "visit__patient__given_name", "visit__clinician__printed_name",
    "visit__clinician__username",
)  # fmt: skip
READ_OF_A_FOLLOW_UP = ("kind", "due_on", "patient__family_name", "patient__given_name")
FOLLOW_UPS_SHOWN = 12
TO_SIGN_SHOWN = 6
REVIEWS_SHOWN = 100


@require_GET
@require_permission(Permission.LOG_IN)
def today(request):
    """The root page. Users who do not see the diary go to their own start page."""
    if not may(request.user, Permission.SEE_DIARY):
        return redirect("clinic:start")
    may_sign = may(request.user, Permission.SIGN_SESSIONS)
    shown, delays, follow_ups, *to_sign = _day_read(
        request,
        (_first_to_book, timezone.localdate()),
        *([(_first_to_sign, request.user.pk)] if may_sign else []),
    )
    waiting = to_sign[0] if may_sign else []
    audit_log.shown(
        *(row["visit"].patient_id for row in shown["rows"]),
        *(follow_up.patient_id for follow_up in follow_ups),
        *(session.visit.patient_id for session in waiting),
    )
    of_now = at_this_moment(shown["rows"], shown["day"], delays)
    writer = RowWriter(request)
    for row in shown["rows"]:
        row["html"] = writer.written(row)
    context = {
        **shown,
        **of_now,
        "today": timezone.localdate(),
        "previous": shown["day"] - dt.timedelta(days=1),
        "next": shown["day"] + dt.timedelta(days=1),
        "follow_ups": [(follow_up, follow_up.due_shown(timezone.localdate())) for follow_up in follow_ups],
        "waiting": waiting,
    }
    return render(request, "planning/pages/today.html", context)


def _first_to_book(day):
    follow_ups = FollowUp.objects.to_book(day).select_related("patient").only(*READ_OF_A_FOLLOW_UP)
    return follow_ups.due_first()[:FOLLOW_UPS_SHOWN]


def _first_to_sign(user):
    sessions = InjectionSession.objects.to_sign_by(user).select_related("visit__patient", "visit__clinician")
    return sessions.only(*READ_OF_A_SESSION)[:TO_SIGN_SHOWN]


def _day_read(request, *also):
    """The day as its pages show it, the current delays, and what else is read in the same statement."""
    form = DayForm(request.GET)
    day, whose = form.chosen_day(), form.chosen_whose(request.user)
    visits, *others = read_together(*reads_of_the_day(day), *also)
    rows = visits_of_the_day(visits, day, user=request.user, mine=whose == "mine")
    return {"form": form, "day": day, "whose": whose, "rows": rows}, *others


@require_GET
@require_permission(Permission.SIGN_SESSIONS)
def to_sign(request):
    sessions = _to_sign(request.user)
    audit_log.shown(*(session.visit.patient_id for session in sessions))
    return render(request, "planning/pages/to_sign.html", {"sessions": sessions})


def _to_sign(user):
    return (
        InjectionSession.objects.to_sign_by(user)
        .with_facts()
        .select_related("visit__patient", "visit__clinician", "product")
        .prefetch_related(Prefetch("reviews", ReviewRequest.objects.open().with_people(), to_attr="open_reviews"))
    )


@require_GET
@require_permission(Permission.CHANGE_SESSIONS)
def review_list(request):
    """What the user marked as ready for review, latest first."""
    reviews = list(
        ReviewRequest.objects.filter(asked_by=request.user)
        .select_related("session__visit__patient", "session__visit__clinician")
        .with_people()
        .order_by("-pk")[:REVIEWS_SHOWN]
    )
    audit_log.shown(*(review.session.visit.patient_id for review in reviews))
    return render(request, "planning/pages/review_list.html", {"reviews": reviews})


@require_GET
@require_permission(Permission.SEE_DIARY)
def day_print(request):
    context, _ = _day_read(request)
    audit_log.shown(*(row["visit"].patient_id for row in context["rows"]))
    return render(request, "planning/pages/day_print.html", {**context, "clinic_name": request.clinic.name})
