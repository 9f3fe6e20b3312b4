"""A search leaves its term in no URL, in no history and in no storage of the browser."""

import re

import pytest
from playwright.sync_api import expect

from tests import builders
from tests.browser.logins import end_login
from tests.browser.pages import log_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

TERM = "okaf"
LEFT = "[location.href, history.state, {...sessionStorage}, {...localStorage}]"


@pytest.fixture
def patient(staff):
    builders.a_patient(family_name="Okafor", given_name="Zoe", by=staff)
    return builders.a_patient(family_name="Okafor", given_name="Ada", by=staff)


@pytest.fixture
def page(browse, staff):
    page = browse(staff)
    page.requested = []
    page.on("request", lambda request: page.requested.append((request.url, request.headers.get("referer"))))
    page.goto("/")
    return page


def assert_no_trace(page):
    url, state, in_session, stored = page.evaluate(LEFT)
    assert (state, in_session, stored) == (None, {}, {})
    assert TERM not in f"{url} {page.requested}".lower()


def box(page):
    return page.get_by_label("Name, record number, birth date or phone")


def test_search_in_the_top_bar_leaves_no_trace(page, patient):
    assert page.evaluate("() => [htmx.config.historyEnabled, htmx.config.historyCacheSize]") == [False, 0]
    page.get_by_label("Find a patient").fill(TERM)
    expect(page.locator("#found")).to_contain_text("OKAFOR")
    assert_no_trace(page)

    # Given the page of the results
    page.get_by_label("Find a patient").press("Enter")
    expect(page).to_have_url(re.compile("/patients/$"))
    expect(box(page)).to_have_value(TERM)
    expect(page.locator("#people-found")).to_contain_text("OKAFOR")
    assert_no_trace(page)

    # When the user returns to it or reloads it, then the page opens, and the browser does not ask anything
    page.locator("#people-found").get_by_role("link").first.click()
    expect(page).to_have_url(re.compile(rf"/patients/{patient.pk}/$"))
    for again in (page.go_back, page.reload):
        assert again().status == 200
        expect(box(page)).to_have_value("")
        assert_no_trace(page)


@pytest.mark.full
def test_empty_box_lists_the_patients_opened_last(page, patient):
    page.goto(patient.get_absolute_url())
    page.goto("/")
    find = page.get_by_label("Find a patient")
    page.keyboard.press("/")
    expect(page.locator("#found")).to_contain_text("Opened last")

    # Tab leaves the box and closes the list
    page.keyboard.press("Tab")
    expect(page.locator("#found")).to_be_empty()

    # The arrow keys and Enter open a patient, and nothing is left in the browser
    find.focus()
    expect(page.locator("#found").get_by_role("link")).to_have_count(1)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(rf"/patients/{patient.pk}/$"))
    assert_no_trace(page)


@pytest.mark.full
def test_search_for_a_booking_leaves_no_trace(page, patient):
    page.goto("/visits/new/?day=2027-03-03&time=10:00")
    typed = page.get_by_label("Patient: name")
    typed.fill(TERM)
    expect(page.locator("#people-to-book")).to_contain_text("OKAFOR")
    typed.press("Enter")
    link = page.locator("#people-to-book").get_by_role("link", name="Ada")
    expect(link).to_have_attribute("href", re.compile("day=2027-03-03"))
    assert_no_trace(page)


@pytest.mark.full
def test_search_works_after_another_login(page, patient, staff):
    """The CSRF token of the page ended with the earlier login."""
    end_login(staff)
    other = page.context.new_page()
    log_in(other, staff)
    expect(other.get_by_role("button", name=str(staff))).to_be_visible()
    page.get_by_label("Find a patient").fill(TERM)
    expect(page.locator("#found")).to_contain_text("OKAFOR")
    page.get_by_label("Find a patient").press("Enter")
    expect(page.locator("#people-found")).to_contain_text("OKAFOR")
