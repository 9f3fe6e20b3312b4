"""A visit of a later date cannot have arrived, be finished or be a no-show yet."""

import datetime as dt
import zoneinfo

import pytest
import time_machine
from django.utils import timezone

from clinic.records.exceptions import Refused
from patients.models import Visit, VisitState
from planning.pages.actions.visits import change_visit_state
from tests import builders

pytestmark = pytest.mark.django_db

DAY = dt.date(2026, 12, 7)
OF_THE_DAY = [VisitState.ARRIVED, VisitState.FINISHED, VisitState.NO_SHOW]
MOVE_IT = "If the patient is here now, move the visit to today."
INSTEAD = "If the patient will not come, cancel the visit."


@pytest.fixture(autouse=True)
def on_the_evening_before():
    with time_machine.travel(dt.datetime(2026, 12, 6, 23, 30, tzinfo=dt.UTC), tick=False):
        yield


@pytest.fixture
def visit(neurologist):
    return builders.a_visit(clinician=neurologist, day=DAY, hour=0)


@pytest.mark.parametrize("state", OF_THE_DAY)
def test_page_rejects_it_with_a_next_step(state, visit, login, staff):
    client = login(staff)
    page = client.get(f"/visits/{visit.pk}/").content.decode()
    assert f'value="{state}"' not in page
    assert "Mark arrived" not in client.get(f"/?day={DAY}").content.decode()
    response = client.post(f"/visits/{visit.pk}/state/", {"state": state, "version": 1})
    assert response.status_code == 409
    text = " ".join(response.content.decode().split())
    assert f"The visit is on 7 Dec 2026. It can become {state.label.lower()} from that day on." in text
    assert (INSTEAD if state == "no_show" else MOVE_IT) in text
    assert Visit.objects.get().state == VisitState.BOOKED


@pytest.mark.parametrize("operation", ["arrive", "finish", "no-show"])
def test_api_rejects_it_with_a_next_step(operation, visit, login, staff):
    response = login(staff).post(
        f"/api/v1/visits/{visit.pk}/{operation}/", {"version": 1}, content_type="application/json"
    )
    assert response.status_code == 409
    assert (INSTEAD if operation == "no-show" else MOVE_IT) in response.json()["detail"]
    assert Visit.objects.get().state == VisitState.BOOKED


def test_early_arrival_on_the_day_is_accepted(visit, staff):
    later = builders.a_visit(clinician=visit.clinician, day=DAY, hour=16)
    with time_machine.travel(builders.at(DAY, 8), tick=False):
        arrived = change_visit_state(visit=later, state=VisitState.ARRIVED, by=staff, version=1)
    assert arrived.state == VisitState.ARRIVED


def test_date_is_that_of_the_clinic(visit, staff):
    # In Auckland it is the date of the visit already, because the visit is the same point in time
    zone = zoneinfo.ZoneInfo("Pacific/Auckland")
    with time_machine.travel(dt.datetime(2026, 12, 6, 11, 30, tzinfo=dt.UTC), tick=False), timezone.override(zone):
        assert change_visit_state(visit=visit, state=VisitState.ARRIVED, by=staff, version=1).state == "arrived"


def test_wrong_state_of_a_future_visit_can_be_corrected(visit, staff):
    for state in OF_THE_DAY:
        Visit.objects.update(state=state)
        visit.refresh_from_db()
        for corrected in (VisitState.ARRIVED, VisitState.BOOKED) if state == "finished" else (VisitState.BOOKED,):
            visit = change_visit_state(visit=visit, state=corrected, by=staff, version=visit.version)
    visit = change_visit_state(visit=visit, state=VisitState.CANCELLED, by=staff, version=visit.version, reason="Ill.")
    with pytest.raises(Refused):
        change_visit_state(visit=visit, state=VisitState.ARRIVED, by=staff, version=visit.version)
