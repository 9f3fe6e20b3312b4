"""Desks in processes of their own write into one diary, most of them for times that others want too."""

import datetime as dt
import json
import re
import subprocess
import sys
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from itertools import combinations

import pytest
from django.conf import settings
from django.db import connection

from clinic.records import triggers
from patients.diary.actions.opening_hours import change_working_hours
from patients.diary.guards import OVERLAP_RULES
from patients.diary.models.opening_hours import WEEKDAYS
from patients.models import Visit, VisitState
from tests import builders
from tests.extent import POSTGRESQL_FIRST
from tests.patients.front_desk.desk_process import BOOK, CANCEL, HOURS, LOOK, MOVE, TAKE_BACK

SEED = 20261125
CLINICIANS, PATIENTS = 3, 36
OPERATIONS_UNGUARDED = 120
LONGEST_S = 600
BECOMES = {
    BOOK: VisitState.BOOKED,
    MOVE: VisitState.CANCELLED,
    CANCEL: VisitState.CANCELLED,
    TAKE_BACK: VisitState.BOOKED,
}


def responses_of_desks(operations, *, desks, days):
    """The responses that the users got, of that many operations in total."""
    staff = [builders.a_person("clinic staff") for _ in range(desks)]
    shared = {
        "database": str(connection.settings_dict["NAME"]),
        "patients": [builders.a_patient(by=staff[0]).pk for _ in range(PATIENTS)],
        "clinicians": [_a_clinician_with_hours().pk for _ in range(CLINICIANS)],
        "days": [str(builders.today() + dt.timedelta(days=1 + number)) for number in range(days)],
    }
    orders = [
        {
            **shared,
            "person": person.pk,
            "seed": SEED + number,
            "operations": operations // desks + (number < operations % desks),
        }
        for number, person in enumerate(staff)
    ]
    with ThreadPoolExecutor(desks) as pool:
        return [response for responses in pool.map(_responses_of_one, orders) for response in responses]


def _a_clinician_with_hours():
    clinician = builders.a_clinician()
    change_working_hours(clinician=clinician, by=clinician, version=0, **dict.fromkeys(WEEKDAYS, HOURS))
    return clinician


def _responses_of_one(orders):
    ended = subprocess.run(
        [sys.executable, "-m", "tests.patients.front_desk.desk_process"],
        input=json.dumps(orders),
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        timeout=LONGEST_S,
    )
    assert (ended.returncode, ended.stderr) == (0, ""), ended.stderr
    return json.loads(ended.stdout)


def overlaps():
    """Two active visits at the same time, with one clinician or of one patient."""
    active = list(Visit.objects.active().order_by("starts_at"))
    return [
        (one, other)
        for one, other in combinations(active, 2)
        if other.starts_at < one.starts_at + dt.timedelta(minutes=one.minutes)
        and (one.clinician_id == other.clinician_id or one.patient_id == other.patient_id)
    ]


def deadlocks():
    """How many PostgreSQL has ended in this database."""
    if connection.vendor != "postgresql":
        return 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        return cursor.fetchone()[0]


def assert_statuses(responses, *statuses):
    """With one of these statuses; otherwise the response is shown, for an error its traceback."""
    others = [response for response in responses if response["status"] not in statuses]
    assert not others, "\n".join(f"{other['what']}: {other['status']} {other['text']}" for other in others)


def visit_at(address):
    return int(re.fullmatch(r"/visits/(\d+)/", address)[1])


def assert_rows_are_as_acknowledged(done):
    """A row for each booking and each move, and each in the state that was acknowledged last, none in between lost."""
    made = [(visit_at(response["to"]), response.get("visit")) for response in done if response["what"] in (BOOK, MOVE)]
    assert sorted(made) == list(Visit.objects.order_by("pk").values_list("pk", "moved_from"))
    changes = defaultdict(dict)
    for response in done:
        if response["what"] != BOOK:
            what, version = response["what"], response["version"]
            # Cancelling the same version twice with the same reason is a success; no other repeat is.
            assert version not in changes[response["visit"]] or (
                what != MOVE and what == changes[response["visit"]][version]
            )
            changes[response["visit"]][version] = what
    for visit in Visit.objects.all():
        states = {0: VisitState.BOOKED} | {version: BECOMES[what] for version, what in changes[visit.pk].items()}
        assert sorted(states) == list(range(visit.version))
        assert visit.state == states[max(states)]


@POSTGRESQL_FIRST
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("desks", "operations", "days", "least_stale"),
    [(4, 120, 1, 0), pytest.param(12, 2_000, 3, 20, marks=pytest.mark.full)],
)
def test_concurrent_bookings_create_no_overlapping_visits(desks, operations, days, least_stale):
    # When they book, move, cancel and take back at random
    deadlocks_before = deadlocks()
    responses = responses_of_desks(operations, desks=desks, days=days)

    # Then each page was shown, and each operation done or refused with a message, without an error
    looked = [response for response in responses if response["what"] == LOOK]
    acted = [response for response in responses if response["what"] != LOOK]
    assert len(acted) == operations
    assert_statuses(looked, 200)
    assert_statuses(acted, 302, 409)
    assert deadlocks() == deadlocks_before

    # And all of them got in each other's way
    done = [response for response in acted if response["status"] == 302]
    taken = [response for response in acted if "another visit" in response["text"]]
    stale = [response for response in acted if "Another user has changed this" in response["text"]]
    assert {response["what"] for response in done} == set(BECOMES)
    assert min(len(done), len(taken)) > operations / 10
    assert len(stale) >= least_stale  # few users rarely look at one visit at the same time

    # And no two visits overlap, and what was acknowledged is stored
    assert overlaps() == []
    assert_rows_are_as_acknowledged(done)


@pytest.fixture
def without_the_guards_against_overlaps(transactional_db):
    with connection.cursor() as cursor:
        for guard in triggers.guards("patients"):
            if guard.rule in OVERLAP_RULES.values():
                for statement in guard.drop(connection.vendor):
                    cursor.execute(statement)
    yield
    Visit.objects.update(state=VisitState.CANCELLED, reason="The test is over.")
    triggers.install()
    assert triggers.missing() == []


@pytest.mark.engine
@pytest.mark.full
@pytest.mark.usefixtures("without_the_guards_against_overlaps")
def test_without_database_guards_visits_overlap():
    responses_of_desks(OPERATIONS_UNGUARDED, desks=2, days=3)
    assert overlaps() != []
