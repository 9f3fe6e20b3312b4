"""The front desk works through the follow-up list in its rows, where calls are logged and visits are booked."""

import datetime as dt
import re

import pytest
from playwright.sync_api import expect

from patients.models import ContactAttempt, FollowUp, Visit
from tests import builders
from tests.browser import pages
from tests.browser.scans import assert_no_faults, faults
from tests.browser.test_front_desk import messages, row_of

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("tuesday_morning"),
]

TODAY = dt.date(2027, 3, 2)


@pytest.fixture
def three_to_call(morgan):
    """Due on three days, so that they are in this order."""
    return [
        builders.a_follow_up(
            patient=builders.a_patient(family_name=name, phone=f"0555 014 41{number}", email="one@example.org"),
            clinician=morgan,
            due_on=TODAY - dt.timedelta(days=9 - number),
        )
        for number, name in enumerate(("Alder", "Birch", "Cedar"))
    ]


def book_of(page, name):
    return row_of(page, name).get_by_role("link", name="Book a visit for")


def log_button(page, way, outcome):
    return page.get_by_role("form", name=f"{way}: log how").get_by_role("button", name=outcome)


@pytest.mark.full
def test_call_is_logged_with_two_clicks_in_the_row(browse, staff, three_to_call):
    page = browse(staff)
    page.goto("/follow-ups/?only=overdue")
    book_of(page, "ALDER").click()
    expect(page.get_by_role("link", name="0555 014 410").last).to_have_attribute("href", "tel:0555014410")
    log_button(page, "Letter", "Sent").click()
    expect(messages(page)).to_contain_text("ALDER, Given: Letter, sent. The contact is logged.")
    expect(row_of(page, "ALDER")).to_contain_text("2 Mar 2027: letter, sent")
    expect(page).to_have_url(re.compile("only=overdue"))
    expect(book_of(page, "BIRCH")).to_be_focused()


def test_call_is_logged_with_two_keys_in_the_row(browse, staff, three_to_call):
    page = browse(staff)
    page.goto("/follow-ups/")
    for name, way, outcome, logged in (
        ("ALDER", "p", "o", "Telephone, no answer"),
        ("BIRCH", "l", "s", "Letter, sent"),
    ):
        book_of(page, name).focus()
        pages.press(page, way)
        expect(page.locator(f"[data-way={way}] button").first).to_be_focused()
        pages.press(page, outcome)
        expect(messages(page)).to_contain_text(f"{name}, Given: {logged}. The contact is logged.")
    expect(book_of(page, "CEDAR")).to_be_focused()

    # The key u undoes the last one
    pages.press(page, "u")
    expect(messages(page)).to_contain_text("Undone: BIRCH, Given, Letter, sent")
    assert ContactAttempt.objects.filter(undone_at=None).count() == 1


@pytest.mark.full
def test_calls_are_logged_by_plain_forms(browse, staff, three_to_call):
    page = browse(staff, java_script_enabled=False)
    page.goto("/follow-ups/?only=overdue")
    book_of(page, "ALDER").click()
    log_button(page, "Email", "Sent").click()
    expect(messages(page)).to_contain_text("ALDER, Given: Email, sent. The contact is logged.")
    expect(page).to_have_url(re.compile("only=overdue"))
    assert ContactAttempt.objects.get().follow_up == three_to_call[0]


@pytest.mark.full
def test_free_time_books_with_one_click_and_the_next_row_follows(browse, staff, three_to_call):
    page = browse(staff)
    page.goto("/follow-ups/?only=overdue")
    book_of(page, "ALDER").click()
    times = page.get_by_role("form", name="Free times for ALDER, Given").get_by_role("button")
    expect(times).to_have_count(5)
    times.nth(1).click()
    expect(messages(page)).to_contain_text("Booked: ALDER, Given, Injection, 2 Mar 2027")
    expect(row_of(page, "ALDER")).to_have_count(0)
    expect(book_of(page, "BIRCH")).to_be_focused()
    expect(page).to_have_url(re.compile("only=overdue"))
    assert Visit.objects.get().follow_ups.get() == three_to_call[0]


@pytest.mark.full
def test_all_rows_are_booked_by_enter_and_a_figure(browse, staff, three_to_call):
    page = browse(staff)
    page.goto("/follow-ups/")
    book_of(page, "ALDER").focus()
    for name, following in (("ALDER", "BIRCH"), ("BIRCH", "CEDAR"), ("CEDAR", None)):
        pages.press(page, "Enter")
        expect(page.get_by_role("form", name=f"Free times for {name}")).to_be_visible()
        with page.expect_navigation():
            pages.press(page, "2")
        expect(messages(page)).to_contain_text(f"Booked: {name}")
        if following:
            expect(book_of(page, following)).to_be_focused()
    assert Visit.objects.count() == 3
    assert not FollowUp.objects.open().exists()


@pytest.mark.full
def test_figures_book_nothing_in_fields_or_other_rows(browse, staff, three_to_call):
    page = browse(staff)
    page.goto("/follow-ups/")
    book_of(page, "ALDER").click()
    expect(page.get_by_role("form", name="Free times for ALDER")).to_be_visible()
    page.get_by_label("Find a patient").press("1")
    book_of(page, "BIRCH").press("1")
    row_of(page, "BIRCH").get_by_role("link", name="BIRCH, Given", exact=True).press("1")
    page.keyboard.press("Control+1")
    expect(page).to_have_url(re.compile("/follow-ups/$"))
    assert not Visit.objects.exists()


@pytest.mark.full
def test_free_times_book_by_plain_forms(browse, staff, three_to_call):
    page = browse(staff, java_script_enabled=False)
    page.goto("/follow-ups/")
    book_of(page, "BIRCH").click()
    page.get_by_role("form", name="Free times for BIRCH").get_by_role("button").first.click()
    expect(messages(page)).to_contain_text("Booked: BIRCH, Given, Injection")
    expect(book_of(page, "CEDAR")).to_be_focused()


@pytest.mark.full
@pytest.mark.looks
def test_opened_row_is_accessible_and_fits_a_phone(browse, watch, staff, three_to_call):
    page = browse(staff)
    page.goto("/follow-ups/")
    book_of(page, "BIRCH").click()
    expect(log_button(page, "Telephone", "No answer")).to_be_visible()
    page.mouse.move(0, 0)
    found = {"in its row": faults(page, watch)}
    page.goto(f"/follow-ups/{three_to_call[0].pk}/book/")
    found["on its own page"] = faults(page, watch)
    assert_no_faults(found)
