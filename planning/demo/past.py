"""The past of patients without a story: the rows that the actions would have left, without every step.

The database enforces its rules for these rows as for any other, and tests compare them with those of the actions.
"""

import datetime as dt

from clinic.records import audit_log
from clinic.records.actions import action, store, store_new
from patients.followups.actions import VISIT_FINISHED
from patients.models import FollowUp, FollowUpKind, Visit, VisitKind, VisitState
from planning.demo.people import ABSENCE_REASONS
from planning.demo.stage import NOTES, SLOT
from planning.sessions.content import content_from
from planning.sessions.models.consent import Consent
from planning.sessions.models.injection import Injection
from planning.sessions.models.session import InjectionSession
from planning.sessions.models.vial import Vial
from planning.signing.models.signed_record import SignedRecord


def minutes(number):
    return dt.timedelta(minutes=number)


@action
def play(*, course):
    """All visits until today, what was given and signed at them, and the open follow-up of the last one."""
    past = Past(course)
    visits = past.visits()
    store_new(visits, by=course.stage.desk())
    store_new(past.follow_ups(visits), by=course.clinician)
    for visit in visits:
        past.enter(visit)


class Past:
    def __init__(self, course):
        self.course, self.stage, self.rng = course, course.stage, course.rng
        self.patient, self.clinician, self.habit = course.patient, course.clinician, course.habit
        self.story = self.stage.stories[self.patient.pk]

    # The diary

    def visits(self):
        registered_on = self.course.registered_on
        visits = [
            self._visit(VisitKind.FIRST_ASSESSMENT, registered_on + dt.timedelta(days=3), booked_on=registered_on)
        ]
        for day in self.course.injection_days:
            if self.course.misses_one():
                visits.append(self._missed(day - dt.timedelta(days=6), booked_on=day - dt.timedelta(days=16)))
            visits.append(self._visit(VisitKind.INJECTION, day))
            if review_on := self.course.review_on(day):
                visits.append(self._visit(VisitKind.REVIEW, review_on, booked_on=day))
        return visits

    def _visit(self, kind, day, *, booked_on=None, state=VisitState.FINISHED, reason="", version=3):
        day, slot = self.stage.somewhere(self.clinician, day)
        visit = Visit(
            patient=self.patient, clinician=self.clinician, kind=kind, starts_at=self.stage.clock.at(day, *slot),
            minutes=SLOT, state=state, reason=reason, version=version,
            booked_at=self.stage.clock.at(booked_on or self.stage.booked_before(day), 11),
        )  # fmt: skip
        visit.set_end()
        visit._history_date = visit.ends_at
        return visit

    def _missed(self, day, *, booked_on):
        state = self.rng.choice([VisitState.CANCELLED, VisitState.NO_SHOW])
        reason = self.rng.choice(ABSENCE_REASONS) if state is VisitState.CANCELLED else ""
        return self._visit(VisitKind.INJECTION, day, booked_on=booked_on, state=state, reason=reason, version=2)

    def follow_ups(self, visits):
        first, *injections = [visit for visit in visits if visit.is_active and visit.kind != VisitKind.REVIEW]
        arranged = [self._follow_up(first, self.course.injection_days[0], why="First injection")]
        for visit in injections:
            arranged[-1].booked_visit, arranged[-1].version = visit, 3
            arranged[-1].closed_at, arranged[-1].closed_by = visit.starts_at + minutes(27), self.clinician
            arranged[-1].closed_reason = VISIT_FINISHED
            arranged.append(self._follow_up(visit, visit.day + dt.timedelta(weeks=12)))
        return arranged

    def _follow_up(self, visit, due_on, *, why=""):
        follow_up = FollowUp(
            patient=self.patient, clinician=self.clinician, kind=FollowUpKind.NEXT_INJECTION, due_on=due_on, why=why
        )
        follow_up._history_date = visit.starts_at + minutes(24)
        self._audit("arranged follow-up", follow_up)
        return follow_up

    # At a visit

    def enter(self, visit):
        self._audit("booked", visit, by=self.stage.desk())
        if not visit.is_active:
            self._not_done(visit)
        else:
            self._audit("arrived", visit, by=self.stage.desk())
            self.story.at(visit)
            if visit.kind == VisitKind.INJECTION:
                self.story.gave(self._injected(visit))
        self._audit(visit.get_state_display().lower(), visit)

    def _not_done(self, visit):
        if self.rng.random() < 0.5:
            return
        state = visit.get_state_display()
        session = self._session(
            visit, not_done_at=visit.starts_at, not_done_by=self.stage.desk(), cancelled_with_visit=True, version=2,
            not_done_reason=f"{state}: {visit.reason}" if visit.reason else f"{state}.",
        )  # fmt: skip
        self._rows(session, lambda number: {})

    def _injected(self, visit):
        self.stage.during(visit, 12)
        session = self._session(
            visit, recorder=self.clinician, recording_since=self.stage.clock.current, consent=self._consent(visit),
            operator=self.stage.an_operator() or self.clinician, notes=self.rng.choice(NOTES), version=3,
        )  # fmt: skip
        vial = store(Vial(session=session, **self.stage.typed_of_a_vial(session.product)), by=self.clinician)
        self._audit("added", vial)
        is_planned = self.stage.plans_doses()
        rows = self._rows(session, lambda number: self._given(number, is_planned=is_planned))
        self._sign(session, vial, rows)
        return session

    def _session(self, visit, **details):
        session = InjectionSession(visit=visit, product=self.habit.product, planned_by=self.clinician, **details)
        self._audit("planned", store(session, by=self.clinician))
        return session

    def _consent(self, visit):
        if len(self.story.sessions) % 4:
            return None
        consent = store(
            Consent(patient=self.patient, recorded_by=self.clinician, **self.stage.words_of_consent(visit)),
            by=self.clinician,
        )
        self._audit("recorded consent", consent)
        return consent

    def _given(self, number, *, is_planned):
        planned = {"planned_dose": self.stage.a_dose()} if is_planned else {}
        left_out = self.stage.leaves_out(number)
        return {"version": 2 + is_planned, **planned, **self.stage.typed_of_a_row(self.habit, left_out=left_out)}

    def _rows(self, session, typed):
        rows = [
            Injection(session=session, muscle=muscle, side=side, **typed(number))
            for number, (muscle, side) in enumerate(self.habit.rows)
        ]
        Injection.objects.bulk_create(rows)
        for row in rows:
            self._audit("added", row)
        return rows

    def _sign(self, session, vial, rows):
        self.stage.during(session.visit, 24)
        content = content_from(session, clinic=self.stage.clinic, amendment=None, vials=[vial], rows=rows)
        signer = self.stage.signer_of(session)
        record = SignedRecord.objects.append(session, content=content, by=signer)
        self._audit("signed", record, by=signer)

    def _audit(self, what, obj, *, by=None):
        audit_log.record(what, obj, by=by or self.clinician, patients=[self.patient.pk])
