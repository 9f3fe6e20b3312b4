"""A visit's page next to its parts: since when the patient waits, earlier sessions, and the menu of the visit."""

import datetime as dt
import re

import pytest
import time_machine

from patients.models import VisitState
from planning.pages.actions.visits import change_visit_state
from tests import builders
from tests.patients.people.pages import text_of

pytestmark = pytest.mark.django_db

TODAY = dt.date(2026, 11, 25)


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(dt.datetime(2026, 11, 25, 10, 31, tzinfo=dt.UTC), tick=False) as clock:
        yield clock


@pytest.fixture
def visit(neurologist):
    return builders.a_visit(clinician=neurologist, hour=11)


def menu_of(page):
    """The text of the menu, and whether it opens only by its button."""
    found = re.search(r'<div class="menu visitmenu"([^>]*)>(.*?)\n</div>', page.content.decode(), re.DOTALL)
    return found and (" ".join(re.sub(r"<[^>]*>", " ", found[2]).split()), found[1].split()[-1] == "popover")


# Waiting


def test_page_shows_since_when_the_patient_waits(login, staff, visit, clock):
    builders.arrive(visit)
    clock.shift(dt.timedelta(minutes=21))
    page = login(staff).get(visit.get_absolute_url())
    assert "Waiting since 10:31, 21 min" in text_of(page)
    assert 'data-minutes="21"' in page.content.decode()


def test_patient_who_is_not_here_does_not_wait(login, staff, visit):
    assert "Waiting" not in text_of(login(staff).get(visit.get_absolute_url()))


def test_patient_does_not_wait_after_the_injection(login, neurologist, visit):
    session = builders.a_planned_session(by=neurologist, visit=builders.arrive(visit))
    client = login(neurologist)
    assert "Waiting since 10:31" in text_of(client.get(visit.get_absolute_url()))
    session = builders.record(session, by=neurologist)
    builders.a_vial(session=session, by=neurologist)
    assert "Waiting" not in text_of(client.get(visit.get_absolute_url()))


# Earlier sessions


def test_earlier_sessions_are_links_without_doses(login, neurologist, visit):
    session = builders.a_signed_session_of(visit.patient, by=neurologist, weeks_ago=13, doses=("7771.13", "7771.14"))
    page = login(neurologist).get(visit.get_absolute_url())
    text = text_of(page)
    assert "26 Aug 2026 , 13 weeks before Botox: Sternocleidomastoid right · Levator scapulae right" in text
    assert f'href="{session.record().get_absolute_url()}"' in page.content.decode()
    assert "7771" not in text


def test_only_sessions_before_the_visit_are_earlier(login, neurologist, visit):
    builders.a_signed_session(by=neurologist, visit=builders.arrive(visit))
    assert "Earlier sessions" not in text_of(login(neurologist).get(visit.get_absolute_url()))


def test_front_desk_sees_no_earlier_sessions(login, staff, neurologist, visit):
    builders.a_signed_session_of(visit.patient, by=neurologist, weeks_ago=13)
    assert "Earlier sessions" not in text_of(login(staff).get(visit.get_absolute_url()))


# The menu


@pytest.mark.parametrize(
    ("state", "label", "items"),
    [
        (None, "Move, cancel, correct", ["Move…", "Cancel the visit", "Mark as entered in error"]),
        (VisitState.ARRIVED, "Cancel, correct", ["Cancel the visit", "Mark as entered in error", "Back to booked"]),
        (VisitState.CANCELLED, "Correct", ["Back to booked"]),
    ],
)
def test_menu_offers_what_is_possible(login, staff, visit, state, label, items):
    if state:
        change_visit_state(visit=visit, state=state, reason="ill", by=staff, version=visit.version)
    page = login(staff).get(visit.get_absolute_url())
    text, is_closed = menu_of(page)
    assert is_closed
    assert f"{label}…" in text_of(page)
    every = ("Move…", "Cancel the visit", "Mark as entered in error", "Back to booked")
    assert [item for item in every if item in text] == items


def test_visit_entered_in_error_is_not_moved(login, staff, visit):
    change_visit_state(visit=visit, state=VisitState.ENTERED_IN_ERROR, reason="twice", by=staff, version=1)
    text, _ = menu_of(login(staff).get(visit.get_absolute_url()))
    assert "Back to booked" in text
    assert "Move…" not in text


def test_rejected_form_stays_open_with_its_text(login, staff, visit):
    sent = {"state": "cancelled", "version": visit.version, "reason": "a\u202eb"}
    page = login(staff).post(visit.get_state_url(), sent)
    _, is_closed = menu_of(page)
    assert not is_closed
    assert 'value="a\u202eb"' in page.content.decode()
    assert "<details open>" in page.content.decode()
    assert 'popovertarget="visit-menu"' not in page.content.decode()


def test_page_has_one_main_button(login, neurologist, visit):
    builders.an_arrived_visit(patient=visit.patient, clinician=neurologist, hour=15)
    for one in (visit, builders.arrive(visit)):
        page = login(neurologist).get(one.get_absolute_url()).content.decode()
        assert page.count("btn btn-primary") == 1
