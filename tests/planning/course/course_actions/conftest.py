"""A session given and signed twelve weeks ago, with a response and an adverse event."""

from types import SimpleNamespace

import pytest

from tests import builders


@pytest.fixture(scope="module")
def made_world(module_transaction):
    neurologist = builders.a_clinician()
    return SimpleNamespace(neurologist=neurologist, session=builders.a_session_of_weeks_ago(by=neurologist))


@pytest.fixture
def neurologist(world):
    return world.neurologist


@pytest.fixture
def session(world):
    """Given and signed twelve weeks ago."""
    return world.session


@pytest.fixture
def visit(session):
    return builders.arrive(builders.a_visit_after(session, weeks=6))


@pytest.fixture
def response(session, visit, neurologist):
    return builders.a_response(session=session, visit=visit, by=neurologist)


@pytest.fixture
def event(session, neurologist):
    return builders.an_event(session=session, by=neurologist)
