"""The front desk of the invented clinic: hours, an absence, a closure, calls, and visits without an outcome."""

import datetime as dt

from patients.diary.actions.opening_hours import add_absence, add_closure, change_working_hours
from patients.followups.actions import log_contact
from patients.models import FollowUp, Visit, VisitKind, VisitState
from planning.demo.history import EXPECTED
from planning.pages.actions.visits import move_visit

HOURS = "09:00–12:30, 13:30–17:00"
WORKING_DAYS = ("monday", "tuesday", "wednesday", "thursday")
CALLS = (
    {"how": "phone", "outcome": "no_answer"},
    {"how": "phone", "outcome": "message_left", "note": "On the answering machine."},
    {"how": "text_message", "outcome": "sent"},
    {"how": "phone", "outcome": "reached", "note": "Is away until the end of the month."},
)


def play(stage, made):
    """Must run last: existing visits stay booked when working hours are entered."""
    _store_opening_hours(stage)
    _call(stage)
    _leave_without_outcome(stage, made)
    _move_one(stage)


def _store_opening_hours(stage):
    stage.clock.set(stage.today - dt.timedelta(days=1), 16)
    for name in ("neurologist", "neurologist2", "trainee"):
        hours = {**dict.fromkeys(WORKING_DAYS, HOURS), "friday": "09:00–13:00"}
        change_working_hours(clinician=stage.people[name], by=stage.desk(), version=0, **hours)
    away = _next_monday(stage.today)
    add_absence(
        clinician=stage.people["neurologist2"],
        starts_at=stage.clock.at(away, 0),
        ends_at=stage.clock.at(away + dt.timedelta(days=5), 0),
        reason="congress",
        by=stage.desk(),
    )
    closed = away + dt.timedelta(days=28)
    add_closure(name="Works on the building", first_day=closed, last_day=closed + dt.timedelta(days=1), by=stage.desk())


def _next_monday(day):
    return day + dt.timedelta(days=7 - day.weekday())


def _call(stage):
    stage.clock.set(stage.today, 8, 30)
    for number, call in enumerate(CALLS):
        follow_up = FollowUp.objects.to_book(stage.today).never_contacted().due_first().first()
        again_on = stage.today + dt.timedelta(days=6) if number == len(CALLS) - 1 else None
        log_contact(follow_up=follow_up, by=stage.desk(), version=follow_up.version, call_again_on=again_on, **call)


def _leave_without_outcome(stage, made):
    course = made[EXPECTED][9]
    day = stage.today - dt.timedelta(days=7)
    if day.weekday() > 4:
        day -= dt.timedelta(days=2)
    slot = stage.free_slot(course.clinician, day)
    note = "As an extra."
    stage.book(
        patient=course.patient, clinician=course.clinician, kind=VisitKind.OTHER, day=day, slot=slot, outside_note=note
    )


def _move_one(stage):
    visit = Visit.objects.coming(stage.today + dt.timedelta(days=1)).filter(state=VisitState.BOOKED).first()
    stage.clock.set(stage.today, 9)
    move_visit(
        visit=visit,
        clinician=visit.clinician,
        starts_at=stage.clock.at(visit.day, 17, 30),
        minutes=visit.minutes,
        by=stage.desk(),
        version=visit.version,
        outside_note="Comes straight from work.",
    )
