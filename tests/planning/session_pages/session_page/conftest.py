"""A session in each state, and a neurologist who is logged in."""

from types import SimpleNamespace

import pytest

from patients.models import VisitState
from planning.pages.actions.visits import change_visit_state
from tests import builders


@pytest.fixture(scope="module")
def made_world(module_transaction):
    """Sessions of one neurologist, each at an hour at which no test books."""
    neurologist = builders.a_person("neurologist", printed_name="Dr A. Morgan")

    def visit(hour):
        return builders.an_arrived_visit(clinician=neurologist, hour=hour)

    return SimpleNamespace(
        neurologist=neurologist,
        planned=builders.a_planned_session(by=neurologist, visit=visit(4)),
        given=builders.a_given_session(by=neurologist, visit=visit(5)),
        signed=a_signed_session_with_a_vial(by=neurologist, visit=visit(6)),
        not_done=a_session_not_done(by=neurologist, visit=visit(7)),
    )


def a_signed_session_with_a_vial(*, by, visit):
    session = builders.a_given_session(by=by, visit=visit)
    builders.a_vial(session=session, by=by)
    builders.sign(session, by=by)
    return builders.now(session)


def a_session_not_done(*, by, visit):
    session = builders.a_planned_session(by=by, visit=visit)
    visit = session.visit
    change_visit_state(visit=visit, state=VisitState.CANCELLED, by=by, version=visit.version, reason="ill")
    return builders.now(session)


@pytest.fixture
def neurologist(world):
    return world.neurologist


@pytest.fixture
def doctor(client, neurologist):
    client.force_login(neurologist)
    return client


@pytest.fixture
def planned(world):
    return world.planned


@pytest.fixture
def given(world):
    return world.given
