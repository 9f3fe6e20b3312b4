"""Visits start on whole minutes, however they are booked or moved."""

import datetime as dt
import importlib

import pytest
import time_machine
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse

from clinic.records import triggers
from clinic.records.typed_dates import UNREADABLE_TIME
from patients.diary.actions.opening_hours import add_absence
from patients.front_desk.actions.visits import book_visit
from patients.models import Absence, Visit
from planning.pages.actions.visits import move_visit
from tests import builders
from tests.patients.people.pages import filled

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

MONDAY = dt.date(2026, 12, 7)
SENTENCE = "Enter a time in whole minutes, such as 10:30."
migration = importlib.import_module("patients.migrations.0002_diary")
PARTS = [dt.timedelta(seconds=1), dt.timedelta(microseconds=1), dt.timedelta(seconds=59, milliseconds=500)]


@pytest.fixture(autouse=True)
def on_a_wednesday():
    with time_machine.travel(dt.datetime(2026, 11, 25, 9, tzinfo=dt.UTC), tick=True):
        yield


@pytest.mark.parametrize("part", PARTS, ids=str)
def test_actions_and_database_reject_parts_of_a_minute(part, neurologist):
    visit = builders.a_visit(clinician=neurologist, day=MONDAY)
    where = {"clinician": neurologist, "starts_at": builders.at(MONDAY, 12) + part, "by": neurologist}
    other, ends_at = builders.a_clinician(), builders.at(MONDAY, 14)
    with pytest.raises(ValidationError, match="whole minutes"):
        book_visit(patient=visit.patient, kind="review", **where)
    with pytest.raises(ValidationError, match="whole minutes"):
        move_visit(visit=visit, minutes=30, version=1, **where)
    with pytest.raises(ValidationError, match="whole minutes"):
        add_absence(clinician=other, starts_at=where["starts_at"], ends_at=ends_at, by=other)
    starts_at = visit.starts_at + part
    with pytest.raises(IntegrityError, match="patients_visit_starts_on_a_whole_minute"), transaction.atomic():
        Visit.objects.update(starts_at=starts_at)
    second = Visit(patient=visit.patient, clinician=other, kind="review", minutes=5)
    second.starts_at = starts_at + dt.timedelta(days=1)
    with pytest.raises(IntegrityError, match="patients_visit_starts_on_a_whole_minute"), transaction.atomic():
        second.save()


@pytest.mark.parametrize("time", ["10:30:01", "10:30:00.5"])
def test_forms_say_so_next_to_the_time(time, login, staff, neurologist):
    client, visit = login(staff), builders.a_visit(clinician=neurologist, day=MONDAY)
    book, move = (
        reverse("patients:visit-book", args=[visit.patient_id]),
        reverse("planning:visit-move", args=[visit.pk]),
    )
    typed = {"day": "2026-12-08", "time": time}
    booked = {"clinician": neurologist.pk, "kind": "review", "minutes": "30", "follow_up": ""}
    for page, more in ((book, booked), (move, {})):
        form = client.post(page, filled(client.get(page), **typed, **more)).context["form"]
        assert form.errors == {"time": [UNREADABLE_TIME]}
        assert form["time"].value() == time
    hours = reverse("patients:hours-change", args=[neurologist.pk])
    sent = filled(client.get(hours), "absence_form", first_day="2026-12-08", from_time=time)
    response = client.post(reverse("patients:absence-add", args=[neurologist.pk]), sent)
    assert response.context["absence_form"].errors == {"from_time": [UNREADABLE_TIME]}
    assert (Visit.objects.count(), Absence.objects.count()) == (1, 0)


@pytest.mark.parametrize("time", ["10:30:01", "10:30:00.5", "10:30:00.000001Z"])
def test_api_says_so_next_to_the_start(time, login, staff, neurologist):
    client, visit = login(staff), builders.a_visit(clinician=neurologist, day=MONDAY)
    booking = {"patient": visit.patient_id, "clinician": neurologist.pk, "kind": "review"}
    for path, more in (("", booking), (f"{visit.pk}/move/", {"version": 1})):
        key = {"Idempotency-Key": builders.a_submission_key()}
        sent = {"starts_at": f"2026-12-08T{time}", **more}
        response = client.post(f"/api/v1/visits/{path}", sent, content_type="application/json", headers=key)
        assert response.status_code == 400
        assert SENTENCE in str(response.json())
    assert Visit.objects.count() == 1


def test_upgrade_rounds_older_visits_down(neurologist):
    # Given three visits that touch, of a release that stored parts of a minute
    triggers.lift()
    visits = [builders.a_visit(clinician=neurologist, day=MONDAY, minute=minute, minutes=20) for minute in (0, 20, 40)]
    for visit in reversed(visits):
        Visit.objects.filter(pk=visit.pk).update(starts_at=visit.starts_at + PARTS[2], ends_at=visit.ends_at + PARTS[2])
    migration.round_down_to_minutes(apps, None)
    spans = [(visit.starts_at, visit.ends_at) for visit in visits]
    assert list(Visit.objects.order_by("pk").values_list("starts_at", "ends_at")) == spans
