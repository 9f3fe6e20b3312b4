"""The front desk of the invented clinic: hours, an absence, a closure, calls, and visits without an outcome."""

import datetime as dt

from patients.diary.actions.opening_hours import add_absence, add_closure, change_working_hours
from patients.diary.actions.slip import change_slip_text
from patients.followups.actions import log_contact
from patients.models import FollowUp, PartOfDay, Visit, VisitKind, VisitState
from patients.waiting.actions import add_to_waiting_list
from planning.demo.history import EXPECTED
from planning.demo.stage import HOURS
from planning.pages.actions.visits import move_visit

CALLS = (
    {"how": "phone", "outcome": "no_answer"},
    {"how": "phone", "outcome": "message_left", "note": "On the answering machine."},
    {"how": "text_message", "outcome": "sent"},
    {"how": "phone", "outcome": "reached", "note": "Is away until the end of the month."},
)
WEEKEND = ("saturday", "sunday")


def store_working_hours(stage):
    """Must run before any visit is booked: booked visits outside new hours are listed as *to be moved*."""
    for name in ("neurologist", "neurologist2", "trainee"):
        change_working_hours(clinician=stage.people[name], by=stage.people["desk"], version=0, **HOURS)


def play(stage, made):
    _write_the_slip(stage)
    _store_absence_and_closure(stage)
    _call(stage)
    _leave_without_outcome(stage, made)
    _move_one(stage)
    _wait(stage, made)


def _store_absence_and_closure(stage):
    """After the visits: those of the absent clinician are to be moved."""
    stage.clock.set(stage.today - dt.timedelta(days=1), 16)
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


def _write_the_slip(stage):
    stage.clock.set(stage.today - dt.timedelta(days=1), 15)
    change_slip_text(
        what_to_bring="Your insurance card\nA list of the medicines you take\nGlasses, if you wear them",
        by=stage.people["admin"],
        version=0,
    )


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
    stage.book_somewhere(patient=course.patient, clinician=course.clinician, kind=VisitKind.OTHER, day=day)


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


def _wait(stage, made):
    """Last, because booking a visit of the kind would end the entry."""
    wishes = (
        {"kind": VisitKind.REVIEW, "part_of_day": PartOfDay.MORNING, "note": "Comes by train, not before nine."},
        {"kind": VisitKind.INJECTION, **dict.fromkeys(WEEKEND, False), "note": "Wishes an earlier time."},
        {"kind": VisitKind.REVIEW, "friday": False, "until": stage.today + dt.timedelta(weeks=8)},
    )
    courses = [course for course in made[EXPECTED] if course.patient.is_active][-len(wishes) :]
    for ago, course, wish in zip((9, 6, 2), courses, wishes, strict=True):
        stage.clock.set(stage.today - dt.timedelta(days=ago), 12)
        clinician = course.clinician if wish["kind"] == VisitKind.INJECTION else None
        add_to_waiting_list(patient=course.patient, clinician=clinician, from_on=stage.today, by=stage.desk(), **wish)
