"""The parts of a visit in their order: what is done, and the one main button for what comes next."""

import re

import pytest

from patients.models import VisitKind
from planning.signing.actions.endings import end_as_not_done
from tests import builders

pytestmark = pytest.mark.django_db


@pytest.fixture
def last(neurologist):
    """A session of some weeks ago."""
    return builders.a_session_of_weeks_ago(by=neurologist)


@pytest.fixture
def visit(last, neurologist):
    return builders.an_arrived_visit(patient=last.visit.patient, clinician=neurologist, hour=9)


@pytest.fixture
def show(client, neurologist):
    def show(visit, *, user=neurologist):
        client.force_login(user)
        page = client.get(visit.get_absolute_url())
        found = re.findall(r'<(?:a|button)[^>]*class="btn btn-primary"[^>]*>(.*?)<', page.content.decode(), re.S)
        assert len(found) <= 1
        parts = {
            part.name: "done" if part.is_done else "next" if part.is_next else "" for part in page.context["parts"]
        }
        return parts, " ".join(found).strip()

    return show


def test_order_is_response_assessment_session_end(show, visit, last, neurologist):
    assert show(visit) == (
        {"response": "next", "assessment": "", "session": "", "end": ""},
        "Record the response",
    )
    builders.a_response(session=last, visit=visit, by=neurologist)
    assert show(visit)[1] == "Record the assessment"
    builders.an_assessment(visit=visit, by=neurologist)
    assert show(visit)[1] == "Plan a session"
    session = builders.a_planned_session(by=neurologist, visit=visit)
    assert show(visit)[1] == "Record session"
    assert show(visit)[0] == {"response": "done", "assessment": "done", "session": "next", "end": ""}
    end_as_not_done(session=session, reason="Ill", by=neurologist, version=session.version, again=builders.AGAIN)
    assert show(visit)[1] == "Mark finished"
    builders.finish(builders.now(visit))
    assert show(visit) == (dict.fromkeys(("response", "assessment", "session", "end"), "done"), "")


def test_part_that_was_left_out_is_not_next(show, visit, neurologist):
    session = builders.a_given_session(by=neurologist, visit=visit)
    assert show(visit)[1] == "Sign"
    builders.sign(session, by=neurologist)
    assert show(visit) == ({"response": "", "assessment": "", "session": "done", "end": "next"}, "Mark finished")


def test_open_amendment_of_a_finished_visit_is_next(show, visit, neurologist):
    session = builders.a_signed_session(by=neurologist, visit=visit)
    builders.finish(builders.now(visit))
    builders.an_amendment(session, by=neurologist)
    assert show(visit)[1] == "Continue amending"


def test_booked_visit_first_arrives(show, last, neurologist):
    visit = builders.a_visit(patient=last.visit.patient, clinician=neurologist, hour=9)
    builders.a_planned_session(by=neurologist, visit=visit)
    assert show(visit)[1] == "Mark arrived"


def test_review_without_a_session_goes_to_its_end(show, neurologist):
    visit = builders.arrive(builders.a_visit(clinician=neurologist, kind=VisitKind.REVIEW))
    builders.an_assessment(visit=visit, by=neurologist)
    assert show(visit) == ({"assessment": "done", "session": "", "end": "next"}, "Mark finished")


def test_front_desk_finishes_the_visit(show, visit, staff, neurologist):
    builders.a_given_session(by=neurologist, visit=visit)
    assert show(visit, user=staff) == ({"session": "", "end": "next"}, "Mark finished")
