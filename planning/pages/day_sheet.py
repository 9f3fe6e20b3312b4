"""The day's visits for the page Today."""

import datetime as dt

from django.db.models import Prefetch
from django.utils import timezone

from clinic.records.dates import duration_in_words
from clinic.records.text import key_in_any_order, pairs_alike
from patients.models import Visit, VisitState
from planning.pages.forms import PlanForm
from planning.pages.steps import next_step
from planning.sessions.models.session import InjectionSession, SessionState

INJECTED = {SessionState.GIVEN, SessionState.SIGNED, SessionState.BEING_AMENDED, SessionState.AMENDED}


def visits_of_the_day(day, *, user, mine):
    visits = list(
        Visit.objects.on_day(day)
        .select_related("patient", "clinician")
        .prefetch_related(Prefetch("sessions", InjectionSession.objects.with_facts().order_by("pk")))
    )
    alike = patients_with_like_names({visit.patient for visit in visits})
    rows = [
        {
            "visit": visit,
            "states": [session.state for session in visit.sessions.all()],
            "is_ready": any(session.is_ready_for_review for session in visit.sessions.all()),
            "step": next_step(visit, list(visit.sessions.all()), user),
            "plan_form": PlanForm(auto_id=False),
            "similar_name": visit.patient_id in alike,
        }
        for visit in visits
        if not mine or visit.clinician_id == user.pk
    ]
    following = next_row(rows)
    for row in rows:
        row["is_next"] = row is following
    return rows


def next_row(rows):
    """The row of the next patient: the first who is here and has no signed session, otherwise the first to come."""
    here = [row for row in rows if row["visit"].state == VisitState.ARRIVED and not _is_signed(row)]
    to_come = [row for row in rows if row["visit"].state == VisitState.BOOKED]
    return next(iter([*here, *to_come]), None)


def _is_signed(row):
    return any(state in (SessionState.SIGNED, SessionState.AMENDED) for state in row["states"])


def at_this_moment(rows, day):
    """What is shown of today only: the time, who waits and since when, and what was given and is not signed."""
    now = timezone.now()
    if day != timezone.localdate(now):
        return {}
    arrivals = Visit.arrival_times([row["visit"] for row in rows])
    for row in rows:
        row["arrived_at"] = arrivals.get(row["visit"].pk)
        if row["arrived_at"]:
            row["waited_minutes"] = max((now - row["arrived_at"]) // dt.timedelta(minutes=1), 0)
            row["waited"] = duration_in_words(row["waited_minutes"])
    coming = next((row for row in rows if row["visit"].starts_at > now), None)
    if coming:
        coming["is_first_after_now"] = True
    here = [row for row in rows if row["arrived_at"] and not INJECTED.intersection(row["states"])]
    return {
        "now": now,
        "now_is_last": bool(rows) and coming is None,
        "here": sorted(here, key=lambda row: row["arrived_at"]),
        "still_open": [row for row in rows if SessionState.GIVEN in row["states"]],
    }


def patients_with_like_names(patients):
    found = set()
    for name in (lambda patient: patient.full_name, lambda patient: patient.family_name):
        found.update(*pairs_alike({patient.pk: key_in_any_order(name(patient)) for patient in patients}))
    return found
