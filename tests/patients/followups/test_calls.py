"""Calling a patient from the follow-up list: the outcome is one button, and the next row follows."""

import datetime as dt
import re

import pytest
from django.urls import reverse

from patients.models import ContactAttempt
from tests import builders
from tests.patients.followups.conftest import WEDNESDAY
from tests.patients.people.pages import queries_of, text_of

LIST = reverse("patients:followup-list")
BY_SCRIPT = {"HX-Request": "true"}

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("on_a_wednesday")]


@pytest.fixture
def due(neurologist):
    """`due(days)` is a follow-up of that day, of another patient each time."""
    return lambda days, **details: builders.a_follow_up(
        due_on=WEDNESDAY + dt.timedelta(days=days), clinician=neurologist, **details
    )


def book_page(follow_up):
    return reverse("patients:followup-book", args=[follow_up.pk])


def hidden_fields(html, action):
    """What the form that is sent to this URL carries besides what is chosen."""
    form = re.search(rf'<form action="{re.escape(action)}".*?</form>', html, re.DOTALL)[0]
    tags = re.findall(r'<input type="hidden"[^>]*>', form)
    return {re.search('name="([^"]*)"', tag)[1]: re.search('value="([^"]*)"', tag)[1] for tag in tags}


def log(client, follow_up, **chosen):
    """As the buttons of the opened row send it."""
    action = reverse("patients:followup-contact", args=[follow_up.pk])
    sent = hidden_fields(client.get(book_page(follow_up)).content.decode(), action)
    del sent["csrfmiddlewaretoken"]
    return client.post(action, {**sent, **chosen})


def test_opened_row_shows_the_phone_and_the_choices(login, staff, due):
    patient = builders.a_patient(phone="0555 014 417", email="asa@example.org", by=staff)
    response = login(staff).get(book_page(due(1, patient=patient)), headers=BY_SCRIPT)
    html = response.content.decode()
    assert "<html" not in html
    for link in ("tel:0555014417", "mailto:asa@example.org"):
        assert f'href="{link}"' in html
    for choice in ("Telephone", "Letter", "Email", "No answer", "Message left", "Sent"):
        assert choice in text_of(response)


def test_contact_is_logged_with_two_buttons_and_named(login, staff, due):
    patient = builders.a_patient(family_name="Okafor", given_name="Grace", by=staff)
    client = login(staff)
    response = log(client, due(1, patient=patient), how="letter", outcome="sent")
    assert response["Location"] == LIST
    attempt = ContactAttempt.objects.get()
    assert (attempt.how, attempt.outcome, attempt.by, attempt.note) == ("letter", "sent", staff, "")
    assert "OKAFOR, Grace: Letter, sent. The contact is logged." in text_of(client.get(LIST))


def test_message_names_the_date_to_call_again(login, staff, due):
    client, follow_up = login(staff), due(1)
    log(client, follow_up, how="phone", outcome="no_answer", call_again_on="2026-12-01")
    assert "Telephone, no answer, call again on 1 Dec 2026. The contact is logged." in text_of(client.get(LIST))


def test_contact_button_of_a_stale_row_is_a_conflict(login, staff, due):
    client, follow_up = login(staff), due(1)
    response = log(client, follow_up, how="phone", outcome="no_answer", version="99")
    assert response.status_code == 409
    assert response.context["contact_form"]["outcome"].value() == "no_answer"
    assert not ContactAttempt.objects.exists()


def test_next_row_has_the_focus_and_filters_stay(login, staff, due):
    first, second, third = due(-3), due(-2), due(-1)
    client = login(staff)
    rows = client.get(LIST, {"only": "overdue"}).context["rows"]
    assert [row["query_string"] for row in rows] == [
        f"only=overdue&then={second.pk}", f"only=overdue&then={third.pk}", f"only=overdue&then={second.pk}",
    ]  # fmt: skip
    response = client.get(f"{book_page(first)}?{rows[0]['query_string']}")
    assert response.context["next"] == f"{LIST}?only=overdue&then={second.pk}"
    html = client.get(response.context["next"]).content.decode()
    assert re.findall(r'aria-controls="tools-(\d+)"\s+data-row-main\s+autofocus', html) == [str(second.pk)]
    assert "All to book</a>" in html


def test_focus_is_on_the_first_row_if_the_next_one_left(login, staff, due):
    first = due(-3)
    rows = login(staff).get(LIST, {"then": "999999"}).context["rows"]
    assert [row["has_focus"] for row in rows] == [True]
    assert rows[0]["query_string"] == ""
    assert rows[0]["follow_up"] == first
    assert "All to book</a>" not in login(staff).get(LIST, {"then": "x"}).content.decode()


@pytest.mark.parametrize("then", ["x", "-1", "\x00", "9" * 50, '"><script>'])
@pytest.mark.sample(2)
def test_any_next_row_gets_the_list(then, login, staff, due):
    follow_up = due(1)
    assert login(staff).get(LIST, {"then": then}).status_code == 200
    response = login(staff).get(book_page(follow_up), {"then": then, "page": then})
    assert response.status_code == 200
    assert "<script>" not in response.context["next"]


def test_opened_row_needs_the_same_queries_for_50_rows(login, staff, due):
    client, follow_up = login(staff), due(1)
    for number in range(50):
        if number == 5:
            few = queries_of(client, book_page(follow_up))
        due(number)
    assert queries_of(client, book_page(follow_up)) == few
