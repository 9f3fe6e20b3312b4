"""A visit that has arrived, and an assessment at it."""

from types import SimpleNamespace

import pytest

from tests import builders
from tests.planning.course.assessment_actions.assessment_steps import POSTURES, SYMPTOMS, an_earlier_visit, scores


@pytest.fixture(scope="module")
def made_world(module_transaction):
    """A visit at an hour at which no test books."""
    neurologist = builders.a_clinician()
    visit = builders.an_arrived_visit(clinician=neurologist, hour=4)
    return SimpleNamespace(neurologist=neurologist, visit=visit)


@pytest.fixture
def neurologist(world):
    return world.neurologist


@pytest.fixture
def visit(world):
    return world.visit


@pytest.fixture
def assessment(visit, neurologist):
    """With one of everything."""
    return builders.an_assessment(
        visit=visit, postures=POSTURES, symptoms=SYMPTOMS, scores=scores(Tsui=12), tremor="present"
    )


@pytest.fixture
def earlier(visit):
    return builders.an_assessment(
        visit=an_earlier_visit(visit),
        postures=POSTURES,
        symptoms=SYMPTOMS,
        scores=scores(Tsui=12),
        tremor="present",
        tremor_note="at rest",
        driving="only short ways",
        note="said more",
    )
