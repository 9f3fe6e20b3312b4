"""Opening hours, absences, closures and muscle sets for programs."""

import datetime as dt

import pytest

from patients.diary.models.opening_hours import UNREADABLE_HOURS, visits_to_be_moved
from patients.models import Absence, Closure, WorkingHours
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


def test_hours_are_stored_in_their_normal_form(program, staff, neurologist):
    sent = {"clinician": neurologist.pk, "monday": "13.30 to 17 and 9-12:30"}
    made = program(staff).post("working-hours/", sent)
    assert (made.status_code, made.json()["monday"]) == (201, "09:00–12:30, 13:30–17:00")
    path, version = f"working-hours/{made.json()['id']}/", made.json()["version"]
    for _ in range(2):  # a retry succeeds
        changed = program(staff).patch(path, {"monday": "9-12", "version": version})
        assert (changed.status_code, changed.json()["monday"], changed.json()["version"]) == (200, "09:00–12:00", 2)
    again = program(staff).post("working-hours/", sent)
    assert again.status_code == 409
    assert WorkingHours.objects.get().monday == "09:00–12:00"


@pytest.mark.parametrize(
    ("typed", "message"),
    [("nine", UNREADABLE_HOURS), ("9-12, 11-13", "These hours overlap."), ("25-26", UNREADABLE_HOURS)],
)
def test_unreadable_hours_are_rejected_at_the_day(typed, message, api, staff, neurologist):
    response = api(staff).post("working-hours/", {"clinician": neurologist.pk, "sunday": typed})
    assert (response.status_code, response.json()["errors"]) == (400, {"sunday": [message]})
    assert not WorkingHours.objects.exists()


def test_hours_are_only_of_a_clinician(api, staff):
    response = api(staff).post("working-hours/", {"clinician": staff.pk, "monday": "9-12"})
    assert (response.status_code, list(response.json()["errors"])) == (400, ["clinician"])


def test_changed_hours_and_absences_cause_moves(api, staff, neurologist):
    hours = builders.hours(neurologist).working_hours
    monday = builders.today() + dt.timedelta(days=14 - builders.today().weekday())
    first, second = (builders.a_visit(clinician=neurologist, day=monday + dt.timedelta(days=day)) for day in (0, 1))
    assert api(staff).patch(f"working-hours/{hours.pk}/", {"monday": "", "version": 1}).status_code == 200
    assert list(visits_to_be_moved(builders.today())) == [first]
    start, end = builders.at(second.day, 0), builders.at(second.day, 23)
    sent = {"clinician": neurologist.pk, "starts_at": start.isoformat(), "ends_at": end.isoformat()}
    assert api(staff).post("absences/", sent).status_code == 201
    assert set(visits_to_be_moved(builders.today())) == {first, second}


def test_period_that_ends_before_it_begins_is_rejected(api, staff, neurologist):
    start, end = builders.at(builders.today(), 12), builders.at(builders.today(), 11)
    sent = {"clinician": neurologist.pk, "starts_at": start.isoformat(), "ends_at": end.isoformat()}
    refused = api(staff).post("absences/", sent)
    assert (refused.status_code, list(refused.json()["errors"])) == (409, ["ends_at"])
    yesterday = builders.today() - dt.timedelta(days=1)
    closing = {"name": "Works", "first_day": str(builders.today()), "last_day": str(yesterday)}
    refused = api(staff).post("closures/", closing)
    assert (refused.status_code, list(refused.json()["errors"])) == (409, ["last_day"])
    assert not Absence.objects.exists()
    assert not Closure.objects.exists()


@pytest.mark.parametrize("kind", ["absences", "closures"])
def test_absence_or_closure_is_removed_by_its_version(kind, program, staff, neurologist):
    record = builders.an_absence(clinician=neurologist) if kind == "absences" else builders.a_closure()
    path = f"{kind}/{record.pk}/"
    etag = program(staff).get(path)["ETag"]
    assert program(staff).delete(path, If_Match=etag).status_code == 204
    assert not type(record).objects.exists()
    assert record.history.latest().history_user == staff


def test_one_visit_length_is_changed_alone(program, staff):
    before = {row["kind"]: row for row in program(staff).get("visit-lengths/").json()["results"]}
    path = f"visit-lengths/{before['review']['id']}/"
    changed = program(staff).patch(path, {"minutes": 25, "version": 1})
    assert (changed.status_code, changed.json()["minutes"], changed.json()["version"]) == (200, 25, 2)
    assert program(staff).patch(path, {"minutes": 0, "version": 2}).status_code == 400
    after = {row["kind"]: row for row in program(staff).get("visit-lengths/").json()["results"]}
    assert [kind for kind in before if before[kind] != after[kind]] == ["review"]


def test_own_muscle_set_is_created_changed_and_removed(program, trainee):
    asks, muscle = program(trainee), builders.a_muscle("SCM")
    made = asks.post("muscle-sets/", {"name": "Usual"}).json()
    path = f"muscle-sets/{made['id']}/"
    for _ in range(2):  # a repeat changes nothing
        added = asks.post(f"{path}add/", {"muscle": muscle.pk, "side": "left"}).json()
    assert [(entry["muscle"], entry["side"]) for entry in added["entries"]] == [(muscle.pk, "left")]
    midline = asks.post(f"{path}add/", {"muscle": muscle.pk, "side": "midline"})
    assert (midline.status_code, list(midline.json()["errors"])) == (409, ["muscle"])
    renamed = asks.patch(path, {"name": "Left", "version": added["version"]}).json()
    assert renamed["name"] == "Left"
    taken = asks.post(f"{path}take/", {"entry": added["entries"][0]["id"], "version": renamed["version"]}).json()
    assert taken["entries"] == []
    assert asks.delete(path, If_Match=f'"{taken["version"]}"').status_code == 204
    assert asks.get(path).status_code == 404


def test_retired_muscle_is_not_added_to_a_set(program, neurologist):
    muscle, own = builders.a_muscle("SCAL"), builders.a_muscle_set(by=neurologist)
    builders.retire(muscle, by=neurologist)
    response = program(neurologist).post(f"muscle-sets/{own.pk}/add/", {"muscle": muscle.pk, "side": "left"})
    assert (response.status_code, response.json()["detail"]) == (409, "This muscle is retired.")
