"""A visit over midnight is on both dates, wherever visits of a date are listed."""

import datetime as dt

import pytest
import time_machine
from django.utils import timezone

from clinic.models import Clinic
from clinic.records.exceptions import Conflict
from patients.front_desk.actions.visits import book_walk_in
from patients.front_desk.here_now import HereNow
from patients.models import Visit
from tests import builders

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

FIRST, SECOND, THIRD = (dt.date(2026, 12, day) for day in (7, 8, 9))


@pytest.fixture
def visit(neurologist):
    builders.a_visit(clinician=neurologist, day=SECOND, hour=23, minutes=60)  # ends at midnight
    return builders.a_visit(clinician=neurologist, day=FIRST, hour=23, minute=30, minutes=90)


@pytest.mark.parametrize(("day", "shown"), [(FIRST, True), (SECOND, True), (THIRD, False)])
def test_today_print_and_api_list_it_on_both_dates(day, shown, visit, login, staff):
    client = login(staff)
    for address in (f"/?day={day}", f"/day/print/?day={day}"):
        page = client.get(address)
        assert (visit in [row["visit"] for row in page.context["rows"]]) is shown, address
        assert ("since 7 Dec, 23:30" in page.content.decode()) is (day == SECOND)
    for query in (f"day={day}", f"from={day}&to={day}"):
        listed = client.get(f"/api/v1/visits/?{query}").json()["results"]
        assert (visit.pk in [one["id"] for one in listed]) is shown, query


@pytest.mark.parametrize(("day", "is_coming"), [(FIRST, True), (SECOND, True), (THIRD, False)])
def test_it_is_coming_or_without_an_outcome(day, is_coming, visit):
    with timezone.override(Clinic.ours().zone):
        assert visit.is_coming(day) is is_coming
        assert (visit in Visit.objects.coming(day)) is is_coming
        assert (visit in Visit.objects.unsettled(day)) is not is_coming


def test_page_of_the_running_visit_is_not_that_of_a_past_one(visit, login, staff):
    with time_machine.travel(builders.at(SECOND, 0, 30), tick=False):
        assert login(staff).get("/visits/unsettled/").context["page"].paginator.count == 0


def test_running_visit_is_the_one_of_a_patient_who_is_here_now(visit, login, staff):
    """Not another one, which would begin now."""
    with time_machine.travel(builders.at(SECOND, 0, 30), tick=False), timezone.override(Clinic.ours().zone):
        here_now = HereNow.for_patient(visit.patient, list(Visit.objects.coming(SECOND).filter(pk=visit.pk)), {})
        assert here_now.visit == visit
        booking = {"clinician": builders.a_clinician(), "kind": "review", "starts_at": builders.at(SECOND, 0, 30)}
        with pytest.raises(Conflict, match="The patient has a visit today"):
            book_walk_in(patient=visit.patient, by=staff, arrived=True, **booking)
