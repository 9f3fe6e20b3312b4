"""Several front desk users book at the same time."""

import datetime as dt
from functools import partial

import pytest
from django.db import OperationalError, connection, transaction

from clinic.records.exceptions import Refused
from patients.front_desk.actions.visits import book_visit
from patients.models import FollowUp, Visit
from tests import builders
from tests.parallel import at_once

pytestmark = pytest.mark.engine

TRIES, DESKS = 60, 2


def _outcomes(made):
    """How many were booked and how many refused; any other error is raised."""
    for one in made:
        if isinstance(one, Exception) and not isinstance(one, Refused):
            raise one
    return sum(isinstance(one, Visit) for one in made), sum(isinstance(one, Refused) for one in made)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("shared", ["clinician", "patient"])
def test_one_of_concurrent_overlapping_bookings_succeeds(shared):
    # Given some users, and a clinician or a patient that all book for the same time
    desks = [builders.a_person("clinic staff") for _ in range(DESKS)]
    clinicians = [builders.a_clinician() for _ in range(DESKS)]
    patients = [builders.a_patient(by=desks[0]) for _ in range(DESKS)]

    # When they book overlapping times concurrently, again and again
    for number in range(TRIES):
        day = builders.today() + dt.timedelta(days=1 + number)
        made = at_once(
            *(
                partial(
                    book_visit,
                    patient=patients[0 if shared == "patient" else who],
                    clinician=clinicians[0 if shared == "clinician" else who],
                    kind="review",
                    starts_at=builders.at(day, 10, 5 * who),
                    minutes=30,
                    by=desks[who],
                )
                for who in range(DESKS)
            )
        )
        # Then one is booked and the others are rejected with a message
        assert _outcomes(made) == (1, DESKS - 1)
    assert Visit.objects.count() == TRIES


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite lets one writer in at a time")
@pytest.mark.parametrize("shared", ["clinician", "patient"])
def test_booking_waits_for_the_same_clinician_or_patient(shared):
    """Two overlapping rows inserted at once would wait for each other, and one would end as a server error."""
    people = {"clinician": builders.a_clinician(), "patient": builders.a_patient()}

    def lock():
        with transaction.atomic():
            model = type(people[shared])
            return list(model.objects.select_for_update(no_key=True, nowait=True).filter(pk=people[shared].pk))

    # Given a booking that is not committed yet
    with transaction.atomic():
        builders.a_visit(**people)

        # When the next one asks for its turn, then it would have to wait
        (response,) = at_once(lock)
        assert isinstance(response, OperationalError)


@pytest.mark.django_db(transaction=True)
def test_concurrent_mutual_bookings_of_clinicians_succeed():
    # Given two clinicians, each booking for the other
    one, other = builders.a_clinician(), builders.a_clinician()
    patients = [builders.a_patient(by=one) for _ in range(2)]

    # When they do so concurrently, again and again, then there is no deadlock
    for number in range(TRIES // 2):
        starts_at = builders.at(builders.today() + dt.timedelta(days=1 + number))
        book = partial(book_visit, kind="review", starts_at=starts_at, minutes=30)
        made = at_once(
            partial(book, patient=patients[0], clinician=one, by=other),
            partial(book, patient=patients[1], clinician=other, by=one),
        )
        assert _outcomes(made) == (2, 0)


@pytest.mark.django_db(transaction=True)
def test_one_of_two_concurrent_bookings_answers_the_follow_up():
    desk = builders.a_person("clinic staff")
    clinicians = [builders.a_clinician() for _ in range(2)]
    for number in range(TRIES // 4):
        follow_up = builders.a_follow_up()
        made = at_once(
            *(
                partial(
                    book_visit,
                    patient=follow_up.patient,
                    clinician=clinicians[who],
                    kind="review",
                    starts_at=builders.at(builders.today() + dt.timedelta(days=1 + number), 9 + who),
                    minutes=30,
                    by=desk,
                    follow_up=follow_up,
                )
                for who in range(2)
            )
        )
        assert _outcomes(made) == (1, 1)
        assert FollowUp.objects.get(pk=follow_up.pk).booked_visit in made
