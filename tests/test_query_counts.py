"""No page asks the database more often because it shows more rows, and none asks it more often than is written here."""

import datetime as dt
import gzip
import re
from functools import partial

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from clinic.accounts.actions import revoke_token
from patients.models import Patient, VisitState
from planning.course.actions.course import record_event
from planning.models import Instrument, Muscle
from planning.pages.actions.visits import change_visit_state
from planning.reports.export import export_of
from planning.sessions.actions.injections import add_injections, change_injection
from planning.sessions.actions.reviews import ask_for_review
from tests import builders
from tests.ceilings import CEILINGS, MOST_BYTES, TEMPLATES
from tests.row_copies import making

pytestmark = pytest.mark.django_db


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

    def coming_visit(self, *, patient=None, clinician=None):
        """On the next free day from tomorrow on."""
        self.made += 1
        return builders.a_visit(
            patient=patient or builders.a_patient(by=self.desk), clinician=clinician or self.clinician, by=self.desk,
            day=builders.today() + dt.timedelta(days=self.made),
        )  # fmt: skip

    def missed(self, *, patient, clinician=None):
        """A follow-up that is open again: the patient did not come to the visit that was booked for it."""
        self.missed_visits += 1
        follow_up = builders.a_follow_up(patient=patient, clinician=clinician or self.clinician)
        day = builders.today() - dt.timedelta(days=self.missed_visits)
        visit = builders.a_visit(
            patient=patient, clinician=follow_up.clinician, by=self.desk, day=day, follow_up=follow_up
        )
        change_visit_state(visit=visit, state=VisitState.NO_SHOW, by=self.desk, version=visit.version)

    def given(self, visit, **details):
        return builders.a_given_session(by=self.clinician, visit=visit, muscles=(("SCM", "right"),), **details)

    def sides(self, session, count):
        """That many more rows, each of a muscle and side of its own."""
        for _ in range(count // 2):
            self.made += 1
            muscle = Muscle.objects.create(name=f"Muscle {self.made:03}", short_name=f"M{self.made:03}")
            add_injections(
                session=session, product=session.product, muscle=muscle, sides=["right", "left"], by=self.clinician
            )
        if session.is_recording:
            for row in session.injections.filter(given_dose=""):
                change_injection(
                    injection=row,
                    product=row.session.product,
                    by=self.clinician,
                    version=row.version,
                    given_dose="1.11",
                )


@pytest.fixture
def clinic(neurologist, staff):
    return Clinic(neurologist, staff)


@pytest.fixture
def count(client, neurologist):
    client.force_login(neurologist)

    def ask(path, searched=None, **headers):
        with CaptureQueriesContext(connection) as queries:
            response = (client.post if searched else client.get)(path, searched, headers=headers)
        assert response.status_code == 200
        return Asked(len(queries), len(response.templates or ()), len(gzip.compress(response.content)))

    return ask


class Asked(int):
    """The number of queries of a page; and of its templates and compressed bytes."""

    def __new__(cls, queries, templates, compressed):
        asked = super().__new__(cls, queries)
        asked.templates, asked.compressed = templates, compressed
        return asked


def assert_constant(name, ask, grow, sizes=(5, 50)):
    assert_all_constant({name: ask}, grow, sizes)


def assert_all_constant(asks, grow, sizes=(5, 50)):
    """Each of them, over the same rows."""
    few, many = sizes
    with making() as made:
        grow(few)
    for ask in asks.values():
        ask()  # what a process asks only once, and that the login is in use
    with_few = asked_each(asks)
    made.again(many // few - 1)
    with_many = asked_each(asks)
    assert with_few == with_many, f"{with_few} queries for {few} rows, {with_many} for {many}"
    assert {name: asked for name, asked in with_many.items() if asked > CEILINGS[name]} == {}
    templates = {name: (with_few[name].templates, with_many[name].templates) for name in asks.keys() & TEMPLATES.keys()}
    assert {name: (few, many) for name, (few, many) in templates.items() if few != many or many > TEMPLATES[name]} == {}
    assert {name: asked.compressed for name, asked in with_many.items() if asked.compressed > MOST_BYTES} == {}


def asked_each(asks):
    return {name: ask() for name, ask in asks.items()}


def test_query_for_each_row_is_detected(clinic):
    def ask():
        with CaptureQueriesContext(connection) as queries:
            assert [patient.visits.count() for patient in Patient.objects.all()]
        return len(queries)

    with pytest.raises(AssertionError, match=re.escape("{'today': 6} queries for 5 rows, {'today': 51} for 50")):
        assert_constant("today", ask, lambda rows: [clinic.visit() for _ in range(rows)])


def test_today(clinic, count):
    def grow(rows):
        for _ in range(rows):
            visit = clinic.visit(day=builders.today())
            builders.a_planned_session(by=clinic.clinician, visit=visit, muscles=(("SCM", "right"),))
            clinic.missed(patient=visit.patient)

    assert_constant("today", lambda: count("/?whose=all"), grow)


def test_diary(clinic, count):
    def grow(rows):
        for _ in range(rows):
            clinic.visit(day=builders.today())

    pages = {"diary, a day": "/visits/", "diary, a week": "/visits/?view=week"}
    assert_all_constant({name: partial(count, path) for name, path in pages.items()}, grow)


def test_list_to_sign(clinic, count):
    def grow(rows):
        for _ in range(rows):
            clinic.given(clinic.visit())

    assert_constant("to sign", lambda: count("/to-sign/"), grow)


def test_patient_page(clinic, count):
    patient = builders.a_patient()

    def grow(rows):
        for number in range(rows):
            session = clinic.given(clinic.visit(patient=patient))
            if number % 2:
                builders.sign(session, by=clinic.clinician)

    assert_constant("patient", lambda: count(patient.get_absolute_url()), grow)


def test_course_pages_and_export_for_3_and_60_sessions(clinic, count):
    short, long = builders.a_patient(), builders.a_patient()
    for patient, cycles in ((short, 3), (long, 60)):
        builders.a_long_course(patient, by=builders.a_clinician(), cycles=cycles)
        clinic.given(clinic.visit(patient=patient))

    def pages(patient):
        last = patient.visits.order_by("-starts_at").first()
        session = patient.visits.exclude(sessions=None).order_by("-starts_at").first().sessions.get()
        return {
            "patient": patient.get_absolute_url(),
            "summary": f"/patients/{patient.pk}/summary/",
            "everything": f"/patients/{patient.pk}/everything/",
            "visit": last.get_absolute_url(),
            "assessment": f"/visits/{last.pk}/assessment/",
            "session, recording": session.get_absolute_url(),
            "event": f"/sessions/{session.pk}/adverse-events/",
        }

    count(short.get_absolute_url())  # what a process asks only once
    asked = {name: (count(path), count(pages(long)[name])) for name, path in pages(short).items()}
    asked["export"] = [queries_of_export(patient) for patient in (short, long)]
    assert {name: counts for name, counts in asked.items() if counts[0] != counts[1]} == {}
    assert {name: few for name, (few, _) in asked.items() if few > CEILINGS[name]} == {}


def queries_of_export(patient):
    with CaptureQueriesContext(connection) as queries:
        export_of(patient)
    return len(queries)


def test_visit_page(clinic, count):
    visit = clinic.visit()

    def grow(rows):
        for number in range(rows):
            session = clinic.given(visit)
            builders.an_event(session=session)
            if number % 2:
                builders.sign(session, by=clinic.clinician)

    assert_constant("visit", lambda: count(visit.get_absolute_url()), grow)


def test_session_page_while_planning(clinic, count):
    session = builders.a_planned_session(by=clinic.clinician, visit=clinic.visit(), muscles=())
    assert_constant(
        "session, planning",
        lambda: count(session.get_absolute_url()),
        lambda rows: clinic.sides(session, rows + rows % 2),
        sizes=(4, 40),
    )


@pytest.mark.parametrize("name", ["session, recording", "session, a script"])
def test_session_page_while_recording(name, clinic, count):
    session = clinic.given(clinic.visit())
    vials = [builders.a_vial(session=session, by=clinic.clinician, lot_number=f"LOT-{number}") for number in range(5)]
    headers = {"X-Requested-With": "fetch"} if "script" in name else {}

    def grow(rows):
        clinic.sides(session, rows)
        for number, row in enumerate(session.injections.filter(vial=None)):
            change_injection(
                injection=row,
                product=row.session.product,
                by=clinic.clinician,
                version=row.version,
                vial=vials[number % 5],
            )

    assert_constant(name, lambda: count(session.get_absolute_url(), **headers), grow, sizes=(4, 40))


def test_read_back_and_record(clinic, count):
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


def test_waiting_list(clinic, count):
    def grow(rows):
        for _ in range(rows):
            visit = clinic.coming_visit()
            builders.a_waiting_entry(
                patient=visit.patient, by=clinic.desk, kind=visit.kind, clinician=builders.a_clinician()
            )

    assert_constant("waiting list", lambda: count("/waiting-list/"), grow)


def test_freed_time_names_few(clinic, count):
    visit = clinic.coming_visit(clinician=builders.hours(clinic.clinician, saturday="9:00-17:00", sunday="9:00-17:00"))
    change_visit_state(visit=visit, state=VisitState.CANCELLED, by=clinic.desk, version=visit.version, reason="Ill")

    def grow(rows):
        for _ in range(rows):
            builders.a_waiting_entry(patient=builders.a_patient(by=clinic.desk), by=clinic.desk)

    assert_constant("freed time", lambda: count(visit.get_absolute_url()), grow)


def test_coverage(clinic, count):
    patient = builders.a_patient()

    def grow(rows):
        for _ in range(rows):
            clinic.coming_visit(patient=patient)
            builders.a_coverage(patient=patient, by=clinic.desk, valid_until=builders.today())

    assert_constant("coverage", lambda: count(f"/patients/{patient.pk}/coverage/"), grow)


def test_therapies(clinic, count):
    patient = builders.a_patient()

    def grow(rows):
        for _ in range(rows):
            builders.a_therapy(patient=patient, by=clinic.desk)

    assert_constant("therapies", lambda: count(f"/patients/{patient.pk}/therapies/"), grow)


def test_papers(clinic, count):
    patient = builders.a_patient()

    def grow(rows):
        for _ in range(rows):
            builders.a_consent(patient=patient, by=builders.a_clinician())
            builders.some_information(patient=patient, by=builders.a_clinician())

    assert_constant("papers", lambda: count(f"/patients/{patient.pk}/papers/"), grow)


def test_visits_that_are_not_authorised(clinic, count):
    def grow(rows):
        for _ in range(rows):
            visit = clinic.coming_visit(clinician=builders.a_clinician())
            builders.a_coverage(patient=visit.patient, by=clinic.desk, valid_until=builders.today())

    assert_constant("not authorised", lambda: count("/visits/not-authorised/"), grow)


@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}], ids=["page", "fragment"])
def test_search(clinic, count, headers):
    def grow(rows):
        for number in range(rows):
            builders.a_patient(by=clinic.desk, family_name="Searched", given_name=f"Nr {number}")

    assert_constant("patient search", lambda: count("/patients/", {"q": "searched"}, **headers), grow)


def test_catalogue(clinic, count):
    def grow(rows):
        for _ in range(rows):
            clinic.made += 1
            group = Muscle.objects.create(name=f"Group {clinic.made}", short_name=f"G{clinic.made}")
            part = Muscle.objects.create(name=f"Part {clinic.made}", short_name=f"P{clinic.made}", group=group)
            total = Instrument.objects.create(name=f"Total {clinic.made}", lowest=0, highest=9)
            scale = Instrument.objects.create(name=f"Scale {clinic.made}", lowest=0, highest=9, part_of=total)
            if clinic.made % 2:
                builders.retire(part, by=clinic.clinician)
                builders.retire(scale, by=clinic.clinician)

    assert_constant("catalogue", lambda: count("/muscles/"), grow)


def test_audit_trail(client, count, clinic, auditor):
    client.force_login(auditor)

    def grow(rows):
        for _ in range(rows):
            builders.a_patient()

    assert_constant("audit", lambda: count("/audit/"), grow)


def test_filtered_audit_trail(client, count, clinic, auditor):
    client.force_login(auditor)
    patient = builders.a_patient(record_number="AB-77")

    def grow(rows):
        for _ in range(rows):
            builders.a_coverage(patient=patient)

    asked = {"record_number": "AB-77", "action": "did added", "outcome": "done", "since": "2026-01-01"}
    assert_constant("audit, filtered", lambda: count("/audit/", asked), grow)


def test_set_up_page(client, count, superuser):
    client.force_login(superuser)

    def grow(rows):
        for _ in range(rows):
            Client().force_login(builders.hours(builders.a_person("neurologist")))

    assert_constant("set-up", lambda: count("/set-up/"), grow)


def test_list_for_review(client, count, clinic, trainee):
    client.force_login(trainee)

    def grow(rows):
        for _ in range(rows):
            session = builders.a_planned_session(by=trainee, visit=clinic.visit(), muscles=(("SCM", "right"),))
            ask_for_review(session=session, question="Which side?", by=trainee)

    assert_constant("for review", lambda: count("/for-review/"), grow)


def test_tokens(clinic, count, monkeypatch):
    """Some active ones, and as many ended ones."""
    monkeypatch.setattr("clinic.accounts.actions.MOST_AT_ONCE", 100)

    def grow(rows):
        for number in range(rows):
            token = builders.a_token(by=clinic.clinician)
            if number % 2:
                revoke_token(token=token, by=clinic.clinician)

    assert_constant("tokens", lambda: count("/account/tokens/"), grow)


def test_lot(clinic, count):
    """Exact and possible matches: signed, amended and unsigned, with adverse events, of records of the same person."""
    chief = builders.a_patient()

    def grow(rows):
        for number in range(rows):
            session = clinic.given(clinic.visit())
            builders.a_vial(session=session, by=clinic.clinician, lot_number=("LOT-1", "BOX LOT-1")[number % 2])
            record_event(session=session, by=clinic.clinician, kind="bruising")
            if number % 5:
                builders.sign(session, by=clinic.clinician)
            if number % 5 == 1:
                builders.an_amendment(session, by=clinic.clinician)
                builders.amend(session, by=clinic.clinician)
                builders.sign(session, by=clinic.clinician)
            if number % 5 == 2:
                builders.the_same_person(chief, session.patient, by=clinic.clinician)

    pages = {"lots": "/lots/?lot=lot1", "lots, the file": "/lots/csv/?lot=lot1"}
    assert_all_constant({name: partial(count, path) for name, path in pages.items()}, grow)


def test_overview(clinic, count):
    patient = builders.a_patient()

    def grow(rows):
        for number in range(rows):
            session = clinic.given(clinic.visit(patient=patient if number % 2 else None))
            record_event(session=session, by=clinic.clinician, kind="bruising")
            builders.sign(session, by=clinic.clinician)
            clinic.missed(patient=builders.a_patient(by=clinic.desk), clinician=builders.a_clinician())

    pages = {"overview": "/overview/?months=60", "overview, the file": "/overview/csv/?months=60"}
    assert_all_constant({name: partial(count, path) for name, path in pages.items()}, grow)


def test_possible_duplicates(clinic, count):
    """Undecided and marked ones, of people with one record and with two."""

    def grow(rows):
        for _ in range(rows // 5):
            clinic.made += 1
            name = {"family_name": f"Duplicate{'x' * clinic.made}", "date_of_birth": dt.date(1970, 1, clinic.made)}
            people = [
                builders.a_patient(by=clinic.desk, **name, given_name=given) for given in ("", "A", "Ada", "Ada B")
            ]
            joined = builders.a_patient(by=clinic.desk, **name, given_name="Another")
            builders.the_same_person(people[-1], joined, by=clinic.clinician)
            builders.not_the_same_person(*people[:2], by=clinic.desk)

    path = "/patients/possible-duplicates/"
    pages = {"possible duplicates": path, "marked as not the same": f"{path}?only=decided"}
    assert_all_constant({name: partial(count, page) for name, page in pages.items()}, grow)
