"""Every open follow-up is on exactly one list, and every patient who is treated here is expected or on a list."""

import datetime as dt
from collections import Counter
from contextlib import ExitStack, contextmanager

import pytest
import time_machine
from django.contrib.auth.models import Group
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from clinic.models import AuditEntry, Clinic, User
from clinic.records.exceptions import Refused
from patients.followups.actions import SeeAgain, close_follow_up, hand_over_follow_up, record_no_follow_up, see_again
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
from tests.patients.people.pages import filled, queries_of, text_of

NOW = dt.datetime(2026, 11, 25, 9, tzinfo=dt.UTC)  # a Wednesday
MOST_PATIENTS = 4
IN_DAYS = (0, 7, 0, 1, -2)
AHEAD = (VisitState.BOOKED, VisitState.ARRIVED)


def stored():
    return [list(model.objects.order_by("pk").values()) for model in (Patient, Visit, FollowUp)]


@contextmanager
def taken_back():
    """What is done inside leaves no trace."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def happens(to):
    """A step that may be taken where there are records of that kind: `which` counts them back from the last one made.

    It may be refused; then all is as it was.
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


class AClinic(RuleBasedStateMachine):
    """In which anything may happen next."""

    def __init__(self):
        super().__init__()
        self.until_teardown = ExitStack()
        self.clock = self.until_teardown.enter_context(time_machine.travel(NOW, tick=False))
        self.until_teardown.enter_context(taken_back())
        self.until_teardown.enter_context(timezone.override(Clinic.ours().zone))
        self.lead = builders.a_person("neurologist")
        self.staff = builders.a_person("clinic staff")
        self.others = [builders.a_person("neurologist").pk for _ in range(2)]
        self.look()
        self.somebody_is_asked_back()
        self.somebody_is_booked(hour=16)
        self.somebody_has_come(hour=17)
        self.look()

    def somebody_is_asked_back(self):
        patient, clinician = builders.a_patient(by=self.staff), self.a_clinician(1)
        return builders.a_follow_up(patient=patient, clinician=clinician, due_on=builders.today(), by=self.staff)

    def somebody_is_booked(self, hour):
        asked = self.somebody_is_asked_back()
        return builders.a_visit(
            patient=asked.patient, clinician=asked.clinician, hour=hour, by=self.staff, follow_up=asked
        )

    def somebody_has_come(self, hour):
        visit = self.somebody_is_booked(hour)
        self._become(visit, VisitState.ARRIVED)
        builders.a_planned_session(by=self.lead, visit=visit, muscles=[("SCM", "right")])

    def teardown(self):
        self.until_teardown.close()

    def look(self):
        """What is there now, by the kinds that steps happen to; the last made stands last."""
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

    @happens("room for a patient")
    def register(self, _, how):
        builders.a_patient(by=self.staff)

    @happens("a patient")
    def ask_back(self, patient, how):
        see_again(
            answer=self.an_answer(how) or SeeAgain(),
            patient=patient,
            clinician=self.a_clinician(how),
            counted_from=timezone.localdate(),
            by=self.staff,
        )

    @happens("a patient")
    def change_status(self, patient, how):
        left = (PatientStatus.MOVED_AWAY, PatientStatus.DIED)[how % 2]
        status = left if patient.is_active else PatientStatus.ACTIVE
        change_patient_status(patient=patient, status=status, by=self.staff, version=patient.version)

    @happens("a patient")
    def say_same_person(self, patient, how):
        other = self.there["a patient"][how % len(self.there["a patient"])]
        builders.the_same_person(patient, other, by=self.lead)

    @happens("one who is another")
    def undo_same_person(self, patient, how):
        builders.two_people(patient, by=self.lead)

    # Visits

    @happens("a patient")
    def book(self, patient, how):
        self._book(patient, how)

    @happens("a follow-up")
    def book_what_was_asked(self, follow_up, how):
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

    @happens("a visit")
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

    def _was_asked(self, patient):
        """When the patient is to be seen again; at the end of a visit, nobody is left to be found later."""
        return not is_unattended(patient)

    @happens("a booked visit")
    def arrive(self, visit, how):
        self._become(visit, VisitState.ARRIVED)

    @happens("a visit")
    def cancel(self, visit, how):
        self._become(visit, VisitState.CANCELLED)

    @happens("a booked visit")
    def miss(self, visit, how):
        self._become(visit, VisitState.NO_SHOW)

    @happens("a visit")
    def call_an_error(self, visit, how):
        self._become(visit, VisitState.ENTERED_IN_ERROR)

    @happens("a visit ahead")
    def finish(self, visit, how):
        with transaction.atomic():
            if visit.state == VisitState.BOOKED:
                visit = self._become(visit, VisitState.ARRIVED)
            self._become(visit, VisitState.FINISHED, again=self.an_answer(how))
        assert InjectionSession.objects.awaits_signature(visit) or self._was_asked(visit.patient)

    @happens("a visit to correct")
    def correct(self, visit, how):
        states = visit.can_be_corrected_to()
        self._become(visit, states[how % len(states)])

    # Sessions

    @happens("a visit")
    def plan(self, visit, how):
        builders.a_planned_session(by=self.lead, visit=visit, muscles=[("SCM", "right")])

    @happens("a planned session")
    def give(self, session, how):
        builders.record(session, by=self.lead)
        for row in session.injections.all():
            change_injection(
                injection=row, product=row.session.product, by=self.lead, version=row.version, given_dose="1.11"
            )
        session.refresh_from_db()
        change_session(session=session, by=self.lead, version=session.version, operator=self.lead)

    @happens("a given session")
    def sign(self, session, how):
        builders.sign(session, by=self.lead, see_again=self.an_answer(how))
        assert self._was_asked(session.visit.patient)

    @happens("a session")
    def end_as_not_done(self, session, how):
        endings.end_as_not_done(
            session=session, reason="Fever.", by=self.lead, version=session.version, again=self.an_answer(how)
        )
        assert self._was_asked(session.visit.patient)

    # Follow-ups

    @happens("a follow-up")
    def close(self, follow_up, how):
        close_follow_up(follow_up=follow_up, reason="Declined.", by=self.staff, version=follow_up.version)

    @happens("an open follow-up")
    def call(self, follow_up, how):
        again = timezone.localdate() + dt.timedelta(days=how) if how else None
        builders.a_contact(follow_up, how="phone", outcome="no_answer", by=self.staff, call_again_on=again)

    @happens("a follow-up")
    def hand_over(self, follow_up, how):
        hand_over_follow_up(
            follow_up=follow_up, clinician=self.a_clinician(how), by=self.staff, version=follow_up.version
        )

    # Clinicians and days come and go

    @happens("a clinician who may leave")
    def leave_or_return(self, clinician, how):
        role = Group.objects.get(name="neurologist")
        if how % 2:
            clinician.groups.remove(role) if clinician.groups.exists() else clinician.groups.add(role)
        else:
            clinician.is_active = not clinician.is_active
            clinician.save()

    @happens("the clinic")
    def sleep(self, _, how):
        self.clock.shift(dt.timedelta(days=1 + how // 3))

    # What holds all the same

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
    def nobody_is_forgotten(self):
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
@pytest.mark.parametrize("examples", [6, pytest.param(40, marks=pytest.mark.full)])
def test_whatever_happens_nobody_is_forgotten(examples):
    run_state_machine_as_test(
        AClinic, settings=settings(max_examples=examples, stateful_step_count=25, deadline=None, derandomize=True)
    )


# The page: who stands there


PAGE = reverse("patients:unattended")


@pytest.fixture
def on_a_wednesday():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def desk(login, staff, on_a_wednesday):
    return login(staff)


@pytest.fixture
def patient(staff, on_a_wednesday):
    return builders.a_patient(by=staff, family_name="Okafor", given_name="Grace", phone="0555 014 417")


def again(instance):
    return type(instance).objects.get(pk=instance.pk)


def in_days(days):
    return builders.today() + dt.timedelta(days=days)


def become(visit, state, *, by=None, **details):
    visit = again(visit)
    return change_visit_state(
        visit=visit, state=state, by=by or visit.clinician, version=visit.version, **{"reason": "Ill.", **details}
    )


def listed(desk):
    return list(desk.get(PAGE).context["page"])


def a_closed_follow_up(patient, *, by):
    follow_up = builders.a_follow_up(patient=patient)
    return close_follow_up(follow_up=follow_up, reason="Declined.", by=by, version=follow_up.version)


def a_follow_up_put_aside(patient, *, by):
    follow_up = builders.a_follow_up(patient=patient)
    builders.a_contact(follow_up, how="phone", outcome="reached", by=by, call_again_on=in_days(1))


def a_follow_up_of_somebody_who_left(patient, *, due_on=None):
    follow_up = builders.a_follow_up(patient=patient, due_on=due_on)
    User.objects.filter(pk=follow_up.clinician_id).update(is_active=False)
    return follow_up


def something_given_and_not_signed(patient, *, by):
    visit = builders.an_arrived_visit(patient=patient, clinician=by)
    builders.a_given_session(by=by, visit=visit)
    become(visit, VisitState.FINISHED)


FORGOTTEN = {
    "registered only": lambda patient, by: None,
    "not yet said whether they came": lambda patient, by: builders.a_visit(patient=patient, day=in_days(-1)),
    "cancelled": lambda patient, by: become(builders.a_visit(patient=patient, day=in_days(1)), VisitState.CANCELLED),
    "did not come": lambda patient, by: become(builders.a_visit(patient=patient), VisitState.NO_SHOW),
    "the follow-up was closed": lambda patient, by: a_closed_follow_up(patient, by=by),
    "the signature will ask": lambda patient, by: something_given_and_not_signed(patient, by=by),
}
NOT_FORGOTTEN = {
    "asked back": lambda patient, by: builders.a_follow_up(patient=patient),
    "asked back long ago": lambda patient, by: builders.a_follow_up(patient=patient, due_on=in_days(-900)),
    "put aside": lambda patient, by: a_follow_up_put_aside(patient, by=by),
    "asked back by somebody who left": lambda patient, by: a_follow_up_of_somebody_who_left(patient),
    "booked": lambda patient, by: builders.a_visit(patient=patient, day=in_days(1)),
    "booked for earlier today": lambda patient, by: builders.a_visit(patient=patient, hour=8),
    "here now": lambda patient, by: builders.an_arrived_visit(patient=patient),
    "need not come": lambda patient, by: record_no_follow_up(patient=patient, reason="Well.", by=by),
    "moved away": lambda patient, by: change_patient_status(
        patient=patient, status="moved_away", by=by, version=patient.version
    ),
}


@pytest.mark.parametrize("happened", FORGOTTEN.values(), ids=FORGOTTEN.keys())
def test_whom_nobody_expects_stands_there(happened, desk, patient, neurologist):
    happened(patient, neurologist)
    assert listed(desk) == [patient]


@pytest.mark.parametrize("happened", NOT_FORGOTTEN.values(), ids=NOT_FORGOTTEN.keys())
def test_whoever_is_expected_or_not_treated_here_does_not(happened, desk, patient, neurologist):
    happened(patient, neurologist)
    page = desk.get(PAGE)
    assert list(page.context["page"]) == []
    assert "All patients have a follow-up or a visit." in text_of(page)


def test_a_record_that_is_the_same_person_stands_there_as_that_person(desk, patient, staff, neurologist):
    other = builders.a_patient(by=staff, family_name="Halvorsen")
    builders.the_same_person(patient, other, by=neurologist)
    assert listed(desk) == [patient]
    builders.two_people(other, by=neurologist)
    assert listed(desk) == [other, patient]


def test_each_is_named_with_phone_and_when_last_seen_and_the_reading_is_audited(desk, patient, staff, neurologist):
    # Given one who was here twice, and missed the last visit, and one who never was here
    for days, states in (
        (-100, [VisitState.ARRIVED, VisitState.FINISHED]),
        (-30, [VisitState.ARRIVED, VisitState.FINISHED]),
        (-9, [VisitState.NO_SHOW]),
    ):
        visit = builders.a_visit(patient=patient, clinician=neurologist, day=in_days(days))
        for state in states:
            visit = become(visit, state, again=builders.AGAIN if state is VisitState.FINISHED else None)
    for follow_up in FollowUp.objects.all():
        close_follow_up(follow_up=follow_up, reason="Declined.", by=staff, version=follow_up.version)
    new = builders.a_patient(by=staff, family_name="Okoye", given_name="Ada")

    # When the desk reads who is forgotten
    page = desk.get(PAGE)

    # Then it can tell whom to call
    text = text_of(page)
    assert f"OKAFOR, Grace 14 Mar 1969 · {patient.record_number} 0555 014 417 26 Oct 2026" in text
    assert f"OKOYE, Ada 14 Mar 1969 · {new.record_number} – never" in text
    entry = AuditEntry.objects.filter(action="read").last()
    assert {row.patient_id for row in entry.patients.all()} == {patient.pk, new.pk}


@pytest.mark.engine
def test_fifty_stand_on_a_page_none_lost_and_none_twice(desk, staff):
    people = {builders.a_patient(by=staff, family_name="Same", given_name="Name") for _ in range(53)}
    pages = [list(desk.get(PAGE, {"page": number}).context["page"]) for number in (1, 2)]
    assert [len(page) for page in pages] == [50, 3]
    assert {one for page in pages for one in page} == people


def test_more_patients_need_no_more_queries(desk, staff):
    for _ in range(5):
        builders.a_patient(by=staff)
    few = queries_of(desk, PAGE)
    for _ in range(45):
        builders.a_patient(by=staff)
    assert queries_of(desk, PAGE) == few


def test_one_put_aside_is_to_be_called_again_on_the_day_agreed(patient, staff):
    a_follow_up_put_aside(patient, by=staff)
    follow_up = FollowUp.objects.get()
    for day, aside in ((in_days(0), True), (in_days(1), False), (in_days(2), False)):
        assert FollowUp.objects.postponed(day).exists() == follow_up.is_postponed(day) == aside
        assert FollowUp.objects.to_book(day).exists() == follow_up.is_to_book(day) == (not aside)


# Handing over what somebody left


def test_a_follow_up_of_somebody_who_left_is_handed_over_there(desk, patient, neurologist):
    # Given two, which stand there and not on the list
    late = a_follow_up_of_somebody_who_left(patient, due_on=in_days(-3))
    a_follow_up_of_somebody_who_left(patient, due_on=in_days(7))
    page = desk.get(PAGE)
    assert [row["due"] for row in page.context["rows"]] == ["3 days overdue", "due 2 Dec 2026"]
    assert "Clinician has left 2" in text_of(page)
    assert not FollowUp.objects.to_book(builders.today()).exists()

    # When one is handed over
    assert list(page.context["clinicians"]) == [neurologist]
    sent = {"version": late.version, "clinician": neurologist.pk, "next": PAGE}
    response = desk.post(reverse("patients:followup-hand-over", args=[late.pk]), sent)

    # Then it is on the list, and the other still stands there
    assert response.url == PAGE
    assert FollowUp.objects.to_book(builders.today()).get() == late
    assert [row["due"] for row in desk.get(PAGE).context["rows"]] == ["due 2 Dec 2026"]


def test_it_goes_to_a_clinician_only(desk, patient, staff):
    follow_up = a_follow_up_of_somebody_who_left(patient)
    for chosen, said in (("", "Choose who sees the patient."), (staff.pk, "Select a valid choice.")):
        sent = {"version": 1, "clinician": chosen, "next": PAGE}
        response = desk.post(reverse("patients:followup-hand-over", args=[follow_up.pk]), sent)
        assert said in text_of(response)
    with pytest.raises(Refused, match="Choose a neurologist or a trainee"):
        hand_over_follow_up(follow_up=follow_up, clinician=staff, by=staff, version=1)
    assert FollowUp.objects.without_clinician().get() == follow_up


def test_whoever_hands_it_over_later_is_told(desk, patient, staff, neurologist, other_neurologist):
    follow_up = a_follow_up_of_somebody_who_left(patient)
    hand_over_follow_up(follow_up=follow_up, clinician=neurologist, by=staff, version=1)
    sent = {"version": 1, "clinician": other_neurologist.pk, "next": PAGE}
    response = desk.post(reverse("patients:followup-hand-over", args=[follow_up.pk]), sent)
    assert response.status_code == 409
    assert again(follow_up).clinician == neurologist


def test_more_follow_ups_of_somebody_who_left_need_no_more_queries(desk, patient):
    for _ in range(5):
        a_follow_up_of_somebody_who_left(patient)
    few = queries_of(desk, PAGE)
    for _ in range(45):
        a_follow_up_of_somebody_who_left(patient)
    assert queries_of(desk, PAGE) == few


# Asking back, away from any visit


@pytest.fixture
def ask_back(desk, patient, neurologist):
    """`ask_back(**typed)` opens the page for a patient whom that neurologist saw last, types, and sends."""
    builders.finish(
        builders.an_arrived_visit(patient=patient, clinician=neurologist, day=in_days(-30)),
        again=SeeAgain(weeks=1, why="Before."),
    )
    (follow_up,) = FollowUp.objects.all()
    close_follow_up(follow_up=follow_up, reason="Declined.", by=neurologist, version=1)
    page = reverse("patients:patient-return", args=[patient.pk])

    def typed_and_sent(**typed):
        return desk.post(page, filled(desk.get(page), **typed))

    return typed_and_sent


@pytest.mark.parametrize(
    ("typed", "due_on"),
    [({"weeks": "3"}, dt.date(2026, 12, 16)), ({"on": "2027-02-15"}, dt.date(2027, 2, 15))],
    ids=["weeks", "date"],
)
def test_a_patient_is_asked_back_by_a_date_or_in_weeks(typed, due_on, ask_back, desk, patient, neurologist):
    assert listed(desk) == [patient]
    assert ask_back(kind="review", why="Called in.", **typed).url == patient.get_absolute_url()
    follow_up = FollowUp.objects.open().get()
    assert (follow_up.due_on, follow_up.kind, follow_up.why) == (due_on, "review", "Called in.")
    assert follow_up.clinician == neurologist
    assert listed(desk) == []


def test_that_none_is_needed_is_stated_with_a_reason(ask_back, desk, patient, staff):
    assert "Enter why no follow-up is needed." in text_of(ask_back(no_follow_up="on"))
    assert listed(desk) == [patient]
    assert ask_back(no_follow_up="on", no_follow_up_reason="Treated at home.").status_code == 302
    patient = again(patient)
    assert (patient.no_follow_up_reason, patient.no_follow_up_by) == ("Treated at home.", staff)
    assert not FollowUp.objects.open().exists()
    assert listed(desk) == []


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({}, "Enter when the patient should be seen again"),
        ({"weeks": "3", "on": "2027-02-15"}, "Enter only one of these"),
        ({"weeks": "3", "no_follow_up": "on", "no_follow_up_reason": "Well."}, "Enter only one of these"),
        ({"on": "2026-11-25"}, "Choose a date after 25 Nov 2026."),
        ({"weeks": "0"}, "greater than or equal to 1"),
        ({"weeks": "soon"}, "Type the number of weeks as a whole number."),
    ],
)
def test_what_is_no_answer_is_said_and_nothing_is_kept(typed, said, ask_back, desk, patient):
    page = ask_back(why="Called in.", **typed)
    assert said in text_of(page)
    assert page.context["form"]["why"].value() == "Called in."
    assert not FollowUp.objects.open().exists()
    assert listed(desk) == [patient]


def test_asking_back_that_arrives_twice_is_one_follow_up(desk, patient, neurologist):
    page = reverse("patients:patient-return", args=[patient.pk])
    sent = filled(desk.get(page), weeks="3", clinician=neurologist.pk)
    for _ in range(2):
        assert desk.post(page, sent).status_code == 302
    assert FollowUp.objects.count() == 1


# What brings a patient back to the page


def test_booking_a_visit_withdraws_that_none_is_needed(desk, patient, staff, neurologist):
    # Given a patient who need not come
    record_no_follow_up(patient=patient, reason="Well.", by=staff)

    # When a visit is booked all the same, and then cancelled
    page = reverse("patients:visit-book", args=[patient.pk])
    typed = {"clinician": neurologist.pk, "kind": "review", "day": "2026-12-01", "time": "10:30", "minutes": "30"}
    assert desk.post(page, filled(desk.get(page), **typed)).status_code == 302
    assert again(patient).no_follow_up_reason == ""
    assert listed(desk) == []
    become(patient.visits.get(), VisitState.CANCELLED)

    # Then nobody has said that the patient need not come
    assert listed(desk) == [patient]


def test_a_booking_that_is_refused_leaves_it_said(patient, staff):
    record_no_follow_up(patient=patient, reason="Well.", by=staff)
    taken = builders.a_visit()
    with pytest.raises(Refused, match="just taken"):
        builders.a_visit(patient=patient, clinician=taken.clinician)
    assert again(patient).no_follow_up_reason == "Well."


@pytest.mark.parametrize(("days", "reason"), [(1, ""), (-1, "Well.")], ids=["coming", "past"])
def test_a_visit_that_is_to_come_after_all_withdraws_it_too(days, reason, patient, staff):
    visit = become(builders.a_visit(patient=patient, day=in_days(days)), VisitState.CANCELLED)
    record_no_follow_up(patient=patient, reason="Well.", by=staff)
    become(visit, VisitState.BOOKED)
    assert again(patient).no_follow_up_reason == reason


ENDINGS = {
    "said to be another": lambda patient, other, by: builders.the_same_person(other, patient, by=by),
    "moved away": lambda patient, other, by: change_patient_status(
        patient=patient, status="moved_away", by=by, version=patient.version
    ),
}


@pytest.mark.parametrize("end", ENDINGS.values(), ids=ENDINGS.keys())
def test_nobody_who_cannot_be_booked_gets_a_coming_visit_back(end, patient, staff, neurologist):
    # Given a coming and a past visit, cancelled before the patient was said to be another, or moved away
    coming, past = (builders.a_visit(patient=patient, day=in_days(days)) for days in (1, -1))
    for visit in (coming, past):
        become(visit, VisitState.CANCELLED)
    end(patient, builders.a_patient(by=staff), neurologist)

    # When the coming one shall take place after all, then that is refused as a new booking is
    refused_as = again(patient).booking_obstacle()
    with pytest.raises(Refused, match=refused_as):
        become(coming, VisitState.BOOKED)

    # And what became of the past one can still be corrected
    become(past, VisitState.BOOKED)


def test_two_people_after_all_have_each_their_own_cancelled_visit(patient, staff, neurologist):
    # Given a visit that went to another record with its follow-up, and was cancelled there
    other = builders.a_patient(by=staff, family_name="Halvorsen")
    follow_up = builders.a_follow_up(patient=other)
    visit = builders.a_visit(patient=other, clinician=follow_up.clinician, day=in_days(1), follow_up=follow_up)
    builders.the_same_person(patient, other, by=neurologist)
    become(visit, VisitState.CANCELLED)

    # When they are two people after all, then both are again of whom they were booked and asked for
    builders.two_people(other, by=neurologist)
    assert again(visit).patient == again(follow_up).patient == other


def test_a_follow_up_with_a_visit_ahead_is_not_closed_by_hand(patient, staff):
    follow_up = builders.a_follow_up(patient=patient)
    builders.a_visit(patient=patient, clinician=follow_up.clinician, follow_up=follow_up)
    follow_up = again(follow_up)
    with pytest.raises(Refused, match="A visit is booked for this follow-up"):
        close_follow_up(follow_up=follow_up, reason="Declined.", by=staff, version=follow_up.version)
    assert again(follow_up).closed_at is None


def test_one_closed_by_hand_is_not_answered_by_a_visit_that_takes_place_after_all(patient, staff):
    follow_up = builders.a_follow_up(patient=patient)
    visit = builders.a_visit(patient=patient, clinician=follow_up.clinician, day=in_days(1), follow_up=follow_up)
    become(visit, VisitState.CANCELLED)
    follow_up = again(follow_up)
    close_follow_up(follow_up=follow_up, reason="Declined.", by=staff, version=follow_up.version)
    become(visit, VisitState.BOOKED)
    assert (again(follow_up).booked_visit, again(follow_up).closed_reason) == (None, "Declined.")
