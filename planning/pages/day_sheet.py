"""The day's visits for the page Today."""

import datetime as dt

from django.db.models import Prefetch
from django.utils import timezone

from clinic.records.dates import format_duration, start_of
from clinic.records.text import key_in_any_order, pairs_alike
from patients.models import Delay, Visit, VisitState
from planning.pages.forms import PlanForm
from planning.pages.steps import next_step
from planning.sessions.models.session import InjectionSession, SessionState

READ_OF_A_VISIT = (
    "version", "kind", "starts_at", "minutes", "ends_at", "state",
    "clinician__printed_name", "clinician__username",
    "patient__family_name", "patient__given_name", "patient__date_of_birth", "patient__record_number",
)  # fmt: skip
INJECTED = {SessionState.GIVEN, SessionState.SIGNED, SessionState.BEING_AMENDED, SessionState.AMENDED}


def reads_of_the_day(day):
    """What read_together() reads for visits_of_the_day() and the delays of at_this_moment()."""
    time = start_of(day), start_of(day + dt.timedelta(days=1))
    return (_visits_between, *time), (Delay.objects.current, day)


def _visits_between(begin, end):
    sessions = InjectionSession.objects.with_facts().order_by("pk")
    return (
        Visit.objects.between(begin, end)
        .select_related("patient", "clinician")
        .only(*READ_OF_A_VISIT)
        .prefetch_related(Prefetch("sessions", sessions, to_attr="its_sessions"))
        .order_by("starts_at", "pk")
    )


def visits_of_the_day(visits, day, *, user, mine):
    alike = patients_with_like_names({visit.patient for visit in visits})
    shown = (visit for visit in visits if not mine or visit.clinician_id == user.pk)
    rows = [_row(visit, day, user) | {"similar_name": visit.patient_id in alike} for visit in shown]
    following = next_row(rows)
    for row in rows:
        row["is_next"] = row is following
    return rows


def _row(visit, day, user):
    """Texts that a template would make anew wherever it shows them."""
    patient, sessions = visit.patient, visit.its_sessions
    step = next_step(visit, sessions, user)
    return {
        "visit": visit,
        "begins": _begins(visit, day),
        "url": visit.get_absolute_url(),
        "kind": visit.get_kind_display(),
        "state": VisitState(visit.state),
        "clinician": str(visit.clinician),
        "name": str(patient),
        "patient_url": patient.get_absolute_url(),
        "born": patient.date_of_birth.as_text(),
        "record_number": patient.record_number,
        "states": [session.state for session in sessions],
        "is_ready": any(session.is_ready_for_review for session in sessions),
        "step": step,
        "plan_form": PlanForm(auto_id=False) if step.posts == "plan" else None,
    }


def _begins(visit, day):
    local = timezone.localtime(visit.starts_at)
    return f"{local:%H:%M}" if local.date() == day else f"since {local.day} {local:%b, %H:%M}"


def next_row(rows):
    """The row of the next patient: the first who is here and has no signed session, otherwise the first to come."""
    here = [row for row in rows if row["visit"].state == VisitState.ARRIVED and not _is_signed(row)]
    to_come = [row for row in rows if row["visit"].state == VisitState.BOOKED]
    return next(iter([*here, *to_come]), None)


def _is_signed(row):
    return any(state in (SessionState.SIGNED, SessionState.AMENDED) for state in row["states"])


def at_this_moment(rows, day, current_delays):
    """What is shown of today only: the time, who waits since when, who is late, and what is given and not signed."""
    now = timezone.now()
    if day != timezone.localdate(now):
        return {}
    arrivals = Visit.arrival_times([row["visit"] for row in rows])
    delays = {delay.clinician_id: delay for delay in current_delays}
    for row in rows:
        row["delay"] = delays.get(row["visit"].clinician_id)
        row["arrived_at"] = arrivals.get(row["visit"].pk)
        if row["arrived_at"]:
            row |= _waiting(row["arrived_at"], now)
            row["arrived"] = f"{timezone.localtime(row['arrived_at']):%H:%M}"
    coming = next((row for row in rows if row["visit"].starts_at > now), None)
    if coming:
        coming["is_first_after_now"] = True
    here = [row for row in rows if row["arrived_at"] and not INJECTED.intersection(row["states"])]
    return {
        "now": now,
        "delays": list(delays.values()),
        "now_is_last": bool(rows) and coming is None,
        "here": sorted(here, key=lambda row: row["arrived_at"]),
        "still_open": [row for row in rows if SessionState.GIVEN in row["states"]],
    }


def _waiting(arrived_at, now):
    minutes = max((now - arrived_at) // dt.timedelta(minutes=1), 0)
    return {"waited_minutes": minutes, "waited": format_duration(minutes)}


def waiting_since(visit, sessions):
    """Since when the patient of this visit has been waiting; {} if they are not waiting today."""
    now = timezone.now()
    if visit.day != timezone.localdate(now) or INJECTED.intersection(session.state for session in sessions):
        return {}
    arrived_at = Visit.arrival_times([visit]).get(visit.pk)
    return {"arrived_at": arrived_at, **_waiting(arrived_at, now)} if arrived_at else {}


def patients_with_like_names(patients):
    found = set()
    for name in (lambda patient: patient.full_name, lambda patient: patient.family_name):
        found.update(*pairs_alike({patient.pk: key_in_any_order(name(patient)) for patient in patients}))
    return found
