"""Today at about noon: every state that a visit and a session can have."""

import datetime as dt

from patients.models import VisitKind, VisitState
from planning.demo.history import ALL_OF_TODAY, NEVER_INJECTED
from planning.demo.people import ALIKE

# The state of each visit.
SIGNED, LAST_TIME, UNSIGNED, RECORDING, PLANNED, ARRIVED, SEEN, CANCELLED, MISSED, ERROR = range(10)
AHEAD, BOOKED, REVIEW, FIRST, AMENDING, TWICE, AMENDED = range(10, 17)

DAY = {
    "neurologist": {
        (8, 30): SIGNED, (9, 0): AMENDING, (9, 30): SEEN, (10, 0): MISSED, (10, 30): UNSIGNED, (11, 0): RECORDING,
        (11, 30): PLANNED, (12, 0): ARRIVED, (13, 0): CANCELLED, (13, 30): AHEAD, (14, 0): BOOKED, (14, 30): REVIEW,
        (15, 0): FIRST, (16, 0): BOOKED, (17, 0): AHEAD,
    },
    "neurologist2": {
        (8, 0): SIGNED, (8, 30): AMENDED, (9, 0): UNSIGNED, (9, 30): CANCELLED, (10, 0): LAST_TIME, (10, 30): MISSED,
        (11, 0): ARRIVED, (11, 30): RECORDING, (12, 30): REVIEW, (13, 30): BOOKED, (14, 0): BOOKED, (15, 0): AHEAD,
        (16, 0): BOOKED,
    },
    "trainee": {
        (9, 0): TWICE, (9, 30): UNSIGNED, (10, 30): ERROR, (11, 0): PLANNED, (12, 0): ARRIVED, (14, 0): AHEAD,
        (16, 30): BOOKED,
    },
}  # fmt: skip
KINDS = {SEEN: VisitKind.REVIEW, REVIEW: VisitKind.REVIEW, FIRST: VisitKind.FIRST_ASSESSMENT}
SLOT_OF_SIMILAR_NAMES = (14, 0)


def play(stage, made):
    names = {person[:2] for person in ALIKE}
    for username, visits in DAY.items():
        clinician = stage.people[username]
        own = [course for course in made[ALL_OF_TODAY] if course.clinician == clinician]
        alike = [course for course in own if (course.patient.family_name, course.patient.given_name) in names]
        others = [course for course in own if course not in alike]
        for slot, what in visits.items():
            if what == FIRST:
                course = made[NEVER_INJECTED][0]
            else:
                course = alike.pop() if alike and slot == SLOT_OF_SIMILAR_NAMES else others.pop(0)
            _one_visit(stage, course, clinician, slot, what)


def _one_visit(stage, course, clinician, slot, what):
    kind = KINDS.get(what, VisitKind.INJECTION)
    visit = stage.book(
        patient=course.patient,
        clinician=clinician,
        kind=kind,
        day=stage.today,
        slot=slot,
        follow_up=stage.open_follow_up(course.patient) if kind is VisitKind.INJECTION else None,
    )
    if play := PLAYS.get(what):
        play(stage, visit, course.habit)


def _signed(stage, visit, habit):
    stage.injection(visit, habit, weeks=12)


def _last_time(stage, visit, habit):
    stage.injection(visit, habit, weeks=None, no_follow_up_reason="Goes on at the clinic near the new home.")


def _unsigned(stage, visit, habit):
    visit = stage.arrive(visit)
    stage.give(stage.plan(visit, habit, with_doses=True), habit)
    stage.finish(visit)


def _recording(stage, visit, habit):
    stage.give(stage.plan(stage.arrive(visit), habit, with_doses=True), habit, only_some=True)


def _planned(stage, visit, habit):
    stage.plan(stage.arrive(visit), habit, with_doses=True)


def _seen(stage, visit, habit):
    stage.review(visit)


def _arrived(stage, visit, habit):
    stage.arrive(visit, is_seen=False)


def _planned_ahead(stage, visit, habit):
    stage.clock.set(stage.today - dt.timedelta(days=1), 16)
    stage.plan(visit, habit)


def _cancelled(stage, visit, habit):
    _planned_ahead(stage, visit, habit)
    stage.end(visit, VisitState.CANCELLED)


def _missed(stage, visit, habit):
    _planned_ahead(stage, visit, habit)
    stage.end(visit, VisitState.NO_SHOW)


def _in_error(stage, visit, habit):
    stage.during(visit, -60)
    stage.error(visit)


def _amending(stage, visit, habit):
    _signed(stage, visit, habit)
    stage.amend(visit)


def _amended(stage, visit, habit):
    _amending(stage, visit, habit)
    stage.sign_amendment(visit)


def _typed_twice(stage, visit, habit):
    visit = stage.arrive(visit)
    stage.entered_in_error(stage.plan(visit, habit))
    stage.finish(visit)


PLAYS = {
    SIGNED: _signed,
    LAST_TIME: _last_time,
    UNSIGNED: _unsigned,
    RECORDING: _recording,
    PLANNED: _planned,
    ARRIVED: _arrived,
    SEEN: _seen,
    CANCELLED: _cancelled,
    MISSED: _missed,
    ERROR: _in_error,
    AHEAD: _planned_ahead,
    AMENDING: _amending,
    TWICE: _typed_twice,
    AMENDED: _amended,
}
