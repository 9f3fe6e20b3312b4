"""A clinician's calendar address: who has one, what is read there, and how it ends."""

import datetime as dt
from functools import partial

import icalendar
import pytest
import time_machine
from django.contrib.auth.models import Group
from django.urls import reverse

from clinic.models import AuditEntry, Clinic
from clinic.records.exceptions import Conflict, Refused
from patients.diary.actions.reminders import create_calendar_feed
from patients.front_desk.actions.visits import book_visit
from patients.models import CalendarFeed, VisitState
from planning.pages.actions.visits import change_visit_state, move_visit
from tests import builders
from tests.parallel import at_once
from tests.patients.people.pages import queries_of, text_of

TODAY = dt.date(2026, 11, 25)
PAGE, REVOKE = reverse("patients:calendar-url"), reverse("patients:calendar-revoke")


@pytest.fixture(autouse=True)
def on_a_wednesday():
    with time_machine.travel(dt.datetime(2026, 11, 25, 9, tzinfo=dt.UTC), tick=False):
        yield


@pytest.fixture
def address(neurologist):
    return reverse("patients:calendar-feed", args=[secret_of(neurologist)])


def secret_of(clinician):
    former = CalendarFeed.objects.active().filter(clinician=clinician).first()
    return create_calendar_feed(clinician=clinician, by=clinician, seen=former.pk if former else 0)


def events_of(response):
    assert response.status_code == 200
    return icalendar.Calendar.from_ical(response.content).walk("VEVENT")


def summaries(response):
    return [str(event["SUMMARY"]) for event in events_of(response)]


# The address


def test_clinician_creates_a_feed_url_that_is_shown_once(login, neurologist, client):
    # When a clinician makes their address
    page = login(neurologist)
    assert "You have no link yet." in text_of(page.get(PAGE))
    made = page.post(PAGE, {"feed": 0})

    # Then that response contains it, cannot be cached, and no later one contains it
    address = made.context["address"]
    assert f'value="{address}"' in made.content.decode()
    assert "no-store" in made["Cache-Control"]
    again = page.get(PAGE)
    assert address not in again.content.decode()
    assert "Your link was created on 25 Nov 2026, 09:00. It cannot be shown again." in text_of(again)

    # And it is read without a login
    client.logout()
    assert client.get(address)["Content-Type"] == "text/calendar; charset=utf-8"
    entry = AuditEntry.objects.get(action="created a calendar link")
    assert (entry.actor, entry.object_id) == (neurologist, CalendarFeed.objects.get().pk)


def test_only_a_hash_of_the_secret_is_stored(neurologist, client):
    secret = secret_of(neurologist)
    (kept,) = CalendarFeed.objects.values()
    assert len(secret) >= 43
    assert secret not in str(kept)
    assert len(kept["token_hash"]) == 64
    assert client.get(reverse("patients:calendar-feed", args=[kept["token_hash"]])).status_code == 404


def test_clinic_staff_have_no_feed(login, staff):
    for send in (login(staff).get, login(staff).post):
        assert send(PAGE).status_code == 403
    assert login(staff).post(REVOKE).status_code == 403
    with pytest.raises(Refused, match="Only a neurologist or a trainee"):
        secret_of(staff)
    assert not CalendarFeed.objects.exists()


def test_revoked_feed_is_not_found(login, neurologist, trainee, address, client):
    other = reverse("patients:calendar-feed", args=[secret_of(trainee)])
    sent = {"feed": CalendarFeed.objects.get(clinician=neurologist).pk}
    for _ in range(2):
        assert login(neurologist).post(REVOKE, sent)["Location"] == PAGE
    assert client.get(address).status_code == 404
    assert client.get(other).status_code == 200
    assert "You have no link yet." in text_of(client.get(PAGE))
    assert AuditEntry.objects.get(action="revoked a calendar link").actor == neurologist


def test_new_feed_url_ends_the_old_one(login, neurologist, address, client):
    new = login(neurologist).post(PAGE, {"feed": CalendarFeed.objects.get().pk}).context["address"]
    assert client.get(address).status_code == 404
    assert client.get(new).status_code == 200


@pytest.mark.engine
@pytest.mark.django_db(transaction=True)
def test_last_of_two_concurrent_feed_urls_is_active():
    clinician = builders.a_clinician()
    for _ in range(5):
        made = at_once(partial(secret_of, clinician), partial(secret_of, clinician))
        secrets = [each for each in made if not isinstance(each, Conflict)]  # of a page from before the other was made
        active = [CalendarFeed.objects.with_secret(secret) for secret in secrets]
        assert [feed for feed in active if feed] == [CalendarFeed.objects.active().get()]


def test_feed_ends_when_its_owner_loses_login_or_permission(neurologist, trainee, client, address):
    other = reverse("patients:calendar-feed", args=[secret_of(trainee)])
    neurologist.is_active = False
    neurologist.save()
    trainee.groups.set(Group.objects.filter(name="clinic staff"))
    assert [client.get(each).status_code for each in (address, other)] == [404, 404]


@pytest.mark.django_db
@pytest.mark.parametrize("token", ["x", "0" * 43, "a" * 3000, "%00", "%C3%28", "é"])
def test_wrong_secret_is_not_found(token, client, address):
    assert client.get(f"/calendar/{token}.ics").status_code == 404
    assert client.get(address.replace(".ics", "x.ics")).status_code == 404


def test_feed_is_read_only(client, address):
    head = client.head(address)
    assert (head.status_code, head.content, head["Content-Type"]) == (200, b"", "text/calendar; charset=utf-8")
    for send in (client.post, client.put, client.delete):
        assert send(address).status_code == 405


# What is read there


@pytest.mark.engine
def test_feed_contains_visits_with_times_and_kinds(client, neurologist, address):
    first = builders.a_visit(clinician=neurologist, day=dt.date(2026, 12, 1), hour=10, minute=15, kind="review")
    second = builders.a_visit(clinician=neurologist, day=dt.date(2027, 7, 1), hour=10, kind="first_assessment")
    builders.a_visit(day=dt.date(2026, 12, 1))
    events = events_of(client.get(address))
    assert [(event["DTSTART"].dt, event["DTEND"].dt, str(event["SUMMARY"])) for event in events] == [
        (first.starts_at, first.ends_at, "Review"),
        (second.starts_at, second.ends_at, "First assessment"),
    ]
    assert len({str(event["UID"]) for event in events}) == 2
    calendar = icalendar.Calendar.from_ical(client.get(address).content)
    assert (str(calendar["VERSION"]), str(calendar["PRODID"])) == ("2.0", "-//Collum//EN")


def test_uid_of_a_visit_differs_between_installations(client, neurologist, address):
    visit, uids = builders.a_visit(clinician=neurologist, day=dt.date(2026, 12, 1)), []
    for installation in (Clinic.ours().installation, Clinic._meta.get_field("installation").default()):
        Clinic.objects.update(installation=installation)
        uids += [str(event["UID"]) for event in events_of(client.get(address))]
        assert uids[-1] == f"visit-{visit.pk}@{installation}"
    assert len(set(uids)) == 2


@pytest.mark.engine
def test_cancelled_visits_are_left_out_and_moved_ones_updated(client, neurologist, address):
    # Given a visit of each state, and a moved one
    day = TODAY - dt.timedelta(days=1)
    states = [VisitState.CANCELLED, VisitState.NO_SHOW, VisitState.ENTERED_IN_ERROR]
    for hour, state in enumerate(states, start=9):
        visit = builders.a_visit(clinician=neurologist, day=day, hour=hour)
        change_visit_state(visit=visit, state=state, by=neurologist, version=1, reason="Ill.")
    builders.finish(builders.an_arrived_visit(clinician=neurologist, day=day, hour=13, kind="review"))
    builders.an_arrived_visit(clinician=neurologist, day=day, hour=14, kind="other")
    left = builders.a_visit(clinician=neurologist, day=TODAY, hour=14)
    starts_at = builders.at(TODAY, 15)
    move_visit(visit=left, clinician=neurologist, starts_at=starts_at, minutes=30, by=neurologist, version=1)

    # Then the active ones are listed
    response = client.get(address)
    assert summaries(response) == ["Review", "Other", "Injection"]
    assert events_of(response)[-1]["DTSTART"].dt == starts_at


@pytest.mark.engine
def test_feed_covers_a_month_back_and_over_a_year_ahead(client, neurologist, address):
    for days, kind in ((-31, "other"), (-29, "review"), (399, "injection"), (401, "other")):
        builders.a_visit(clinician=neurologist, day=TODAY + dt.timedelta(days=days), kind=kind)
    assert summaries(client.get(address)) == ["Review", "Injection"]


def test_feed_contains_no_patient_data(client, neurologist, address):
    # Given a visit of which much is known
    patient = builders.a_patient(
        family_name="Okafor", given_name="Grace", record_number="RN-4711", phone="0555 014 417",
        email="grace@example.org", note="Needs a chair", diagnosis="Cervical dystonia",
    )  # fmt: skip
    builders.an_absence(clinician=neurologist, first=TODAY)
    visit = book_visit(
        patient=patient, clinician=neurologist, kind="injection", starts_at=builders.at(TODAY, 10), by=neurologist,
        outside_note="Grace comes from far away", arrived=True,
        follow_up=builders.a_follow_up(patient=patient, clinician=neurologist, why="Wore off early"),
    )  # fmt: skip
    builders.a_given_session(by=neurologist, visit=visit)

    # Then the feed does not contain it, however its lines are folded; the id of the visit can contain any digits
    read = client.get(address).content.decode().replace("\r\n ", "")
    assert "SUMMARY:Injection" in read
    uid = f"UID:visit-{visit.pk}@{Clinic.ours().installation}\r\n"
    assert read.count(uid) == read.count("UID") == 1
    read = read.replace(uid, "")
    for word in (
        "okafor",
        "grace",
        "4711",
        "0555",
        "chair",
        "dystonia",
        "far away",
        "wore off",
        "botox",
        "1.11",
        "scm",
    ):
        assert word not in read.lower()


@pytest.mark.engine
def test_query_count_is_constant_for_more_visits(client, neurologist, address):
    asked = []
    for hours in (range(8, 9), range(9, 18)):
        for hour in hours:
            builders.a_visit(clinician=neurologist, day=TODAY, hour=hour)
        asked.append(queries_of(client, address))
    assert asked[0] == asked[1] <= 5
