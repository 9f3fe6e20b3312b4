"""A visit is booked in the past, or moved there, only after a confirmation."""

import datetime as dt

import pytest
import time_machine
from django.urls import reverse

from patients.models import Visit
from tests import builders
from tests.patients.people.pages import filled, text_of

pytestmark = pytest.mark.django_db

TODAY = dt.date(2026, 11, 25)
PAST, STILL_NOW = {"day": "2026-11-25", "time": "08:45"}, {"day": "2026-11-25", "time": "08:46"}
SENTENCE = "This time is in the past. Choose another time, or confirm that you book it in the past."


@pytest.fixture(autouse=True)
def at_nine():
    with time_machine.travel(dt.datetime(2026, 11, 25, 9, tzinfo=dt.UTC), tick=False):
        yield


@pytest.fixture
def typed(neurologist):
    return {"clinician": neurologist.pk, "kind": "review", "minutes": "90", "follow_up": ""}


def test_booking_in_the_past_asks_first(typed, login, staff):
    # Given a form with a time that has passed
    client, page = login(staff), reverse("patients:visit-book", args=[builders.a_patient().pk])
    opened = client.get(page)
    assert "Book it in the past" not in text_of(opened)

    # When it is sent, then it asks, keeps what was typed, and stores nothing
    refused = client.post(page, filled(opened, **typed, **PAST))
    form = refused.context["form"]
    assert (refused.status_code, form.errors) == (409, {"although_past": [SENTENCE]})
    assert [form[name].value() for name in ("day", "time", "minutes")] == ["2026-11-25", "08:45", "90"]
    assert "Book it in the past" in text_of(refused)
    assert not Visit.objects.exists()

    # And after the confirmation it is booked
    assert client.post(page, filled(refused, although_past="on")).status_code == 302
    assert Visit.objects.get().starts_at == builders.at(TODAY, 8, 45)


def test_start_that_was_just_missed_is_booked_at_once(typed, login, staff):
    client, page = login(staff), reverse("patients:visit-book", args=[builders.a_patient().pk])
    assert client.post(page, filled(client.get(page), **typed, **STILL_NOW)).status_code == 302


def test_moving_into_the_past_asks_first(login, staff):
    visit = builders.a_visit(day=TODAY + dt.timedelta(days=1))
    client, page = login(staff), reverse("planning:visit-move", args=[visit.pk])
    refused = client.post(page, filled(client.get(page), **PAST))
    assert (refused.status_code, refused.context["form"].errors) == (409, {"although_past": [SENTENCE]})
    assert Visit.objects.get() == visit
    assert client.post(page, filled(refused, although_past="on")).status_code == 302
    assert Visit.objects.latest("pk").moved_from == visit


def test_api_asks_first(neurologist, login, staff):
    client, body = login(staff), {"clinician": neurologist.pk, "starts_at": "2026-11-25T08:45"}

    def send(path, **more):
        key = {"Idempotency-Key": str(builders.a_submission_key())}
        return client.post(f"/api/v1/visits/{path}", {**body, **more}, content_type="application/json", headers=key)

    patient = builders.a_patient()
    moved = builders.a_visit(day=TODAY + dt.timedelta(days=1))
    booking = {"patient": patient.pk, "kind": "review"}
    moving = {"version": 1, "starts_at": "2026-11-24T08:45"}
    for path, more in [("", booking), (f"{moved.pk}/move/", moving)]:
        refused = send(path, **more)
        assert (refused.status_code, refused.json()["detail"]) == (409, SENTENCE)
        assert send(path, **more, although_past=True).status_code == 201


def test_past_cells_differ_from_future_ones(login, staff, neurologist):
    page = login(staff).get(reverse("patients:diary"), {"day": "2026-11-24"})
    cells = page.content.decode().count('<a class="slot free past ')
    assert cells == 40
    assert text_of(page).count(", in the past") == cells
