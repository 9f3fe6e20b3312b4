"""Two sessions of one neurologist: one planned, one being recorded."""

from types import SimpleNamespace

import pytest

from tests import builders


@pytest.fixture(scope="module")
def made_world(module_transaction):
    """Two sessions of one neurologist, at hours at which no test books."""
    neurologist = builders.a_clinician()
    planned, recording = (
        builders.a_planned_session(by=neurologist, visit=builders.an_arrived_visit(clinician=neurologist, hour=hour))
        for hour in (4, 5)
    )
    recording = builders.record(recording, by=neurologist)
    return SimpleNamespace(neurologist=neurologist, planned=planned, recording=recording)


@pytest.fixture
def neurologist(world):
    return world.neurologist


@pytest.fixture
def planned(world):
    return world.planned


@pytest.fixture
def recording(world):
    return world.recording
