"""Visits that no longer fit the working hours are to be moved, and their reminders wait."""

import datetime as dt
import importlib
import io

import pytest
import time_machine
from django.apps import apps
from django.core import mail
from django.core.management import call_command
from django.urls import reverse

from patients.diary.actions.opening_hours import change_working_hours
from patients.diary.models.opening_hours import WEEKDAYS, visits_to_be_moved
from patients.front_desk.actions.visits import book_visit
from patients.models import Reminder, Visit, VisitState, WorkingHours
from planning.pages.actions.visits import change_visit_state
from tests import builders
from tests.patients.people.pages import filled, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

TODAY, MONDAY = dt.date(2026, 11, 25), dt.date(2026, 12, 7)
TO_MOVE = reverse("patients:visit-to-move")


@pytest.fixture(autouse=True)
def on_a_wednesday():
    with time_machine.travel(dt.datetime(2026, 11, 25, 9, tzinfo=dt.UTC), tick=True):
        yield


def change(clinician, **hours):
    stored = WorkingHours.objects.filter(clinician=clinician).first()
    change_working_hours(clinician=clinician, by=clinician, version=stored.version if stored else 0, **hours)


def to_be_moved():
    return list(visits_to_be_moved(TODAY))


@pytest.mark.parametrize("monday", ["", "9-12", "10:15-12, 13-17"])
def test_visits_outside_shorter_hours_are_listed_with_the_reason(monday, login, staff, neurologist):
    # Given a visit on a Monday that has passed, two of another Monday, and one of another clinician
    builders.hours(neurologist)
    for day in (MONDAY - dt.timedelta(days=14), MONDAY + dt.timedelta(days=1)):
        builders.a_visit(clinician=neurologist, day=day, hour=16)
    builders.a_visit(day=MONDAY, hour=16)
    listed = builders.a_visit(clinician=neurologist, day=MONDAY, hour=16 if monday == "9-12" else 10)

    # When the hours of Mondays are shortened
    client, page = login(staff), reverse("patients:hours-change", args=[neurologist.pk])
    response = client.post(page, filled(client.get(page), monday=monday), follow=True)

    # Then the page says so, and the visit is listed until the hours cover it again
    assert response.redirect_chain[-1][0] == TO_MOVE
    assert [row["visit"] for row in response.context["rows"]] == [listed]
    assert "Dr A. Morgan" in response.context["rows"][0]["why"]
    assert "work" in response.context["rows"][0]["why"]
    assert "have to be moved" in text_of(response) or "has to be moved" in text_of(response)
    assert Visit.objects.filter(state=VisitState.BOOKED).count() == 4
    change(neurologist, monday="9-17")
    assert to_be_moved() == []


def test_first_hours_of_a_clinician_list_visits_too(neurologist):
    visit = builders.a_visit(clinician=neurologist, day=MONDAY, hour=18)
    change(neurologist, **dict.fromkeys(WEEKDAYS, "9-17"))
    assert to_be_moved() == [visit]


def test_note_answers_the_hours_of_its_time_only(neurologist):
    builders.hours(neurologist)
    booking = {"kind": "review", "clinician": neurologist, "by": neurologist, "outside_note": "Comes from far away"}
    book_visit(patient=builders.a_patient(), starts_at=builders.at(MONDAY, 18), **booking)
    change(neurologist, monday="9-16")
    assert to_be_moved() == []
    # Given an absence that the note answers, the hours are another reason
    builders.an_absence(clinician=neurologist, first=MONDAY)
    noted = book_visit(patient=builders.a_patient(), starts_at=builders.at(MONDAY, 10), **booking)
    change(neurologist, monday="")
    assert to_be_moved()[:1] == [noted]


def test_restored_visit_is_listed_if_hours_changed_before(neurologist):
    builders.hours(neurologist)
    visit = builders.a_visit(clinician=neurologist, day=MONDAY)
    visit = change_visit_state(visit=visit, state=VisitState.CANCELLED, by=neurologist, version=1, reason="Ill.")
    change(neurologist, monday="")
    assert to_be_moved() == []
    change_visit_state(visit=visit, state=VisitState.BOOKED, by=neurologist, version=2)
    assert to_be_moved() == [visit]


def test_reason_shown_is_the_one_after_the_note(login, staff, neurologist):
    # Given a visit that was booked with a note for a closed day
    builders.a_closure(first=MONDAY, name="Works")
    booking = {"kind": "review", "clinician": neurologist, "by": neurologist, "outside_note": "Comes from far away"}
    book_visit(patient=builders.a_patient(), starts_at=builders.at(MONDAY, 10), **booking)

    # When the clinic is closed for another reason, or the clinician is away
    client = login(staff)
    builders.an_absence(clinician=neurologist, first=MONDAY)
    assert [row["why"] for row in client.get(TO_MOVE).context["rows"]] == [
        "Dr A. Morgan is away: congress, 7 Dec 2026."
    ]
    builders.a_closure(first=MONDAY, name="Flood")
    assert [row["why"] for row in client.get(TO_MOVE).context["rows"]] == [
        "The clinic is closed at that time: Flood, 7 Dec 2026."
    ]


def test_closure_of_the_second_date_lists_a_visit_over_midnight(neurologist):
    visit = builders.a_visit(clinician=neurologist, day=MONDAY, hour=23, minutes=61)
    builders.a_visit(clinician=neurologist, day=MONDAY, hour=22, minutes=60)
    builders.a_closure(first=MONDAY + dt.timedelta(days=1))
    assert to_be_moved() == [visit]


def test_upgrade_marks_what_hours_of_before_left_out(neurologist):
    # Given visits that no longer fit, unless they have a note, as a release before this one stored them
    visits = [builders.a_visit(clinician=neurologist, day=MONDAY, hour=hour) for hour in (10, 12, 13, 18)]
    noted = builders.a_visit(clinician=neurologist, day=MONDAY, hour=19)
    Visit.objects.filter(pk=noted.pk).update(outside_note="Agreed")
    builders.hours(neurologist)
    Visit.objects.update(outside_hours_since=None)
    importlib.import_module("patients.migrations.0002_diary").mark_visits_outside_hours(apps, None)
    assert to_be_moved() == [visits[1], visits[3]]


# Reminders


def remind(**options):
    out = io.StringIO()
    call_command("remind", stdout=out, **options)
    return out.getvalue()


@pytest.mark.parametrize("reason", ["absence", "closure", "hours", "left"])
def test_reminders_of_visits_to_be_moved_are_not_sent(reason, neurologist):
    # Given a visit that cannot take place as booked, and one that can
    builders.hours(neurologist)
    day = TODAY + dt.timedelta(days=2)
    for clinician in (neurologist, builders.a_clinician()):
        patient = builders.a_patient(email=f"nr{clinician.pk}@example.org", agreed_to_reminders=True)
        visit = builders.a_visit(clinician=clinician, day=day, patient=patient)
    if reason == "absence":
        absence = builders.an_absence(clinician=neurologist, first=day)
    elif reason == "closure":
        later = dt.datetime(2027, 1, 1, tzinfo=dt.UTC)
        Visit.objects.filter(pk=visit.pk).update(outside_note="Important", booked_at=later)
        builders.a_closure(first=day)
    elif reason == "hours":
        change(neurologist, friday="")
    else:
        neurologist.groups.clear()

    # Then only the other one is sent, and the command counts
    assert remind(dry_run=True) == "1 would be sent.\n1 reminder held back: visits to be moved.\n"
    assert remind() == "1 sent, 0 failed.\n1 reminder held back: visits to be moved.\n"
    assert [message.to for message in mail.outbox] == [[f"nr{visit.clinician_id}@example.org"]]
    assert Reminder.objects.count() == 1

    # And once the clinician works again, it is sent
    if reason == "absence":
        absence.delete()
        assert remind() == "1 sent, 0 failed.\n"
