"""Earlier sessions next to the rows: what was injected before, without any dose."""

import datetime as dt

import pytest

from planning.session_pages.earlier import earlier_sessions, last_to_repeat
from planning.sessions.actions.injections import remove_injection
from planning.sessions.actions.sessions import change_session
from tests import builders

pytestmark = pytest.mark.django_db

DOSES = ("7771.13", "8882.24")


@pytest.fixture
def patient():
    return builders.a_patient()


@pytest.fixture
def session(patient, neurologist):
    return builders.a_planned_session(
        by=neurologist, visit=builders.an_arrived_visit(patient=patient, clinician=neurologist)
    )


def listed(session):
    return earlier_sessions(session.visit, day=session.day_given)


def test_last_three_signed_sessions_are_listed_newest_first(session, patient, neurologist):
    for weeks in (52, 39, 26, 13):
        builders.a_signed_session_of(patient, by=neurologist, weeks_ago=weeks)
    assert [earlier.since for earlier in listed(session)] == [
        "13 weeks before", "26 weeks before", "39 weeks before",
    ]  # fmt: skip


def test_signed_session_before_those_read_is_listed(session, patient, neurologist, monkeypatch):
    """The page of a visit reads the last sessions, signed or not; a signed one can be before all of them."""
    monkeypatch.setattr("planning.session_pages.earlier.MOST_LOOKED_AT", 1)
    before, last = (builders.a_signed_session_of(patient, by=neurologist, weeks_ago=weeks) for weeks in (24, 12))
    found = earlier_sessions(session.visit, day=session.day_given, among=[last])
    assert [each.session for each in found] == [last, before]


@pytest.mark.parametrize(("weeks_ago", "words"), [(1, "1 week before"), (12, "12 weeks before")])
def test_weeks_count_from_given_on(session, patient, neurologist, weeks_ago, words):
    builders.a_signed_session_of(patient, by=neurologist, weeks_ago=weeks_ago)
    assert listed(session)[0].since == words


def test_later_given_on_of_an_earlier_visit_is_shown_as_after(session, patient, neurologist):
    visit = builders.a_visit(patient=patient, clinician=neurologist, day=builders.today() - dt.timedelta(days=1))
    later = builders.a_given_session(by=neurologist, visit=visit)
    change_session(session=later, by=neurologist, version=later.version, given_on=builders.today())
    builders.sign(later, by=neurologist)
    builders.record(session, by=neurologist)
    session.refresh_from_db()
    given_on = builders.today() - dt.timedelta(days=2)
    session = change_session(session=session, by=neurologist, version=session.version, given_on=given_on)
    assert listed(session)[0].since == "2 days after"


def test_each_names_product_muscles_and_sides(session, patient, neurologist):
    builders.a_signed_session_of(patient, by=neurologist, weeks_ago=12, product="Dysport")
    (earlier, *_) = listed(session)
    assert earlier.product == "Dysport"
    assert earlier.muscles == "Sternocleidomastoid right · Levator scapulae right"


def test_amended_session_is_shown_by_its_latest_record(session, patient, neurologist):
    earlier = builders.a_signed_session_of(patient, by=neurologist, weeks_ago=12)
    builders.an_amendment(earlier, by=neurologist)
    row = earlier.injections.in_order().first()
    remove_injection(injection=row, product=row.session.product, by=neurologist, version=row.version)
    assert "Sternocleidomastoid" in listed(session)[0].muscles
    builders.sign(earlier, by=neurologist)
    assert "Sternocleidomastoid" not in listed(session)[0].muscles
    assert listed(session)[0].record.number == 2


def test_unsigned_later_and_foreign_sessions_are_not_listed(session, patient, neurologist):
    builders.a_signed_session_of(builders.a_patient(), by=neurologist, weeks_ago=12)
    builders.a_given_session(
        by=neurologist,
        visit=builders.a_visit(patient=patient, clinician=neurologist, day=builders.today() - dt.timedelta(weeks=5)),
    )
    assert listed(session) == []
    assert last_to_repeat(session) is None


@pytest.mark.parametrize("recording", [False, True])
def test_page_contains_no_dose_of_an_earlier_session(login, session, patient, neurologist, recording):
    builders.a_signed_session_of(patient, by=neurologist, weeks_ago=12, doses=DOSES)
    if recording:
        builders.record(session, by=neurologist)
    page = login(neurologist).get(session.get_absolute_url()).content.decode()
    assert "12 weeks before" in page
    assert not any(dose in page for dose in DOSES)


def test_last_record_is_shown_and_audited_as_a_read(login, session, patient, neurologist):
    earlier = builders.a_signed_session_of(patient, by=neurologist, weeks_ago=12, doses=DOSES)
    response = login(neurologist).get(earlier.record().get_absolute_url(), headers={"X-Requested-With": "fetch"})
    text = response.content.decode()
    assert 'id="record"' in text
    assert "<html" not in text
    assert all(f"{dose} units" in text for dose in DOSES)
    assert "<input" not in text
