"""Opening hours, absences, closures and muscle sets for programs."""

import datetime as dt

import pytest

from tests import builders

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("role", ["staff", "trainee"])
def test_hours_are_shown_by_weekday(role, request, api, neurologist):
    hours = builders.hours(neurologist, friday="").working_hours
    shown = api(request.getfixturevalue(role)).get(f"working-hours/{hours.pk}/")
    assert shown["ETag"] == '"1"'
    assert shown.json() == {
        "id": hours.pk, "clinician": neurologist.pk, "version": 1,
        **dict.fromkeys(("monday", "tuesday", "wednesday", "thursday"), "09:00–12:00, 13:00–17:00"),
        **dict.fromkeys(("friday", "saturday", "sunday"), ""),
    }  # fmt: skip


def test_absences_and_closures_are_shown_with_past_ones(api, staff, neurologist):
    past = builders.today() - dt.timedelta(days=30)
    absence = builders.an_absence(clinician=neurologist, first=past)
    closure = builders.a_closure(first=past, last=past + dt.timedelta(days=1))
    (away,) = api(staff).get("absences/").json()["results"]
    assert (away["id"], away["clinician"], away["reason"]) == (absence.pk, neurologist.pk, "congress")
    assert dt.datetime.fromisoformat(away["starts_at"]) == builders.at(past, 0)
    assert dt.datetime.fromisoformat(away["ends_at"]) == builders.at(past + dt.timedelta(days=1), 0)
    (closed,) = api(staff).get("closures/").json()["results"]
    assert closed.items() >= {
        "id": closure.pk, "name": closure.name, "first_day": str(past), "last_day": str(past + dt.timedelta(days=1)),
    }.items()  # fmt: skip


def test_muscle_sets_are_those_of_the_user(api, program, neurologist, trainee):
    own, other = builders.a_muscle_set(by=neurologist), builders.a_muscle_set(by=trainee)
    for asks in (api(neurologist), program(neurologist)):
        (shown,) = asks.get("muscle-sets/").json()["results"]
        assert shown == asks.get(f"muscle-sets/{own.pk}/").json()
        assert (shown["id"], shown["name"], shown["version"]) == (own.pk, own.name, own.version)
        assert [(entry["muscle"], entry["side"]) for entry in shown["entries"]] == [
            (builders.a_muscle("SCM").pk, "right"),
            (builders.a_muscle("LS").pk, "left"),
        ]
        assert asks.get(f"muscle-sets/{other.pk}/").status_code == 404
