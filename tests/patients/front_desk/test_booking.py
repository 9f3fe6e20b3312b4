"""Booking a visit: who, when, how long, and what it answers."""

import datetime as dt
import traceback

import pytest
import time_machine
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse

from clinic.models import AuditEntry, Clinic
from clinic.records.exceptions import Conflict, Refused
from patients.diary.guards import OVERLAP_RULES
from patients.diary.models.visit import STATE_COMES_FROM, STATE_IS_CORRECTED_FROM
from patients.followups.actions import close_follow_up
from patients.front_desk.actions.visits import TimeTaken, book_visit
from patients.models import FollowUp, Visit, VisitState
from planning.pages.actions.visits import change_visit_state
from tests import builders
from tests.patients.people.pages import filled, queries_of, text_of, title_of

TYPED = {"kind": "review", "day": "2026-12-01", "time": "10:30", "minutes": "30", "follow_up": ""}


def page_of(patient, follow_up=None):
    page = reverse("patients:visit-book", args=[patient.pk])
    return f"{page}?follow_up={follow_up.pk}" if follow_up else page


@pytest.fixture(autouse=True)
def in_september():
    with time_machine.travel(dt.datetime(2026, 9, 1, 8, tzinfo=dt.UTC), tick=True):
        yield


@pytest.fixture
def patient(staff):
    return builders.a_patient(by=staff, family_name="Okafor", given_name="Grace")


@pytest.fixture
def send(login, staff, neurologist, patient):
    """`send(**typed)` opens the page as clinic staff, types, and sends."""

    def typed_and_sent(page=None, **typed):
        client = login(staff)
        opened = client.get(page or page_of(patient))
        return client.post(page_of(patient), filled(opened, **{"clinician": neurologist.pk, **TYPED, **typed}))

    return typed_and_sent


def test_booked_visit_is_stored_as_typed(send, patient, neurologist, staff):
    # When a visit is booked
    response = send()

    # Then its page follows
    visit = Visit.objects.get()
    assert response["Location"] == reverse("planning:visit-detail", args=[visit.pk])
    assert (visit.patient, visit.clinician, visit.kind, visit.minutes) == (patient, neurologist, "review", 30)
    assert visit.starts_at == builders.at(dt.date(2026, 12, 1), 10, 30)
    assert visit.ends_at == builders.at(dt.date(2026, 12, 1), 11)
    assert visit.state == VisitState.BOOKED
    entry = AuditEntry.objects.get(action="booked")
    assert (entry.actor, entry.object_id, entry.patients.get().patient_id) == (staff, visit.pk, patient.pk)


def test_view_calls_the_action_within_three_frames(send, monkeypatch):
    ours = tuple(str(settings.BASE_DIR / package) for package in ("clinic", "patients", "planning"))
    stacks, save = [], Visit.save

    def noting_the_stack(visit, *args, **kwargs):
        stacks.append([frame.name for frame in traceback.extract_stack() if frame.filename.startswith(ours)])
        save(visit, *args, **kwargs)

    monkeypatch.setattr(Visit, "save", noting_the_stack)
    send()
    frames = stacks[0]
    between = frames[frames.index("visit_book") + 1 : frames.index("book_visit")]
    assert between == ["run_once", "run", "submit_once"]


def test_times_use_the_clinics_time_zone(send):
    Clinic.objects.update(time_zone="Asia/Kathmandu")
    send()
    assert Visit.objects.get().starts_at == dt.datetime(2026, 12, 1, 4, 45, tzinfo=dt.UTC)


def test_form_is_empty_for_clinic_staff(login, staff, patient, neurologist):
    form = login(staff).get(page_of(patient)).context["form"]
    assert {field.name: field.value() for field in form.visible_fields() if field.value() is not None} == {}


def test_form_preselects_the_logged_in_clinician(login, neurologist, patient):
    form = login(neurologist).get(page_of(patient)).context["form"]
    assert form["clinician"].value() == neurologist.pk


def test_follow_up_fills_its_clinician_and_date(login, neurologist, other_neurologist, patient):
    due_on = builders.today() + dt.timedelta(days=40)
    follow_up = builders.a_follow_up(patient=patient, clinician=other_neurologist, due_on=due_on)
    form = login(neurologist).get(page_of(patient, follow_up)).context["form"]
    assert [form[name].value() for name in ("clinician", "day", "follow_up")] == [
        other_neurologist.pk, due_on, follow_up.pk,
    ]  # fmt: skip
    assert [form[name].value() for name in ("kind", "time", "minutes")] == ["injection", None, None]


def test_overdue_follow_up_fills_no_date(login, staff, patient):
    follow_up = builders.a_follow_up(patient=patient, due_on=builders.today() - dt.timedelta(days=1))
    form = login(staff).get(page_of(patient, follow_up)).context["form"]
    assert form["day"].value() is None
    assert form["follow_up"].value() == follow_up.pk


def test_only_follow_up_is_preselected(send, login, staff, patient):
    one = builders.a_follow_up(patient=patient)
    assert login(staff).get(page_of(patient)).context["form"]["follow_up"].value() == one.pk
    send(follow_up="")
    assert FollowUp.objects.open().get() == one
    builders.a_follow_up(patient=patient, kind="review")
    assert login(staff).get(page_of(patient)).context["form"]["follow_up"].value() is None


@pytest.mark.parametrize("asked", ["0", "-1", "x", "9" * 5000, "\x00", "١", "1;"])
def test_unreadable_follow_up_is_ignored(asked, login, staff, patient):
    response = login(staff).get(page_of(patient), {"follow_up": asked})
    assert response.status_code == 200
    assert response.context["form"]["follow_up"].value() is None


def test_follow_up_of_another_patient_is_rejected(send, login, staff, patient):
    other = builders.a_follow_up(patient=builders.a_patient(by=staff))
    assert login(staff).get(page_of(patient, other)).context["form"]["follow_up"].value() is None
    response = send(follow_up=other.pk)
    assert response.context["form"].errors["follow_up"] == ["This follow-up is no longer open."]
    assert not Visit.objects.exists()


def test_booked_visit_answers_the_follow_up(send, patient):
    follow_up = builders.a_follow_up(patient=patient)
    send(follow_up=follow_up.pk)
    follow_up.refresh_from_db()
    assert follow_up.booked_visit == Visit.objects.get()
    assert not follow_up.is_open


def test_closed_follow_up_cannot_be_answered(patient, staff, neurologist):
    follow_up = builders.a_follow_up(patient=patient)
    close_follow_up(follow_up=follow_up, reason="Moved away.", by=staff, version=1)
    with pytest.raises(Refused, match="no longer open"):
        book_visit(
            patient=patient,
            clinician=neurologist,
            kind="review",
            starts_at=builders.at(builders.today()),
            minutes=30,
            by=staff,
            follow_up=follow_up,
        )
    assert not Visit.objects.exists()


# Overlaps


def test_booked_clinician_is_reported_at_the_time_and_text_stays(send, neurologist, patient):
    # Given a clinician with a visit at that time
    builders.a_visit(clinician=neurologist, day=dt.date(2026, 12, 1), hour=10, minute=45)

    # When another patient is booked at that time, then the page shows the message and the typed text
    response = send()
    form = response.context["form"]
    assert response.status_code == 409
    assert form.errors == {"time": ["That time is taken: the clinician has another visit then."]}
    assert {name: form[name].value() for name in TYPED} == TYPED
    assert Visit.objects.filter(patient=patient).count() == 0

    # And the same form books another time
    again = send(time="11:30")
    assert again.status_code == 302


def test_booked_patient_is_reported_at_the_time(send, patient, other_neurologist):
    builders.a_visit(patient=patient, clinician=other_neurologist, day=dt.date(2026, 12, 1), hour=10)
    response = send(time="10:15")
    assert response.status_code == 409
    assert response.context["form"].errors == {"time": ["The patient has another visit at that time."]}


OVERLAPS = {"the same": (0, 60), "within": (15, 15), "around": (-15, 90), "its start": (-30, 31), "its end": (59, 30)}


@pytest.mark.django_db
@pytest.mark.parametrize(("after", "minutes"), OVERLAPS.values(), ids=OVERLAPS)
@pytest.mark.parametrize("shared", ["clinician", "patient"])
def test_overlapping_visits_are_rejected(after, minutes, shared):
    first = builders.a_visit(minutes=60)
    with pytest.raises(TimeTaken, match=f"{shared} has another visit"):
        book_visit(
            **{"patient": builders.a_patient(), "clinician": builders.a_clinician(), shared: getattr(first, shared)},
            kind="review",
            starts_at=first.starts_at + dt.timedelta(minutes=after),
            minutes=minutes,
            by=first.clinician,
        )


@pytest.mark.django_db
@pytest.mark.parametrize("after", [-30, 60])
def test_consecutive_visits_are_accepted(after):
    first = builders.a_visit(minutes=60)
    second = book_visit(
        patient=first.patient,
        clinician=first.clinician,
        kind="review",
        starts_at=first.starts_at + dt.timedelta(minutes=after),
        minutes=30,
        by=first.clinician,
    )
    assert second.pk


@pytest.mark.django_db
@pytest.mark.parametrize("state", [VisitState.CANCELLED, VisitState.NO_SHOW, VisitState.ENTERED_IN_ERROR])
def test_cancelled_visit_frees_its_time(state):
    first = builders.a_visit()
    change_visit_state(visit=first, state=state, by=first.clinician, version=1, reason="Ill.")
    assert builders.a_visit(patient=first.patient, clinician=first.clinician).pk


@pytest.mark.engine
@pytest.mark.django_db
@pytest.mark.parametrize("column", OVERLAP_RULES)
def test_database_rejects_overlapping_visits(column):
    """By bulk_create, and by moving, re-assigning or reviving a visit."""
    first, second = builders.a_visit(), builders.a_visit(hour=12)
    name = column.removesuffix("_id")
    third = builders.a_visit(hour=14, **{name: getattr(first, name)})
    change_visit_state(visit=first, state=VisitState.CANCELLED, by=first.clinician, version=1, reason="Ill.")
    fourth = builders.a_visit(**{name: getattr(first, name)})
    writes = [
        lambda: Visit.objects.filter(pk=third.pk).update(starts_at=fourth.starts_at, ends_at=fourth.ends_at),
        lambda: Visit.objects.filter(pk=first.pk).update(state=VisitState.BOOKED),
        lambda: Visit.objects.bulk_create(
            [
                Visit(
                    **{"patient": second.patient, "clinician": second.clinician, name: getattr(first, name)},
                    kind="review",
                    starts_at=fourth.starts_at,
                    ends_at=fourth.ends_at,
                    minutes=30,
                )
            ]
        ),
    ]
    for write in writes:
        with pytest.raises(IntegrityError, match=OVERLAP_RULES[column]), transaction.atomic():
            write()


@pytest.mark.engine
@pytest.mark.django_db
def test_patient_of_a_visit_cannot_change():
    visit, other = builders.a_visit(), builders.a_patient()
    with pytest.raises(IntegrityError, match="patient_does_not_change"), transaction.atomic():
        Visit.objects.filter(pk=visit.pk).update(patient=other)


# What cannot be booked

CLOCKS = [
    ("Europe/London", "2027-03-28", "01:30", "01:30"),
    ("Europe/London", "2026-10-25", "01:30", "01:30"),
    ("America/New_York", "2027-03-14", "02:00", "02:00"),
    ("Australia/Lord_Howe", "2026-10-04", "02:15", "02:15"),
]


@pytest.mark.parametrize(("zone", "day", "time", "change"), CLOCKS)
def test_skipped_or_repeated_time_is_rejected_by_field(zone, day, time, change, send):
    Clinic.objects.update(time_zone=zone)
    response = send(day=day, time=time)
    assert response.context["form"].errors["time"] == [
        f"The clocks change at {change} on that day. Choose another time."
    ]
    assert response.context["form"]["day"].value() == day
    assert not Visit.objects.exists()


@pytest.mark.parametrize(
    ("day", "time"),
    [("2027-03-28", "00:59"), ("2027-03-28", "02:00"), ("2026-10-25", "00:59"), ("2026-10-25", "02:00")],
)
def test_times_next_to_a_clock_change_can_be_booked(day, time, send):
    assert send(day=day, time=time).status_code == 302


@pytest.mark.django_db
@pytest.mark.parametrize("year", [1, 1999, 2100, 9999])
def test_distant_year_is_rejected_everywhere(year):
    """Times at both ends of the calendar cannot be moved to another zone."""
    for day in (dt.date(year, 1, 1), dt.date(year, 12, 31)):
        with pytest.raises(ValidationError, match="Choose a date between 2000 and 2099"):
            book_visit(
                patient=builders.a_patient(),
                clinician=builders.a_clinician(),
                kind="review",
                starts_at=dt.datetime.combine(day, dt.time(10), dt.UTC),
                minutes=30,
                by=builders.a_clinician(),
            )


WRONG = {
    "clinician": ["", "0", "x", "9" * 30],
    "kind": ["", "surgery"],
    "day": ["", "0001-01-01", "9999-12-31", "1999-12-31", "2100-01-01", "2026-02-30", "tomorrow"],
    "time": ["", "25:00", "ten"],
    "minutes": ["0", "-5", "601", "99999999999", "1.5", "x"],
    "follow_up": ["0", "x", "9" * 30],
    "submission_key": ["", "x"],
}


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in WRONG.items() for value in values])
@pytest.mark.sample(3)
def test_unreadable_input_is_reported_by_field_and_stays(name, value, send):
    response = send(**{name: value})
    form = response.context["form"]
    is_hidden = name == "submission_key"
    assert response.status_code == (422 if is_hidden else 200)
    assert list(form.errors) == ["__all__" if is_hidden else name]
    assert form[name].value() == value
    assert not Visit.objects.exists()


def test_visits_can_be_booked_with_clinicians_only(send, staff, login, patient):
    assert "clinician" in send(clinician=staff.pk).context["form"].errors
    with pytest.raises(Refused, match="neurologist or a trainee"):
        book_visit(
            patient=patient,
            clinician=staff,
            kind="review",
            starts_at=builders.at(builders.today()),
            minutes=30,
            by=staff,
        )


def test_form_sent_twice_books_one_visit(login, staff, neurologist, patient):
    client = login(staff)
    sent = filled(client.get(page_of(patient)), clinician=neurologist.pk, **TYPED)
    first, second = client.post(page_of(patient), sent), client.post(page_of(patient), sent)
    assert first["Location"] == second["Location"]
    assert Visit.objects.count() == 1


def test_page_shows_the_banner_but_no_muscle_and_no_dose(login, staff, neurologist, patient):
    # Given a patient who was treated
    visit = builders.an_arrived_visit(patient=patient, clinician=neurologist)
    builders.a_given_session(by=neurologist, visit=visit)

    # When clinic staff book, then the page is about the patient, without clinical data
    response = login(staff).get(page_of(patient))
    assert "OKAFOR, Grace" in title_of(response)
    assert 'aria-label="Patient"' in response.content.decode()
    for word in ("1.11", "2.22", "ternocleidomastoid", "SCM", "Botox"):
        assert word not in text_of(response)
    assert AuditEntry.objects.last().patients.get().patient_id == patient.pk


def test_query_count_is_constant_for_more_follow_ups(login, staff, patient):
    client = login(staff)
    for _ in range(5):
        builders.a_follow_up(patient=patient)
    few = queries_of(client, page_of(patient))
    for _ in range(45):
        builders.a_follow_up(patient=patient)
    assert queries_of(client, page_of(patient)) == few


# States


def reached(state):
    """A visit in that state."""
    visit = builders.a_visit()
    way = {
        VisitState.BOOKED: [],
        VisitState.ARRIVED: [VisitState.ARRIVED],
        VisitState.FINISHED: [VisitState.ARRIVED, VisitState.FINISHED],
    }.get(state, [state])
    for step in way:
        visit = change_visit_state(
            visit=visit, state=step, by=visit.clinician, version=visit.version, reason="Said so.", again=builders.AGAIN
        )
    return visit


@pytest.mark.django_db
@pytest.mark.parametrize("new", VisitState)
@pytest.mark.parametrize("old", VisitState)
@pytest.mark.sample(2)
def test_only_listed_state_changes_are_allowed(old, new):
    visit, again = reached(old), None if old == new else builders.AGAIN

    def change():
        return change_visit_state(
            visit=visit, state=new, by=visit.clinician, version=visit.version, reason="Said so.", again=again
        )

    follows, corrects = old in STATE_COMES_FROM.get(new, ()), old in STATE_IS_CORRECTED_FROM.get(new, ())
    assert (new in visit.can_become(), new in visit.can_be_corrected_to()) == (follows, corrects)
    if follows or corrects or old == new:  # a repeat is a success
        assert change().state == new
    else:
        with pytest.raises(Refused, match="cannot become"):
            change()


@pytest.mark.django_db
@pytest.mark.parametrize("state", [VisitState.CANCELLED, VisitState.ENTERED_IN_ERROR])
def test_cancelled_visit_needs_a_reason(state):
    visit = builders.a_visit()
    with pytest.raises(Refused, match="Enter a reason"):
        change_visit_state(visit=visit, state=state, by=visit.clinician, version=1)


@pytest.mark.django_db
def test_stale_change_of_state_is_a_conflict():
    visit = reached(VisitState.ARRIVED)
    with pytest.raises(Conflict):
        change_visit_state(visit=visit, state=VisitState.FINISHED, by=visit.clinician, version=1)


@pytest.mark.django_db
def test_finished_visit_closes_its_follow_up():
    follow_up = builders.a_follow_up()
    visit = book_visit(
        patient=follow_up.patient,
        clinician=follow_up.clinician,
        kind="review",
        starts_at=builders.at(builders.today()),
        minutes=30,
        by=follow_up.clinician,
        follow_up=follow_up,
    )
    for state in (VisitState.ARRIVED, VisitState.FINISHED):
        visit = change_visit_state(
            visit=visit, state=state, by=visit.clinician, version=visit.version, again=builders.AGAIN
        )
    follow_up.refresh_from_db()
    assert (follow_up.closed_by, follow_up.closed_reason) == (visit.clinician, "The visit is finished.")
