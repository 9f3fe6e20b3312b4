"""Every open follow-up is on exactly one list, and every patient who is treated here is expected or on a list."""

import datetime as dt
from collections import Counter
from contextlib import ExitStack, contextmanager

import pytest
import time_machine
from django.contrib.auth.models import Group
from django.db import transaction
from django.utils import timezone
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from clinic.models import Clinic, User
from clinic.records.exceptions import Refused
from patients.followups.actions import SeeAgain, close_follow_up, hand_over_follow_up, see_again
from patients.followups.unattended import is_unattended, unattended_patients
from patients.front_desk.actions.visits import book_visit
from patients.models import FollowUp, Patient, PatientStatus, Visit, VisitState
from planning.models import InjectionSession
from planning.pages.actions.patients import change_patient_status
from planning.pages.actions.visits import change_visit_state, move_visit
from planning.sessions.actions.injections import change_injection
from planning.sessions.actions.sessions import change_session
from planning.signing.actions import endings
from tests import builders

NOW = dt.datetime(2026, 11, 25, 9, tzinfo=dt.UTC)  # a Wednesday
MOST_PATIENTS = 4
IN_DAYS = (0, 7, 0, 1, -2)
AHEAD = (VisitState.BOOKED, VisitState.ARRIVED)


def stored():
    return [list(model.objects.order_by("pk").values()) for model in (Patient, Visit, FollowUp)]


@contextmanager
def rolled_back():
    """What is done inside leaves no entry."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def step_for(to):
    """A step that is possible if there are records of that kind: `which` counts them back from the latest.

    If the action refuses it, no row has changed.
    """

    def decorate(step):
        def taken(self, which, how):
            records, before = self.there[to], stored()
            try:
                step(self, records[-1 - which % len(records)], how)
            except Refused:
                assert stored() == before
            self.look()

        taken.__name__ = step.__name__
        chosen = rule(which=st.integers(0, 3), how=st.integers(0, 7))
        return precondition(lambda self: self.there[to])(chosen(taken))

    return decorate


class ClinicMachine(RuleBasedStateMachine):
    """In which any step can happen next."""

    def __init__(self):
        super().__init__()
        self.until_teardown = ExitStack()
        self.clock = self.until_teardown.enter_context(time_machine.travel(NOW, tick=False))
        self.until_teardown.enter_context(rolled_back())
        self.until_teardown.enter_context(timezone.override(Clinic.ours().zone))
        self.lead = builders.a_person("neurologist")
        self.staff = builders.a_person("clinic staff")
        self.others = [builders.a_person("neurologist").pk for _ in range(2)]
        self.look()
        self.a_follow_up_exists()
        self.a_visit_is_booked(hour=16)
        self.a_visit_has_arrived(hour=17)
        self.look()

    def a_follow_up_exists(self):
        patient, clinician = builders.a_patient(by=self.staff), self.a_clinician(1)
        return builders.a_follow_up(patient=patient, clinician=clinician, due_on=builders.today(), by=self.staff)

    def a_visit_is_booked(self, hour):
        asked = self.a_follow_up_exists()
        return builders.a_visit(
            patient=asked.patient, clinician=asked.clinician, hour=hour, by=self.staff, follow_up=asked
        )

    def a_visit_has_arrived(self, hour):
        visit = self.a_visit_is_booked(hour)
        self._become(visit, VisitState.ARRIVED)
        builders.a_planned_session(by=self.lead, visit=visit, muscles=[("SCM", "right")])

    def teardown(self):
        self.until_teardown.close()

    def look(self):
        """The current records, by the kinds that steps apply to; the latest is last."""
        everybody = list(Patient.objects.order_by("pk"))
        visits = list(Visit.objects.order_by("pk"))
        follow_ups = list(FollowUp.objects.select_related("patient", "booked_visit").order_by("pk"))
        sessions = list(InjectionSession.objects.open().select_related("visit").order_by("pk"))
        self.there = {
            "the clinic": [self],
            "room for a patient": range(MOST_PATIENTS - len(everybody)),
            "a clinician who may leave": list(User.objects.filter(pk__in=self.others).order_by("pk")),
            "a patient": everybody,
            "one who is another": [patient for patient in everybody if patient.same_as_id],
            "a visit": visits,
            "a booked visit": [visit for visit in visits if visit.state == VisitState.BOOKED],
            "a visit ahead": [visit for visit in visits if visit.state in AHEAD],
            "a visit to correct": [visit for visit in visits if visit.can_be_corrected_to()],
            "a session": sessions,
            "a planned session": [session for session in sessions if not session.is_recording],
            "a given session": [session for session in sessions if session.is_recording],
            "a follow-up": follow_ups,
            "an open follow-up": [follow_up for follow_up in follow_ups if follow_up.is_open],
        }

    def a_clinician(self, how):
        return [self.lead, *self.there["a clinician who may leave"]][how % 3]

    def a_time(self, how):
        """On one of a few days, and each at another hour."""
        return builders.at(timezone.localdate() + dt.timedelta(days=IN_DAYS[how % len(IN_DAYS)]), 8 + how)

    def an_answer(self, how):
        return (
            SeeAgain(weeks=how + 1),
            SeeAgain(no_follow_up_reason="Discharged."),
            SeeAgain(on=timezone.localdate() + dt.timedelta(days=10 * how)),
            None,
        )[how % 4]

    # Patients

    @step_for("room for a patient")
    def register(self, _, how):
        builders.a_patient(by=self.staff)

    @step_for("a patient")
    def arrange_follow_up(self, patient, how):
        see_again(
            answer=self.an_answer(how) or SeeAgain(),
            patient=patient,
            clinician=self.a_clinician(how),
            counted_from=timezone.localdate(),
            by=self.staff,
        )

    @step_for("a patient")
    def change_status(self, patient, how):
        left = (PatientStatus.MOVED_AWAY, PatientStatus.DIED)[how % 2]
        status = left if patient.is_active else PatientStatus.ACTIVE
        change_patient_status(patient=patient, status=status, by=self.staff, version=patient.version)

    @step_for("a patient")
    def link_records(self, patient, how):
        other = self.there["a patient"][how % len(self.there["a patient"])]
        builders.the_same_person(patient, other, by=self.lead)

    @step_for("one who is another")
    def unlink_records(self, patient, how):
        builders.two_people(patient, by=self.lead)

    # Visits

    @step_for("a patient")
    def book(self, patient, how):
        self._book(patient, how)

    @step_for("a follow-up")
    def book_follow_up(self, follow_up, how):
        self._book(follow_up.patient, how, follow_up=follow_up)

    def _book(self, patient, how, **answered):
        book_visit(
            patient=patient,
            clinician=self.a_clinician(how),
            kind="injection",
            starts_at=self.a_time(how),
            minutes=30,
            by=self.staff,
            **answered,
        )

    @step_for("a visit")
    def move(self, visit, how):
        move_visit(
            visit=visit,
            clinician=self.a_clinician(how),
            starts_at=self.a_time(how),
            minutes=30,
            by=self.staff,
            version=visit.version,
        )

    def _become(self, visit, state, again=None):
        return change_visit_state(
            visit=visit, state=state, by=self.staff, version=visit.version, reason="Ill.", again=again
        )

    def _has_answer(self, patient):
        """When to see the patient again; at the end of a visit, always with an answer."""
        return not is_unattended(patient)

    @step_for("a booked visit")
    def arrive(self, visit, how):
        self._become(visit, VisitState.ARRIVED)

    @step_for("a visit")
    def cancel(self, visit, how):
        self._become(visit, VisitState.CANCELLED)

    @step_for("a booked visit")
    def mark_no_show(self, visit, how):
        self._become(visit, VisitState.NO_SHOW)

    @step_for("a visit")
    def mark_in_error(self, visit, how):
        self._become(visit, VisitState.ENTERED_IN_ERROR)

    @step_for("a visit ahead")
    def finish(self, visit, how):
        with transaction.atomic():
            if visit.state == VisitState.BOOKED:
                visit = self._become(visit, VisitState.ARRIVED)
            self._become(visit, VisitState.FINISHED, again=self.an_answer(how))
        assert InjectionSession.objects.awaits_signature(visit) or self._has_answer(visit.patient)

    @step_for("a visit to correct")
    def correct(self, visit, how):
        states = visit.can_be_corrected_to()
        self._become(visit, states[how % len(states)])

    # Sessions

    @step_for("a visit")
    def plan(self, visit, how):
        builders.a_planned_session(by=self.lead, visit=visit, muscles=[("SCM", "right")])

    @step_for("a planned session")
    def give(self, session, how):
        builders.record(session, by=self.lead)
        for row in session.injections.all():
            change_injection(
                injection=row, product=row.session.product, by=self.lead, version=row.version, given_dose="1.11"
            )
        session.refresh_from_db()
        change_session(session=session, by=self.lead, version=session.version, operator=self.lead)

    @step_for("a given session")
    def sign(self, session, how):
        builders.sign(session, by=self.lead, see_again=self.an_answer(how))
        assert self._has_answer(session.visit.patient)

    @step_for("a session")
    def end_as_not_done(self, session, how):
        endings.end_as_not_done(
            session=session, reason="Fever.", by=self.lead, version=session.version, again=self.an_answer(how)
        )
        assert self._has_answer(session.visit.patient)

    # Follow-ups

    @step_for("a follow-up")
    def close(self, follow_up, how):
        close_follow_up(follow_up=follow_up, reason="Declined.", by=self.staff, version=follow_up.version)

    @step_for("an open follow-up")
    def call(self, follow_up, how):
        again = timezone.localdate() + dt.timedelta(days=how) if how else None
        builders.a_contact(follow_up, how="phone", outcome="no_answer", by=self.staff, call_again_on=again)

    @step_for("a follow-up")
    def hand_over(self, follow_up, how):
        hand_over_follow_up(
            follow_up=follow_up, clinician=self.a_clinician(how), by=self.staff, version=follow_up.version
        )

    # Clinicians and days come and go

    @step_for("a clinician who may leave")
    def leave_or_return(self, clinician, how):
        role = Group.objects.get(name="neurologist")
        if how % 2:
            clinician.groups.remove(role) if clinician.groups.exists() else clinician.groups.add(role)
        else:
            clinician.is_active = not clinician.is_active
            clinician.save()

    @step_for("the clinic")
    def sleep(self, _, how):
        self.clock.shift(dt.timedelta(days=1 + how // 3))

    # What always applies

    @invariant()
    def each_open_follow_up_is_on_one_list(self):
        today = timezone.localdate()
        lists = {
            FollowUp.is_to_book: FollowUp.objects.to_book(today),
            FollowUp.is_postponed: FollowUp.objects.postponed(today),
            lambda one, on: one.is_without_clinician: FollowUp.objects.without_clinician(),
        }
        rows = list(FollowUp.objects.select_related("booked_visit", "clinician").prefetch_related("clinician__groups"))
        still_open = {one for one in rows if one.is_open}
        assert set(FollowUp.objects.open()) == still_open
        for is_on_it, found in lists.items():
            assert set(found) == {one for one in rows if is_on_it(one, today)}
        assert Counter(one for found in lists.values() for one in found) == dict.fromkeys(still_open, 1)

    @invariant()
    def a_follow_up_that_was_booked_ends_when_its_visit_is_finished_and_only_then(self):
        for follow_up in FollowUp.objects.exclude(booked_visit=None).select_related("booked_visit"):
            visit = follow_up.booked_visit
            assert (follow_up.closed_at is not None) == (visit.state == VisitState.FINISHED)
            assert follow_up.is_open == (not visit.is_active)

    @invariant()
    def an_open_follow_up_is_on_a_record_that_goes_on(self):
        assert not FollowUp.objects.open().exclude(patient__same_as=None).exists()

    @invariant()
    def each_patient_is_expected_or_unattended(self):
        today = timezone.localdate()
        unattended = set(unattended_patients(today))
        asked_back = {one.patient_id for one in FollowUp.objects.select_related("booked_visit") if one.is_open}
        coming = {visit.patient_id for visit in Visit.objects.filter(state__in=AHEAD) if visit.day >= today}
        for patient in Patient.objects.all():
            treated_here = patient.is_active and patient.same_as_id is None
            expected = {patient.pk} & (asked_back | coming) or patient.no_follow_up_reason
            forgotten = bool(treated_here and not expected)
            assert (patient in unattended) == is_unattended(patient) == forgotten


@pytest.mark.engine
@pytest.mark.django_db
@pytest.mark.parametrize("examples", [2, pytest.param(40, marks=pytest.mark.full)])
def test_every_patient_stays_expected_or_listed(examples):
    run_state_machine_as_test(
        ClinicMachine, settings=settings(max_examples=examples, stateful_step_count=25, deadline=None, derandomize=True)
    )
