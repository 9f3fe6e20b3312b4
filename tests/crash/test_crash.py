"""Processes are killed while users write: what was acknowledged is stored, once and complete, and it verifies."""

import json
import os
import subprocess
import sys

import pytest
from django.conf import settings
from django.db import connection

from patients.models import Patient
from tests import builders
from tests.crash.checks import faults_of
from tests.crash.cluster import folder_of_programs
from tests.crash.processes import Killed
from tests.crash.rounds import Rounds
from tests.crash.world import World
from tests.crash.writers import Changes, Registers

pytestmark = pytest.mark.engine

ROUNDS = os.environ.get("CRASH_ROUNDS", "60")
KINDS = {"sqlite": {"worker", "server"}, "postgresql": {"worker", "server", "connection", "database"}}


@pytest.mark.skipif(connection.vendor != "sqlite", reason="`make full` kills a PostgreSQL server of its own")
@pytest.mark.django_db(transaction=True)
def test_acknowledged_writes_survive_two_kills():
    # When a worker, and then all processes are killed at once, while five users write
    world, served = World(), Killed()
    connection.close()
    served.start()
    try:
        strikes = {"worker": served.kill_worker, "server": served.kill_all_and_start}
        rounds = Rounds(world, served, strikes, seed=1).run(2)
    finally:
        served.kill()

    # Then nothing is lost, and all users go on
    found = rounds.numbers()
    assert found["faults"] == []
    assert found["killed"] == {"worker": 1, "server": 1}
    assert all(found["acknowledged"].values())
    assert found["answers_lost"] > 0

    # And what was lost or stored twice would be noticed
    changes = next(writer for writer in rounds.writers if isinstance(writer, Changes))
    registers = next(writer for writer in rounds.writers if isinstance(writer, Registers))
    Patient.objects.filter(pk=changes.patient).update(note="Change 1")
    first, second = (work["body"]["family_name"] for work in registers.done[:2])
    builders.a_patient(family_name=first)
    Patient.objects.filter(family_name=second).update(phone="")
    faults = " ".join(faults_of(rounds.writers, whole=False) + faults_of([registers], whole=True))
    assert "Changes: stored is" in faults
    assert f"{first} is stored 2 times." in faults
    assert f"{second} is not complete" in faults


@pytest.fixture(scope="module")
def long_run(request):
    """In a database of its own; PostgreSQL in a server of its own."""
    if connection.vendor == "postgresql" and folder_of_programs() is None:
        pytest.skip("there is no initdb")
    command = [sys.executable, "-m", "tests.crash", connection.vendor, "--rounds", ROUNDS]
    ended = subprocess.run(command, cwd=settings.BASE_DIR, stdout=subprocess.PIPE, text=True)
    assert ended.stdout, "the run ended without a result"
    return json.loads(ended.stdout)


@pytest.mark.full
def test_acknowledged_writes_survive_many_kills(long_run):
    found = long_run["rounds"]
    assert found["faults"] == []
    assert sum(found["killed"].values()) == int(ROUNDS)
    assert set(found["killed"]) == KINDS[connection.vendor]
    assert found["answers_lost"] > 0


@pytest.mark.full
def test_each_write_is_synced_before_it_is_acknowledged(long_run):
    if (found := long_run["fsyncs"]) is None:
        pytest.skip("strace is not installed, or not allowed here")
    assert set(found["statuses"]) == {201}
    assert len(found["before_each_answer"]) == len(found["statuses"])
    assert min(found["before_each_answer"]) > 0


@pytest.mark.full
@pytest.mark.parametrize(
    "trouble", ["table lock", "full disk", "read-only disk", "read-only database", "stopped database"]
)
def test_database_that_cannot_write_is_503_until_it_can(trouble, long_run):
    if long_run["troubles"] is None:
        pytest.skip("only root can mount a small disk")
    if trouble not in long_run["troubles"]:
        pytest.skip("does not apply to this engine")
    found = long_run["troubles"][trouble]
    assert (found["during"], found["retry_after"], found["others"]) == (503, "5", [])
    assert found["read"] in {200, 503}
    assert found["after"] == 201
    assert (found["lost"], found["never_acknowledged"]) == ([], [])
    assert found["same_processes"]
