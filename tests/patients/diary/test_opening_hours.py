"""Working hours, absences, closures and lengths: what is typed and stored, and the effect on booked visits."""

import datetime as dt
from functools import partial

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.urls import reverse

from clinic.models import AuditEntry
from clinic.records.exceptions import Refused
from patients.diary.actions.opening_hours import add_absence, change_working_hours
from patients.diary.models.opening_hours import WEEKDAYS, format_hours, hours_of, visits_to_be_moved
from patients.diary.open_days import OpenDays
from patients.front_desk.actions.visits import book_visit
from patients.models import Absence, Closure, Visit, VisitLength, VisitState, WorkingHours
from tests import builders
from tests.parallel import at_once
from tests.patients.people.pages import filled, queries_of, text_of

TODAY = dt.date(2026, 11, 25)  # a Wednesday
MONDAY = dt.date(2026, 12, 7)
FRAME, TO_MOVE = reverse("patients:opening-hours"), reverse("patients:visit-to-move")


@pytest.fixture(autouse=True)
def on_a_wednesday():
    with time_machine.travel(dt.datetime(2026, 11, 25, 9, tzinfo=dt.UTC), tick=True):
        yield


def page_of(clinician):
    return reverse("patients:hours-change", args=[clinician.pk])


def typed_hours(client, clinician, **typed):
    return filled(client.get(page_of(clinician)), **typed)


def writes():
    return [(entry.action, entry.actor) for entry in AuditEntry.objects.exclude(action__in=["read", "logged in"])]


# Hours

SPELLINGS = {
    "9-12": "09:00–12:00",
    "09:00–12:30, 13:30–17:00": "09:00–12:30, 13:30–17:00",
    "0900 - 1230": "09:00–12:30",
    "900-1230": "09:00–12:30",
    "9.30—17.15": "09:30–17:15",
    "9h30-12": "09:30–12:00",
    "9 Until 17:05": "09:00–17:05",
    "9-12 13 to 17": "09:00–12:00, 13:00–17:00",
    "9-12;13-17 AND 18-19,": "09:00–12:00, 13:00–17:00, 18:00–19:00",
    " 13-17, 9-12": "09:00–12:00, 13:00–17:00",
    "9-12, 12-13, 13-17": "09:00–17:00",
    "0-23:59": "00:00–23:59",
    "  ": "",
}


@pytest.mark.parametrize(("text", "kept"), SPELLINGS.items())
def test_opening_hours_are_read_in_many_spellings(text, kept):
    assert format_hours(hours_of(text)) == kept
    assert format_hours(hours_of(kept)) == kept


NO_HOURS = {
    **dict.fromkeys(
        ["9", "9-", "-12", "9-12-15", "9-123", "112:00-13:00", "9-24", "9:60-10", "9am-5pm", "9-12 or 13-17", "9:5-10"],
        "Enter hours such as 9:00–12:30",
    ),
    "17-9": "end after they begin",
    "9-9": "end after they begin",
    "9-12, 11:59-13": "overlap",
    "9-12\u202e": "invisible character",
    ", ".join(f"{hour}-{hour}:30" for hour in range(9, 18)): "at most 100",
}


@pytest.mark.parametrize(("text", "message"), NO_HOURS.items())
@pytest.mark.sample(3)
def test_invalid_hours_are_reported_by_weekday_and_stay(text, message, login, staff, neurologist):
    client = login(staff)
    form = client.post(page_of(neurologist), typed_hours(client, neurologist, tuesday=text)).context["form"]
    assert list(form.errors) == ["tuesday"]
    assert message in form.errors["tuesday"][0]
    assert form["tuesday"].value() == text
    with pytest.raises(ValidationError):
        change_working_hours(clinician=neurologist, by=staff, version=0, tuesday=text)
    assert not WorkingHours.objects.exists()


@pytest.mark.engine
def test_hours_are_stored_once_and_shown(login, staff, neurologist, other_neurologist, trainee):
    # Given a clinician who works on no day, and one without stored hours
    builders.hours(trainee, **dict.fromkeys(WEEKDAYS, ""))
    client = login(staff)
    sent = typed_hours(client, neurologist, monday="9-12", tuesday="9-12", thursday="13 to 17")

    # When hours are sent, and sent again because the first answer was lost
    for _ in range(2):
        assert client.post(page_of(neurologist), sent)["Location"] == FRAME

    # Then they are stored once, and all three are distinguished
    kept = WorkingHours.objects.get(clinician=neurologist)
    assert (kept.version, kept.history.get().history_user) == (1, staff)
    assert writes() == [("changed working hours", trainee), ("changed working hours", staff)]
    page = text_of(client.get(FRAME))
    assert "Dr A. Morgan Mon–Tue 09:00–12:00 Thu 13:00–17:00 Hours and absences" in page
    assert "Dr B. Adeyemi not recorded: can be booked at any time, no free times listed" in page
    assert "Dr T. Young no day" in page


@pytest.mark.engine
def test_conflicting_hours_are_shown_next_to_the_typed_ones(login, staff, neurologist):
    # Given a page that was opened before another user changed the hours
    builders.hours(neurologist)
    client = login(staff)
    sent = typed_hours(client, neurologist, monday="10-12")
    change_working_hours(clinician=neurologist, by=neurologist, version=1, monday="08:00–09:00", friday="")

    # When it is sent, then both are shown, and the typed hours are not stored
    response = client.post(page_of(neurologist), sent)
    form = response.context["form"]
    assert (response.status_code, form["monday"].value()) == (409, "10-12")
    assert "Stored now: 08:00–09:00." in form.errors["monday"][0]
    assert "Stored now: (empty)." in form.errors["friday"][0]
    assert WorkingHours.objects.get().monday == "08:00–09:00"

    # And sent again from there, it is stored
    assert client.post(page_of(neurologist), filled(response)).status_code == 302
    assert WorkingHours.objects.get().monday == "10:00–12:00"


@pytest.mark.engine
@pytest.mark.django_db(transaction=True)
def test_second_of_two_concurrent_first_hours_is_a_conflict():
    one, other = builders.a_person("clinic staff"), builders.a_person("clinic staff")
    for _ in range(8):
        keep = partial(change_working_hours, clinician=builders.a_clinician(), version=0)
        made = at_once(partial(keep, by=one, monday="09:00–12:00"), partial(keep, by=other, monday="10:00–12:00"))
        assert sorted(type(each).__name__ for each in made) == ["Conflict", "WorkingHours"]


def test_only_clinicians_have_hours_and_absences(login, staff):
    assert login(staff).get(page_of(staff)).status_code == 404
    starts_at, ends_at = builders.at(MONDAY, 10), builders.at(MONDAY, 11)
    with pytest.raises(Refused, match="Only a neurologist or a trainee"):
        change_working_hours(clinician=staff, by=staff, version=0, monday="09:00–12:00")
    with pytest.raises(Refused, match="Only a neurologist or a trainee"):
        add_absence(clinician=staff, by=staff, starts_at=starts_at, ends_at=ends_at)


OUTSIDE = "Dr A. Morgan works 09:00–12:00, 13:00–17:00 on Mondays. This time on 7 Dec 2026 is outside these hours."
CLOSED = "The clinic is closed at that time: Christmas, 24 Dec 2026 – 1 Jan 2027."


@pytest.mark.engine
@pytest.mark.parametrize(
    ("day", "hour", "minutes", "message"),
    [
        (MONDAY, 9, 180, None),
        (MONDAY, 13, 240, None),
        (MONDAY, 8, 61, OUTSIDE),
        (MONDAY, 11, 121, OUTSIDE),
        (MONDAY, 23, 60, OUTSIDE),
        (dt.date(2026, 12, 5), 10, 30, "Dr A. Morgan does not work on Saturdays."),
        (MONDAY, 23, 61, "Dr A. Morgan is away: congress, 8 Dec 2026."),
        (dt.date(2026, 12, 25), 10, 30, CLOSED),
        (dt.date(2026, 12, 23), 23, 61, CLOSED),
    ],
)
def test_reason_for_unavailability_is_shown(day, hour, minutes, message, neurologist, other_neurologist):
    builders.hours(neurologist)
    builders.an_absence(clinician=neurologist, first=dt.date(2026, 12, 8))
    builders.a_closure(first=dt.date(2026, 12, 24), last=dt.date(2027, 1, 1), name="Christmas")
    frame = OpenDays.of([neurologist, other_neurologist], day, day + dt.timedelta(days=1))
    span = builders.at(day, hour), builders.at(day, hour) + dt.timedelta(minutes=minutes)
    assert frame.obstacle(neurologist, *span) == message
    # And without stored hours, only a closure applies
    assert frame.obstacle(other_neurologist, *span) == (message if message == CLOSED else None)


# Absences and closures

SPANS = [
    ({}, (7, 0, 0), (8, 0, 0), "7 Dec 2026"),
    ({"last_day": "2026-12-09"}, (7, 0, 0), (10, 0, 0), "7 Dec 2026 – 9 Dec 2026"),
    ({"from_time": "12:00", "until_time": "15:30"}, (7, 12, 0), (7, 15, 30), "7 Dec 2026, 12:00 – 15:30"),
    ({"from_time": "12:00", "last_day": "2026-12-08"}, (7, 12, 0), (9, 0, 0), "7 Dec 2026, 12:00 – 8 Dec 2026"),
    ({"until_time": "12:00"}, (7, 0, 0), (7, 12, 0), "7 Dec 2026, until 12:00"),
    ({"last_day": "2026-12-08", "until_time": "12:00"}, (7, 0, 0), (8, 12, 0), "7 Dec 2026 – 8 Dec 2026, 12:00"),
]


@pytest.mark.engine
@pytest.mark.parametrize(("typed", "begins", "ends", "words"), SPANS)
def test_absence_is_stored_once_and_described(typed, begins, ends, words, login, staff, neurologist):
    client, page = login(staff), reverse("patients:absence-add", args=[neurologist.pk])
    sent = filled(client.get(page_of(neurologist)), "absence_form", first_day="2026-12-07", reason="theatre", **typed)
    for _ in range(2):
        assert client.post(page, sent)["Location"] == page_of(neurologist)
    absence = Absence.objects.get()
    assert absence.starts_at == builders.at(dt.date(2026, 12, begins[0]), *begins[1:])
    assert absence.ends_at == builders.at(dt.date(2026, 12, ends[0]), *ends[1:])
    assert writes() == [("added an absence", staff)]
    assert f"Dr A. Morgan is away: theatre, {words} Remove" in text_of(client.get(FRAME))


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("first_day", {"first_day": ""}),
        ("first_day", {"first_day": "2100-01-01"}),
        ("last_day", {"last_day": "2026-12-06"}),
        ("last_day", {"last_day": "2026-12-07", "from_time": "12:00", "until_time": "12:00"}),
        ("from_time", {"from_time": "noon"}),
        ("reason", {"reason": "by\u202e"}),
    ],
)
def test_invalid_absence_is_reported_and_stays_typed(field, typed, login, staff, neurologist):
    client, page = login(staff), reverse("patients:absence-add", args=[neurologist.pk])
    sent = filled(client.get(page_of(neurologist)), "absence_form", **{"first_day": "2026-12-07", **typed})
    form = client.post(page, sent).context["absence_form"]
    assert list(form.errors) == [field]
    assert form[field].value() == typed[field]
    assert not Absence.objects.exists()


def test_absence_must_end_after_its_start(neurologist):
    with pytest.raises(Refused, match="must end after it begins"):
        builders.an_absence(clinician=neurologist, first=MONDAY, last=MONDAY - dt.timedelta(days=1))


@pytest.mark.engine
def test_closure_is_stored_once_and_cannot_end_before_start(login, staff):
    client, page = login(staff), reverse("patients:closure-add")
    typed = {"name": "Christmas Eve", "first_day": "2026-12-24"}
    refused = client.post(page, filled(client.get(FRAME), "closure_form", last_day="2026-12-23", **typed))
    form = refused.context["closure_form"]
    assert (refused.status_code, list(form.errors), form["name"].value()) == (409, ["last_day"], "Christmas Eve")
    sent = filled(client.get(FRAME), "closure_form", **typed)
    for _ in range(2):
        assert client.post(page, sent)["Location"] == FRAME
    assert Closure.objects.get().last_day == dt.date(2026, 12, 24)
    assert writes()[-1] == ("added a closure", staff)
    assert "Christmas Eve, 24 Dec 2026 Remove" in text_of(client.get(FRAME))


@pytest.mark.engine
@pytest.mark.parametrize("what", ["absence", "closure"])
def test_removed_absences_and_closures_stay_in_history(what, login, staff, neurologist):
    kept = builders.an_absence(clinician=neurologist) if what == "absence" else builders.a_closure()
    for _ in range(2):
        removed = login(staff).post(reverse(f"patients:{what}-remove", args=[kept.pk]), {"version": 1})
        assert removed["Location"] == FRAME
    assert not type(kept).objects.exists()
    removed, added = type(kept).history.filter(id=kept.pk)
    assert (removed.history_type, removed.history_user, added.history_type) == ("-", staff, "+")
    entry = AuditEntry.objects.get(action__startswith="removed")
    assert (entry.actor, entry.object_id) == (staff, kept.pk)


# Visits that no longer fit


@pytest.mark.engine
@pytest.mark.parametrize(
    ("what", "typed", "why"),
    [
        ("absence", {"reason": "congress"}, "Dr A. Morgan is away: congress, 7 Dec 2026."),
        ("closure", {"name": "Works"}, "The clinic is closed at that time: Works, 7 Dec 2026."),
    ],
)
def test_visits_on_a_day_off_are_listed_and_stay_booked(what, typed, why, login, staff, neurologist):
    # Given booked visits on a day and close to it, and a patient who has come already
    days = [MONDAY + dt.timedelta(days=number) for number in (-1, 0, 0, 1)]
    booked = [
        builders.a_visit(clinician=neurologist, day=day, hour=hour)
        for day, hour in zip(days, (23, 0, 23, 0), strict=True)
    ]
    builders.an_arrived_visit(clinician=neurologist, day=MONDAY)

    # When that day is taken off
    client = login(staff)
    page, args = (page_of(neurologist), [neurologist.pk]) if what == "absence" else (FRAME, [])
    sent = filled(client.get(page), f"{what}_form", first_day="2026-12-07", **typed)
    response = client.post(reverse(f"patients:{what}-add", args=args), sent, follow=True)

    # Then the list of those that were booked then follows, and all stay booked
    assert response.redirect_chain[-1][0] == TO_MOVE
    assert [(row["visit"], row["why"]) for row in response.context["rows"]] == [(visit, why) for visit in booked[1:3]]
    assert "2 booked visits have to be moved. They are not cancelled." in text_of(response)
    assert Visit.objects.filter(state=VisitState.BOOKED).count() == 4

    # And none is listed once the day is worked again
    (Absence if what == "absence" else Closure).objects.get().delete()
    assert "No visits to be moved." in text_of(client.get(TO_MOVE))


@pytest.mark.engine
@pytest.mark.parametrize("what", ["absence", "closure"])
def test_note_covers_only_reasons_known_when_booking(what, neurologist):
    # Given a visit, then a day off, then a visit that is booked anyway, with a note
    visit = builders.a_visit(clinician=neurologist, day=MONDAY)
    builders.a_closure(first=MONDAY) if what == "closure" else builders.an_absence(clinician=neurologist, first=MONDAY)
    booking = {"kind": "review", "starts_at": builders.at(MONDAY, 12), "outside_note": "Comes from far away"}
    noted = book_visit(patient=builders.a_patient(), clinician=neurologist, by=neurologist, **booking)

    # Then the noted one is not to be moved, until one more day off comes
    assert list(visits_to_be_moved(TODAY)) == [visit]
    builders.a_closure(first=MONDAY) if what == "closure" else builders.an_absence(clinician=neurologist, first=MONDAY)
    assert list(visits_to_be_moved(TODAY)) == [visit, noted]


@pytest.mark.engine
@pytest.mark.parametrize("what", ["absence", "closure"])
def test_booking_concurrent_with_a_day_off_is_listed(what, neurologist):
    visit = builders.a_visit(clinician=neurologist, day=MONDAY)
    builders.a_closure(first=MONDAY) if what == "closure" else builders.an_absence(clinician=neurologist, first=MONDAY)
    Visit.objects.update(booked_at=visit.booked_at + dt.timedelta(minutes=1))
    assert list(visits_to_be_moved(TODAY)) == [visit]


@pytest.mark.engine
def test_listed_visits_always_have_a_reason(login, staff, neurologist, trainee):
    builders.a_visit(clinician=trainee, day=MONDAY - dt.timedelta(days=2))
    builders.a_visit(clinician=neurologist, day=MONDAY - dt.timedelta(days=1), hour=23, minutes=61)
    builders.an_absence(clinician=neurologist, first=MONDAY)
    trainee.is_active = False
    trainee.save()
    assert [row["why"] for row in login(staff).get(TO_MOVE).context["rows"]] == [
        "Dr T. Young no longer sees patients here.",
        "Dr A. Morgan is away: congress, 7 Dec 2026.",
    ]


@pytest.mark.engine
def test_query_count_is_constant_for_more_absences(login, staff, neurologist):
    client, asked = login(staff), []
    for clinician in [builders.a_clinician() for _ in range(4)]:
        for someone in (clinician, neurologist):
            day = MONDAY + dt.timedelta(days=len(asked))
            builders.a_visit(clinician=someone, day=day)
            builders.an_absence(clinician=someone, first=day)
        asked.append([queries_of(client, page) for page in (FRAME, TO_MOVE, page_of(neurologist))])
    assert asked[0] == asked[-1]


# Lengths


@pytest.mark.engine
def test_conflicting_lengths_are_shown_next_to_the_typed_ones(login, staff):
    # Given two pages, of which one was sent, and sent again
    client, page = login(staff), reverse("patients:lengths-change")
    first, second = (filled(client.get(FRAME), "lengths_form", review=minutes) for minutes in (25, 35))
    for _ in range(2):
        assert client.post(page, first)["Location"] == FRAME
    assert writes() == [("changed a length", staff)]

    # When the other is sent, then both are shown
    response = client.post(page, second)
    form = response.context["lengths_form"]
    assert (response.status_code, form["review"].value()) == (409, "35")
    assert "Stored now: 25." in form.errors["review"][0]
    assert "injection" not in form.errors
    assert VisitLength.objects.get(kind="review").minutes == 25

    # And sent again from there, it is stored
    assert client.post(page, filled(response, "lengths_form")).status_code == 302
    assert VisitLength.objects.get(kind="review").minutes == 35


@pytest.mark.parametrize("minutes", ["", "0", "601", "1.5", "9" * 30])
def test_invalid_length_is_reported_by_visit_kind(minutes, login, staff):
    client = login(staff)
    sent = {**filled(client.get(FRAME), "lengths_form"), "review": minutes}
    assert list(client.post(reverse("patients:lengths-change"), sent).context["lengths_form"].errors) == ["review"]
