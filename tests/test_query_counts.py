"""No page asks the database more often because it shows more rows, and none asks it more often than is written here."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from patients.models import VisitState
from planning import actions
from planning.models import Muscle
from tests import builders

pytestmark = pytest.mark.django_db

# What each page may ask at most, login, navigation and audit trail included.
CEILINGS = {
    "today": 14,
    "to sign": 11,
    "patient": 21,
    "visit": 16,
    "session, planning": 20,
    "session, recording": 23,
    "session, a script": 23,
    "read-back": 18,
    "record": 13,
    "follow-ups": 15,
    "patient search": 13,
    "muscles": 11,
    "audit": 8,
}


class Clinic:
    """One clinician, and rows that are made on distinct days, so that no two visits overlap."""

    def __init__(self, clinician, desk):
        self.clinician, self.desk, self.made, self.missed_visits = clinician, desk, 0, 0

    def visit(self, *, patient=None, day=None):
        """On the next free day of the past, or at the next free time of `day`."""
        self.made += 1
        minutes = 8 * 60 + self.made * 10
        time = {"hour": minutes // 60, "minute": minutes % 60, "minutes": 10} if day else {}
        return builders.a_visit(
            patient=patient or builders.a_patient(by=self.desk, family_name=f"Searched{self.made}"),
            clinician=self.clinician, by=self.desk, day=day or builders.today() - dt.timedelta(days=self.made), **time,
        )  # fmt: skip

    def missed(self, *, patient, clinician=None):
        """A follow-up that is open again: the patient did not come to the visit that was booked for it."""
        self.missed_visits += 1
        follow_up = builders.a_follow_up(patient=patient, clinician=clinician or self.clinician)
        day = builders.today() - dt.timedelta(days=self.missed_visits)
        visit = builders.a_visit(
            patient=patient, clinician=follow_up.clinician, by=self.desk, day=day, follow_up=follow_up
        )
        actions.change_visit_state(visit=visit, state=VisitState.NO_SHOW, by=self.desk, version=visit.version)

    def given(self, visit, **details):
        return builders.a_given_session(by=self.clinician, visit=visit, muscles=(("SCM", "right"),), **details)

    def sides(self, session, count):
        """That many more rows, each of a muscle and side of its own."""
        for _ in range(count // 2):
            self.made += 1
            muscle = Muscle.objects.create(name=f"Muscle {self.made:03}", short_name=f"M{self.made:03}")
            actions.add_injections(session=session, muscle=muscle, sides=["right", "left"], by=self.clinician)
        if session.is_recording:
            for row in session.injections.filter(given_dose=""):
                actions.change_injection(injection=row, by=self.clinician, version=row.version, given_dose="1.11")


@pytest.fixture
def clinic(neurologist, staff):
    return Clinic(neurologist, staff)


@pytest.fixture
def count(client, neurologist):
    client.force_login(neurologist)

    def ask(path, **headers):
        with CaptureQueriesContext(connection) as queries:
            response = client.get(path, headers=headers)
        assert response.status_code == 200
        return len(queries)

    return ask


def assert_constant(name, ask, grow, sizes=(5, 50)):
    few, many = sizes
    grow(few)
    ask()  # once before anything is counted: what a process asks only once, and that the login is in use
    with_few = ask()
    grow(many - few)
    with_many = ask()
    assert with_few == with_many, f"{with_few} queries for {few} rows, {with_many} for {many}"
    assert with_many <= CEILINGS[name], f"{name} asks {with_many} times"


def test_today(clinic, count):
    def grow(rows):
        for _ in range(rows):
            visit = clinic.visit(day=builders.today())
            builders.a_planned_session(by=clinic.clinician, visit=visit, muscles=(("SCM", "right"),))
            clinic.missed(patient=visit.patient)

    assert_constant("today", lambda: count("/?whose=all"), grow)


def test_to_sign(clinic, count):
    def grow(rows):
        for _ in range(rows):
            clinic.given(clinic.visit())

    assert_constant("to sign", lambda: count("/to-sign/"), grow)


def test_a_patients_page(clinic, count):
    patient = builders.a_patient()

    def grow(rows):
        for number in range(rows):
            session = clinic.given(clinic.visit(patient=patient))
            if number % 2:
                builders.sign(session, by=clinic.clinician)

    assert_constant("patient", lambda: count(patient.get_absolute_url()), grow)


def test_a_visits_page(clinic, count):
    visit = clinic.visit()

    def grow(rows):
        for number in range(rows):
            session = clinic.given(visit)
            if number % 2:
                builders.sign(session, by=clinic.clinician)

    assert_constant("visit", lambda: count(visit.get_absolute_url()), grow)


def test_a_sessions_page_while_planning(clinic, count):
    session = builders.a_planned_session(by=clinic.clinician, visit=clinic.visit(), muscles=())
    assert_constant(
        "session, planning",
        lambda: count(session.get_absolute_url()),
        lambda rows: clinic.sides(session, rows + rows % 2),
        sizes=(4, 40),
    )


@pytest.mark.parametrize("name", ["session, recording", "session, a script"])
def test_a_sessions_page_while_recording(name, clinic, count):
    session = clinic.given(clinic.visit())
    vials = [builders.a_vial(session=session, by=clinic.clinician, lot_number=f"LOT-{number}") for number in range(5)]
    headers = {"X-Requested-With": "fetch"} if "script" in name else {}

    def grow(rows):
        clinic.sides(session, rows)
        for number, row in enumerate(session.injections.filter(vial=None)):
            actions.change_injection(injection=row, by=clinic.clinician, version=row.version, vial=vials[number % 5])

    assert_constant(name, lambda: count(session.get_absolute_url(), **headers), grow, sizes=(4, 40))


def test_the_read_back_and_the_record(clinic, count):
    session = clinic.given(clinic.visit())
    assert_constant(
        "read-back", lambda: count(f"/sessions/{session.pk}/sign/"), lambda rows: clinic.sides(session, rows), (4, 40)
    )
    small = clinic.given(clinic.visit())
    for one in (small, session):
        builders.sign(one, by=clinic.clinician)
    asked = {count(one.record().get_absolute_url()) for one in (small, session)}
    assert len(asked) == 1
    assert asked.pop() <= CEILINGS["record"]


def test_follow_ups(clinic, count):
    def grow(rows):
        for _ in range(rows):
            clinic.missed(patient=builders.a_patient(by=clinic.desk), clinician=builders.a_clinician())

    assert_constant("follow-ups", lambda: count("/follow-ups/"), grow)


@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}], ids=["page", "fragment"])
def test_a_search(clinic, count, headers):
    def grow(rows):
        for number in range(rows):
            builders.a_patient(by=clinic.desk, family_name="Searched", given_name=f"Nr {number}")

    assert_constant("patient search", lambda: count("/patients/?q=searched", **headers), grow)


def test_the_catalogue(clinic, count):
    def grow(rows):
        for _ in range(rows):
            clinic.made += 1
            group = Muscle.objects.create(name=f"Group {clinic.made}", short_name=f"G{clinic.made}")
            part = Muscle.objects.create(name=f"Part {clinic.made}", short_name=f"P{clinic.made}", group=group)
            if clinic.made % 2:
                actions.retire(entry=part, by=clinic.clinician)

    assert_constant("muscles", lambda: count("/muscles/"), grow)


def test_the_trail(client, count, clinic, auditor):
    client.force_login(auditor)

    def grow(rows):
        for _ in range(rows):
            builders.a_patient()

    assert_constant("audit", lambda: count("/audit/"), grow)
