"""Visits on a date that no authorisation covers, and where clinic staff see this."""

import datetime as dt
import random

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from clinic.models import Clinic
from patients.coverage.models.coverage import (
    authorisation_gaps,
    coming_gaps,
    gaps_of,
    not_authorised,
    visits_not_authorised,
    with_gaps,
)
from patients.models import Coverage, Visit, VisitState
from planning.pages.actions.visits import change_visit_state
from tests import builders
from tests.extent import IS_WHOLE
from tests.patients.coverage.coverage_dates import AFTER, BEFORE, BEGINS, DAY, ENDS, TODAY, list_of
from tests.patients.people.pages import filled, queries_of, text_of

pytestmark = pytest.mark.django_db

NOT_AUTHORISED = reverse("patients:visit-not-authorised")


@pytest.fixture(autouse=True)
def on_a_wednesday():
    with time_machine.travel(dt.datetime(2026, 11, 25, 9, tzinfo=dt.UTC), tick=True):
        yield


@pytest.fixture
def desk(login, staff):
    return login(staff)


@pytest.fixture
def visit():
    return builders.a_visit(day=DAY)


# Authorisation on the date of a visit

TIMES = {
    "without a time": ({}, []),
    "for that day alone": ({"valid_from": DAY, "valid_until": DAY}, []),
    "that day is its last": ({"valid_until": DAY}, []),
    "that day is its first": ({"valid_from": DAY}, []),
    "ends the day before": ({"valid_until": BEFORE}, [ENDS]),
    "ends the day before, and began": ({"valid_from": TODAY, "valid_until": BEFORE}, [ENDS]),
    "begins the day after": ({"valid_from": AFTER}, [BEGINS]),
    "begins the day after, and ends": ({"valid_from": AFTER, "valid_until": AFTER}, [BEGINS]),
}


@pytest.mark.parametrize("time", TIMES)
def test_authorisation_not_covering_the_visit_date_is_a_gap(time, visit):
    valid, messages = TIMES[time]
    builders.a_coverage(patient=visit.patient, **{"valid_from": None, "valid_until": None, **valid})
    assert authorisation_gaps(visit) == messages
    assert list(visits_not_authorised(TODAY)) == ([visit] if messages else [])


def test_no_authorisation_is_no_gap(visit):
    assert authorisation_gaps(visit) == []
    assert not visits_not_authorised(TODAY).exists()


@pytest.mark.parametrize("decision", ["", "asked_for", "approved", "not_needed"])
def test_ended_authorisation_is_a_gap_for_every_decision(decision, visit):
    builders.a_coverage(patient=visit.patient, decision=decision, valid_until=BEFORE)
    assert authorisation_gaps(visit) == [ENDS]


def test_denied_authorisation_is_no_gap(visit):
    builders.a_coverage(patient=visit.patient, decision="refused")
    builders.a_coverage(patient=visit.patient, decision="refused", valid_until=BEFORE)
    assert authorisation_gaps(visit) == []
    builders.a_coverage(patient=visit.patient, valid_until=BEFORE)
    assert authorisation_gaps(visit) == [ENDS]


def test_coverage_in_error_is_ignored_until_undone(visit, staff):
    holds = builders.a_coverage(patient=visit.patient)
    ends = builders.a_coverage(patient=visit.patient, valid_until=BEFORE)
    assert authorisation_gaps(visit) == []
    holds = builders.in_error(holds, by=staff)
    assert authorisation_gaps(visit) == [ENDS]
    builders.in_error(ends, by=staff)
    assert authorisation_gaps(visit) == []
    builders.undo_in_error(ends, by=staff)
    assert authorisation_gaps(visit) == [ENDS]
    builders.undo_in_error(holds, by=staff)
    assert authorisation_gaps(visit) == []


def test_one_valid_authorisation_is_enough(visit):
    for time in ({"valid_until": BEFORE}, {"valid_from": AFTER}, {"valid_until": DAY}):
        builders.a_coverage(patient=visit.patient, **time)
    assert authorisation_gaps(visit) == []


def test_nearest_of_several_gaps_are_named(visit):
    for days in (400, 1, 30):
        begin, end = DAY - dt.timedelta(days=days + 300), DAY - dt.timedelta(days=days)
        builders.a_coverage(patient=visit.patient, valid_from=begin, valid_until=end)
    for days in (30, 1, 400):
        builders.a_coverage(patient=visit.patient, valid_from=DAY + dt.timedelta(days=days), valid_until=None)
    assert authorisation_gaps(visit) == [ENDS, BEGINS]


def test_past_end_is_described_as_past(visit):
    builders.a_coverage(patient=visit.patient, valid_from=None, valid_until=TODAY - dt.timedelta(days=1))
    assert authorisation_gaps(visit) == [
        "The authorisation of Example Health ended on 24 Nov 2026, before the visit on 7 Dec 2026."
    ]


@pytest.mark.engine
def test_visit_date_uses_the_clinics_time_zone():
    """In summer, 00:30 by the clinic's clock is the day before by the world's."""
    visit = builders.a_visit(day=dt.date(2027, 6, 8), hour=0, minute=30)
    builders.a_coverage(patient=visit.patient, valid_until=dt.date(2027, 6, 7))
    assert visit.starts_at.astimezone(dt.UTC).date() == dt.date(2027, 6, 7)
    with timezone.override(Clinic.ours().zone):
        assert authorisation_gaps(visit) != []
        assert list(visits_not_authorised(TODAY)) == [visit]


def test_only_coming_visits_have_gaps(neurologist):
    patient = builders.a_patient()
    builders.a_coverage(patient=patient, valid_from=None, valid_until=dt.date(2026, 6, 1))
    made = {
        name: builders.a_visit(patient=patient, clinician=neurologist, day=TODAY + dt.timedelta(days=days), hour=15)
        for name, days in {"past": -1, "today": 0, "tomorrow": 1, "cancelled": 2}.items()
    }
    change_visit_state(visit=made["cancelled"], state=VisitState.CANCELLED, by=neurologist, version=1, reason="x")
    arrived = builders.an_arrived_visit(patient=patient, clinician=neurologist, hour=16)
    pointed_at = [made["today"], arrived, made["tomorrow"]]
    assert list(visits_not_authorised(TODAY)) == pointed_at
    for visit in Visit.objects.all():
        assert bool(coming_gaps(visit, TODAY)) == (visit in pointed_at)
        assert visit.is_coming(TODAY) == Visit.objects.coming(TODAY).filter(pk=visit.pk).exists()


COUPLES = 60 if IS_WHOLE else 24


@pytest.mark.engine
def test_all_queries_for_gaps_agree(neurologist):
    """Over patients with up to four coverages of any time, some of whom are one person in two records."""
    rng = random.Random(77)  # noqa: S311
    visits = []
    for number in range(COUPLES):
        patient, other = builders.a_patient(by=neurologist), builders.a_patient(by=neurologist)
        for record in (patient, other):
            for _ in range(rng.choice([0, 0, 1, 1, 2])):
                _a_random_coverage(rng, record, by=neurologist)
        stays = _a_random_visit(rng, other, neurologist, number)
        if number % 3:
            staying = [stays.pk] if number % 2 else []
            builders.the_same_person(patient, other, by=neurologist, staying=staying)
        visits += [stays.pk, _a_random_visit(rng, patient, neurologist, COUPLES + number).pk]

    flagged = set(not_authorised(Visit.objects.all()))
    everybody = list(Visit.objects.select_related("patient"))
    gaps = {visit: authorisation_gaps(visit) for visit in everybody}

    assert len(everybody) == len(visits) == 2 * COUPLES
    assert {visit for visit in everybody if gaps[visit]} == flagged
    assert dict(with_gaps(everybody)) == gaps
    assert {visit: gaps_of(visit, _of_person(visit.patient)) for visit in everybody} == gaps
    assert {visit for visit in everybody if coming_gaps(visit, TODAY)} == set(visits_not_authorised(TODAY))
    # And there was something to agree on, also of people with two records
    assert COUPLES / 3 < len(flagged) < 1.7 * COUPLES
    assert any(visit.patient.same_as_id for visit in flagged)
    assert any(visit.patient.others.exists() for visit in flagged)


def _of_person(patient):
    """Also coverages in error and rejected ones."""
    return list(Coverage.objects.of_person(patient.person_id).latest_first())


def _a_random_coverage(rng, patient, *, by):
    begin = rng.choice([None, DAY + dt.timedelta(days=rng.randint(-9, 9))])
    end = rng.choice([None, (begin or DAY) + dt.timedelta(days=rng.randint(0, 9))])
    decision = rng.choice(["", "approved", "approved", "asked_for", "refused", "not_needed"])
    coverage = builders.a_coverage(patient=patient, by=by, valid_from=begin, valid_until=end, decision=decision)
    if rng.random() < 0.1:
        builders.in_error(coverage, by=by)


def _a_random_visit(rng, patient, clinician, number):
    """Each at a time of its own, so that none overlaps with another."""
    day = DAY + dt.timedelta(days=rng.randint(-2, 2) - 21 * (number % 2 and rng.random() < 0.3))
    return builders.a_visit(
        patient=patient, clinician=clinician, by=clinician,
        day=day, hour=number // 6, minute=number % 6 * 10, minutes=10,
    )  # fmt: skip


def test_visit_of_a_linked_record_uses_the_persons_coverage(visit, neurologist):
    patient, former = builders.a_patient(), visit.patient
    builders.a_coverage(patient=former, valid_until=BEFORE)
    builders.the_same_person(patient, former, by=neurologist, staying=[visit.pk])
    visit.refresh_from_db()
    assert authorisation_gaps(visit) == [ENDS]
    builders.a_coverage(patient=patient)
    assert authorisation_gaps(visit) == []
    assert not visits_not_authorised(TODAY).exists()


# Where clinic staff see it


def test_coming_visit_page_shows_the_gap_and_links_to_coverage(desk, visit):
    assert 'class="notice warning"' not in desk.get(visit.get_absolute_url()).content.decode()
    builders.a_coverage(patient=visit.patient, valid_until=BEFORE)
    page = desk.get(visit.get_absolute_url())
    assert f"{ENDS} Coverage" in text_of(page)
    assert f'href="{list_of(visit.patient)}"' in page.content.decode()


def test_past_visit_page_shows_no_gap(desk, visit):
    builders.a_coverage(patient=visit.patient, valid_until=BEFORE)
    change_visit_state(visit=visit, state=VisitState.CANCELLED, by=visit.clinician, version=1, reason="x")
    assert ENDS not in text_of(desk.get(visit.get_absolute_url()))


def test_booking_shows_the_gap(desk, neurologist):
    coverage = builders.a_coverage(valid_until=BEFORE)
    booking = reverse("patients:visit-book", args=[coverage.patient_id])
    sent = filled(
        desk.get(booking), clinician=neurologist.pk, kind="injection", day=DAY, time="10:00", outside_note="x"
    )
    text = text_of(desk.post(booking, sent, follow=True))
    assert "Booked: Injection, 7 Dec 2026, 10:00" in text
    assert text.count(ENDS) == 1


@pytest.mark.parametrize("elsewhere", ["", "/visits/?day=2026-12-07"], ids=["to the visit", "in the diary"])
def test_moving_a_visit_shows_the_gap_once(elsewhere, desk):
    visit = builders.a_visit(day=TODAY + dt.timedelta(days=1))
    builders.a_coverage(patient=visit.patient, valid_until=BEFORE)
    moving = reverse("planning:visit-move", args=[visit.pk])
    sent = filled(desk.get(moving), day=DAY, time="10:00") | {"next": elsewhere}
    text = text_of(desk.post(moving, sent, follow=True))
    assert "Moved: Injection, 7 Dec 2026, 10:00" in text
    assert text.count(ENDS) == 1


def test_moving_to_an_authorised_date_shows_no_gap(desk):
    visit = builders.a_visit(day=AFTER)
    builders.a_coverage(patient=visit.patient, valid_until=DAY)
    moving = reverse("planning:visit-move", args=[visit.pk])
    sent = filled(desk.get(moving), day=DAY, time="10:00") | {"next": "/visits/"}
    assert "The authorisation" not in text_of(desk.post(moving, sent, follow=True))


def test_coverage_page_shows_gaps_of_every_coming_visit(desk, visit):
    patient = visit.patient
    builders.a_coverage(patient=patient, valid_until=BEFORE)
    builders.a_visit(patient=patient, day=AFTER)
    page = desk.get(list_of(patient))
    assert [gaps for _, gaps in page.context["gaps"]] == [[ENDS], [ENDS.replace("visit on 7", "visit on 8")]]
    assert f'href="{visit.get_absolute_url()}"' in page.content.decode()


def test_diary_links_to_the_list_when_gaps_exist(desk, visit):
    assert NOT_AUTHORISED not in desk.get("/visits/").content.decode()
    builders.a_coverage(patient=visit.patient, valid_until=BEFORE)
    page = desk.get("/visits/")
    assert NOT_AUTHORISED in page.content.decode()
    assert "Not authorised 1" in text_of(page)


@pytest.mark.engine
def test_list_names_each_visit_with_its_reason(desk, visit):
    assert "No visits without authorisation." in text_of(desk.get(NOT_AUTHORISED))
    builders.a_coverage(patient=visit.patient, valid_until=BEFORE)
    builders.a_coverage(patient=visit.patient, valid_from=AFTER)
    later = builders.a_visit(day=AFTER)
    builders.a_coverage(patient=later.patient, payer="Another", valid_until=DAY)
    page = desk.get(NOT_AUTHORISED)
    assert [(row["visit"], row["gaps"]) for row in page.context["rows"]] == [
        (visit, [ENDS, BEGINS]),
        (later, ["The authorisation of Another ends on 7 Dec 2026, before the visit on 8 Dec 2026."]),
    ]
    assert f'href="{list_of(later.patient)}"' in page.content.decode()


def test_list_query_count_is_constant(desk, neurologist):
    def ask():
        return queries_of(desk, NOT_AUTHORISED)

    _not_authorised_visits(3, neurologist)
    few = ask()
    _not_authorised_visits(20, neurologist, begin=3)
    assert ask() == few


def _not_authorised_visits(number, clinician, *, begin=0):
    for hour in range(begin, begin + number):
        visit = builders.a_visit(day=DAY, hour=hour, clinician=clinician, by=clinician)
        builders.a_coverage(patient=visit.patient, valid_until=BEFORE, by=clinician)
