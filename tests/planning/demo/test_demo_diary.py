"""The diary of the demo: opening hours, and the visits that are to be moved. On a Sunday, when the clinic is closed."""

import datetime as dt

import pytest
from django.core.management import call_command

from patients.diary.models.opening_hours import visits_to_be_moved
from patients.models import Absence, Closure, Visit, VisitState, WorkingHours

SUNDAY = dt.date(2026, 3, 8)


@pytest.fixture(scope="module")
def demo(module_transaction):
    call_command("demo", verbosity=0, today=SUNDAY)


def test_only_an_absence_or_a_closure_causes_moves(demo):
    away, closed = Absence.objects.get(), Closure.objects.get()
    moves = visits_to_be_moved(SUNDAY)
    expected = moves.filter(clinician=away.clinician, starts_at__range=(away.starts_at, away.ends_at)) | moves.filter(
        starts_at__date__range=(closed.first_day, closed.last_day)
    )
    assert list(moves) == list(expected)
    assert len(moves) <= 5


def test_todays_visits_have_a_note_when_closed(demo):
    assert Visit.objects.on_day(SUNDAY).count() == 35
    assert not Visit.objects.on_day(SUNDAY).filter(outside_note="").exists()


def test_visits_ahead_are_within_the_working_hours(demo):
    hours = {each.clinician_id: each for each in WorkingHours.objects.all()}
    ahead = Visit.objects.filter(starts_at__date__gt=SUNDAY, state=VisitState.BOOKED)
    regular = ahead.filter(outside_note="")
    assert len(hours) == 3
    assert ahead.exclude(outside_note="").count() <= 1
    assert all(hours[visit.clinician_id].covers(visit.starts_at, visit.ends_at) for visit in regular)
