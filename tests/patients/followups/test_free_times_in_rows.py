"""The next free times of a follow-up, each of which books the visit that answers it."""

import datetime as dt

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from patients.models import FollowUp, Visit
from tests import builders
from tests.patients.followups.test_calls import LIST, book_page, hidden_fields
from tests.patients.people.pages import queries_of, text_of

TODAY = dt.date(2026, 11, 25)  # a Wednesday

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def on_a_wednesday():
    with time_machine.travel(dt.datetime(2026, 11, 25, 16, 20, tzinfo=dt.UTC), tick=True):
        yield


@pytest.fixture
def morgan(neurologist):
    return builders.hours(neurologist)


def times_of(response):
    return [f"{timezone.localtime(each.starts_at):%d %b %H:%M}" for each in response.context["times"]]


def book(client, follow_up, take, **sent):
    """As the button of a free time sends it, from the page of that follow-up."""
    action = reverse("patients:visit-book", args=[follow_up.patient_id])
    hidden = hidden_fields(client.get(book_page(follow_up)).content.decode(), action)
    del hidden["csrfmiddlewaretoken"]
    return client.post(action, {**hidden, "take": take.value, **sent})


def test_row_offers_the_next_five_free_times_of_its_clinician(login, staff, morgan, other_neurologist):
    builders.hours(other_neurologist)
    builders.a_visit(clinician=morgan, day=TODAY + dt.timedelta(days=1), hour=9, minutes=30)
    late = builders.a_follow_up(clinician=morgan, due_on=TODAY - dt.timedelta(days=9))
    response = login(staff).get(book_page(late), headers={"HX-Request": "true"})
    assert times_of(response) == ["25 Nov 16:25", "26 Nov 09:30", "26 Nov 10:00", "26 Nov 10:30", "26 Nov 11:00"]
    assert {each.clinician for each in response.context["times"]} == {morgan}
    assert "Injection, 30 minutes, Dr A. Morgan, from 25 Nov 2026" in text_of(response)


def test_times_of_a_later_follow_up_begin_on_its_day(login, staff, morgan):
    later = builders.a_follow_up(clinician=morgan, due_on=dt.date(2027, 1, 12), kind="review")
    assert times_of(login(staff).get(book_page(later)))[:2] == ["12 Jan 09:00", "12 Jan 09:20"]


def test_free_time_books_and_answers_the_follow_up(login, staff, morgan):
    follow_up = builders.a_follow_up(clinician=morgan, due_on=TODAY)
    client = login(staff)
    take = client.get(book_page(follow_up)).context["times"][1]
    response = book(client, follow_up, take)
    assert response["Location"] == LIST
    visit = Visit.objects.get()
    assert (visit.starts_at, visit.kind, visit.clinician) == (take.starts_at, "injection", morgan)
    assert FollowUp.objects.get().booked_visit == visit
    page = client.get(LIST)
    assert f"Booked: {follow_up.patient}, {visit} , with Dr A. Morgan." in text_of(page)
    assert f'href="{visit.get_absolute_url()}"' in page.content.decode()


def test_free_time_that_was_taken_shows_the_nearest_ones(login, staff, morgan):
    follow_up = builders.a_follow_up(clinician=morgan, due_on=TODAY)
    client = login(staff)
    take = client.get(book_page(follow_up)).context["times"][1]
    builders.a_visit(clinician=morgan, day=TODAY + dt.timedelta(days=1), hour=9)
    response = book(client, follow_up, take)
    assert response.status_code == 409
    assert "That time is taken" in text_of(response)
    assert response.context["form"].nearest
    assert f'name="next" value="{LIST}"' in response.content.decode()
    assert follow_up in FollowUp.objects.open()


def test_same_free_time_sent_twice_books_once(login, staff, morgan):
    follow_up = builders.a_follow_up(clinician=morgan, due_on=TODAY)
    client = login(staff)
    page = client.get(book_page(follow_up))
    sent = {"submission_key": str(page.context["booking_key"])}
    action = reverse("patients:visit-book", args=[follow_up.patient_id])
    hidden = hidden_fields(page.content.decode(), action) | sent | {"take": page.context["times"][0].value}
    assert client.post(action, hidden).status_code == 302
    assert "This follow-up is no longer open." in text_of(client.post(action, hidden))
    assert Visit.objects.count() == 1


@pytest.mark.parametrize("elsewhere", ["https://example.org/", "//example.org", "javascript:alert(1)"])
def test_booking_leads_to_no_other_site(elsewhere, login, staff, morgan):
    follow_up = builders.a_follow_up(clinician=morgan, due_on=TODAY)
    client = login(staff)
    take = client.get(book_page(follow_up)).context["times"][1]
    response = book(client, follow_up, take, next=elsewhere)
    assert response["Location"] == Visit.objects.get().get_absolute_url()


def test_names_in_the_message_add_no_markup(login, staff, morgan):
    patient = builders.a_patient(family_name="<b>x", by=staff)
    follow_up = builders.a_follow_up(patient=patient, clinician=morgan, due_on=TODAY)
    client = login(staff)
    book(client, follow_up, client.get(book_page(follow_up)).context["times"][1])
    assert "<b>x" not in client.get(LIST).content.decode().lower()


def test_no_times_without_hours_or_for_who_left(login, staff, neurologist):
    follow_up = builders.a_follow_up(clinician=neurologist, due_on=TODAY)
    response = login(staff).get(book_page(follow_up))
    assert response.context["times"] == []
    assert "No free time of 30 minutes within a year." in text_of(response)
    neurologist.groups.clear()
    response = login(staff).get(book_page(follow_up))
    assert "Dr A. Morgan no longer sees patients here." in text_of(response)
    assert response.context["times"] == []


def test_inactive_patient_gets_the_reason_and_no_times(login, staff, morgan):
    follow_up = builders.a_follow_up(clinician=morgan, due_on=TODAY)
    type(follow_up.patient).objects.filter(pk=follow_up.patient_id).update(status="died")
    response = login(staff).get(book_page(follow_up))
    assert response.context["times"] == []
    assert "The patient’s status is" in text_of(response)


def test_free_times_need_the_same_queries_for_50_visits(login, staff, morgan):
    follow_up = builders.a_follow_up(clinician=morgan, due_on=TODAY)
    client = login(staff)
    for number in range(50):
        if number == 5:
            few = queries_of(client, book_page(follow_up))
        day = TODAY + dt.timedelta(days=1 + number // 25)
        time = {"hour": 9 + number % 25 // 12, "minute": 5 * (number % 12), "minutes": 5}
        builders.a_visit(clinician=morgan, day=day, **time)
    assert queries_of(client, book_page(follow_up)) == few
