"""Clinicians who are running late: noting, changing and ending it, and where it is shown."""

import datetime as dt

import pytest
import time_machine
from django.urls import reverse

from clinic.models import AuditEntry
from clinic.records.exceptions import Conflict, Refused
from patients.diary.actions.delays import end_delay, note_delay
from patients.models import Delay, Visit
from tests import builders
from tests.patients.people.pages import text_of

pytestmark = pytest.mark.django_db

TODAY = dt.date(2026, 11, 25)  # a Wednesday
PAGE = reverse("patients:running-late")


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(dt.datetime(2026, 11, 25, 10, 40, tzinfo=dt.UTC), tick=False) as clock:
        yield clock


def note(client, clinician, minutes="20", *, version="0", day="2026-11-25", **sent):
    values = {"minutes": minutes, "version": version, "day": day, **sent}
    return client.post(reverse("patients:delay-note", args=[clinician.pk]), values)


def end(client, clinician, *, version="1", day="2026-11-25", **sent):
    return client.post(reverse("patients:delay-end", args=[clinician.pk]), {"version": version, "day": day, **sent})


def stored():
    return list(Delay.objects.values_list("clinician", "day", "minutes", "version"))


# Noting, changing and ending


def test_delay_is_noted_with_who_and_when(login, staff, neurologist):
    response = note(login(staff), neurologist)
    assert (response.status_code, response["Location"]) == (302, PAGE)
    delay = Delay.objects.get()
    assert stored() == [(neurologist.pk, TODAY, 20, 1)]
    assert (delay.noted_by, delay.noted_at, delay.ended_at) == (staff, builders.at(TODAY, 10, 40), None)
    assert "About 20 minutes late noted by Sam Desk, 10:40" in text_of(login(staff).get(PAGE))


@pytest.mark.engine
def test_delay_is_changed_and_ended_with_history(login, staff, neurologist):
    note(login(staff), neurologist)
    note(login(neurologist), neurologist, "35", version="1")
    assert stored() == [(neurologist.pk, TODAY, 35, 2)]
    end(login(staff), neurologist, version="2")
    delay = Delay.objects.get()
    assert not delay.is_current
    assert [row.history_user for row in delay.history.order_by("pk")] == [staff, neurologist, staff]
    actions = AuditEntry.objects.filter(object_type="patients.delay").order_by("pk").values_list("action", flat=True)
    assert list(actions) == ["noted a delay", "noted a delay", "ended a delay"]


@pytest.mark.engine
def test_repeated_changes_succeed_once(staff, neurologist):
    for _ in range(2):
        note_delay(clinician=neurologist, minutes=20, by=staff, version=0)
    for _ in range(2):
        end_delay(clinician=neurologist, by=staff, version=1)
    assert stored() == [(neurologist.pk, TODAY, 20, 2)]


@pytest.mark.engine
def test_ended_delay_begins_again(staff, neurologist):
    builders.a_delay(clinician=neurologist)
    end_delay(clinician=neurologist, by=staff, version=1)
    with pytest.raises(Conflict):
        note_delay(clinician=neurologist, minutes=20, by=staff, version=1)
    assert note_delay(clinician=neurologist, minutes=20, by=staff, version=2).is_current


@pytest.mark.engine
def test_stale_change_keeps_what_was_typed(login, staff, neurologist):
    builders.a_delay(clinician=neurologist, minutes=45)
    response = note(login(staff), neurologist, "20")
    assert response.status_code == 409
    assert "Stored now: 45." in text_of(response)
    [(_, form)] = response.context["rows"]
    assert (form["minutes"].value(), form["version"].value()) == ("20", "1")


@pytest.mark.engine
def test_stale_end_is_rejected(login, staff, neurologist):
    builders.a_delay(clinician=neurologist)
    note_delay(clinician=neurologist, minutes=45, by=neurologist, version=1)
    response = end(login(staff), neurologist, version="1")
    assert response.status_code == 409
    assert "Another user has changed this" in text_of(response)
    assert Delay.objects.get().is_current


@pytest.mark.engine
@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("", "Type the minutes, or select"),
        ("4", "Type at least 5 minutes"),
        ("241", "Type at most 240 minutes"),
        ("1e1", "Type the minutes as a whole number."),
        ("12.5", "Type the minutes as a whole number."),
        ("٢٠", "Type the minutes as a whole number."),
    ],
)
def test_bad_minutes_are_explained_and_not_stored(login, staff, neurologist, other_neurologist, typed, message):
    response = note(login(staff), neurologist, typed)
    forms = {delay.clinician: form for delay, form in response.context["rows"]}
    assert message in forms[neurologist].errors["minutes"][0]
    assert forms[neurologist]["minutes"].value() == typed
    assert not forms[other_neurologist].errors
    assert stored() == []


def test_only_a_clinician_can_be_late(login, staff):
    assert note(login(staff), staff).status_code == 404
    with pytest.raises(Refused, match="Only a neurologist or a trainee"):
        note_delay(clinician=staff, minutes=20, by=staff, version=0)


def test_delay_ends_with_its_day(login, staff, neurologist, clock):
    builders.a_delay(clinician=neurologist)
    clock.shift(dt.timedelta(days=1))
    assert "late" not in text_of(login(staff).get("/?whose=all")).replace("Running late…", "")
    response = note(login(staff), neurologist, version="1")
    assert response.status_code == 409
    assert "This is from 25 Nov 2026, and ended with that day. Open the page again" in text_of(response)
    assert end(login(staff), neurologist).status_code == 409
    assert stored() == [(neurologist.pk, TODAY, 20, 1)]


def test_user_returns_to_a_local_page_only(login, staff, neurologist):
    client = login(staff)
    assert note(client, neurologist, next="/?whose=all")["Location"] == "/?whose=all"
    assert end(client, neurologist, next="https://example.org/")["Location"] == PAGE
    assert "example.org" not in client.get(f"{PAGE}?next=https://example.org/").content.decode()


# Where it is shown


def test_today_shows_the_delay_at_the_clinician(login, staff, neurologist, other_neurologist):
    waiting = builders.an_arrived_visit(clinician=neurologist, hour=11)
    builders.a_visit(clinician=other_neurologist, hour=11)
    before = list(Visit.objects.order_by("pk").values())
    builders.a_delay(clinician=neurologist, by=staff)
    text = text_of(login(staff).get("/?whose=all"))
    assert "Running late Dr A. Morgan about 20 minutes late noted by Sam Desk, 10:40 Change" in text
    assert f"{waiting.patient} Dr A. Morgan about 20 min late" in text
    assert text.count("about 20 min late") == 1
    assert list(Visit.objects.order_by("pk").values()) == before


def test_other_days_show_no_delay(login, staff, neurologist):
    builders.a_visit(clinician=neurologist, day=TODAY + dt.timedelta(days=1))
    builders.a_delay(clinician=neurologist)
    client = login(staff)
    for page in ("/?day=2026-11-26&whose=all", "/visits/?day=2026-11-26"):
        assert "min late" not in text_of(client.get(page))


@pytest.mark.parametrize("page", ["/visits/", "/visits/?view=week"])
def test_diary_shows_the_delay_in_the_column_of_today(login, staff, neurologist, page):
    builders.a_delay(clinician=neurologist)
    assert text_of(login(staff).get(page)).count("about 20 min late") == 1


def test_search_result_names_the_delay_next_to_here_now(login, staff, neurologist):
    visit = builders.a_visit(clinician=neurologist, hour=11)
    builders.a_delay(clinician=neurologist)
    found = login(staff).post("/patients/", {"q": visit.patient.family_name}, headers={"HX-Request": "true"})
    assert "Dr A. Morgan about 20 min late" in text_of(found)
