"""The navigation on a phone: one line, with a menu, in which the count of what is to be signed stays in sight."""

import re

import pytest
from playwright.sync_api import expect

from tests import builders
from tests.browser import pages
from tests.browser.scans import OVERLAPS, axe, sideways, small_targets

pytestmark = [pytest.mark.browser, pytest.mark.looks, pytest.mark.django_db(transaction=True)]

ONE_LINE_PX = 56


def in_the_bar(page, name):
    return page.locator(".topbar nav > a", has_text=name)


def menu(page):
    return page.locator("#menu")


@pytest.fixture
def page(phone, neurologist):
    builders.a_follow_up(clinician=neurologist, due_on=builders.today())
    builders.a_given_session(by=neurologist)
    page = phone(neurologist)
    page.goto("/")
    return page


@pytest.mark.parametrize("width", [320, 390])
def test_bar_has_one_line_and_the_count_to_sign(page, width):
    page.set_viewport_size({"width": width, "height": 800})
    expect(menu(page)).to_be_hidden()
    expect(in_the_bar(page, "To sign")).to_have_text("To sign 1")
    expect(in_the_bar(page, "To sign")).to_be_in_viewport(ratio=1)
    expect(page.get_by_label("Find a patient")).to_be_visible()
    assert page.locator(".topbar").bounding_box()["height"] <= ONE_LINE_PX
    assert sideways(page) == []


def test_menu_has_every_link_of_the_page_and_of_the_user(page, watch):
    page.get_by_role("button", name="Menu").tap()
    for name in ("Today", "Diary", "Patients", "Follow-ups 1", "To sign 1", "Overview", "Help", "Preferences"):
        expect(menu(page).get_by_role("link", name=name)).to_be_visible()
    expect(menu(page).get_by_role("button", name="Log out")).to_be_visible()
    expect(menu(page).get_by_role("link", name="Today")).to_have_attribute("aria-current", "page")
    with watch.away():
        assert [*small_targets(page), *page.evaluate(OVERLAPS), *axe(page)] == []
    menu(page).get_by_role("link", name="Diary").tap()
    expect(page).to_have_url(re.compile("/visits/$"))


def test_menu_closes_by_escape_and_returns_the_focus(page):
    button = page.get_by_role("button", name="Menu")
    button.focus()
    pages.press(page, "Enter")
    pages.press(page, "Tab")
    expect(menu(page).get_by_role("link", name="Today")).to_be_focused()
    pages.press(page, "Escape")
    expect(menu(page)).to_be_hidden()
    expect(button).to_be_focused()


def test_keys_of_folded_links_work_and_are_listed(page):
    """On a laptop at 200 % zoom, too."""
    pages.press(page, "?")
    expect(page.get_by_role("dialog")).to_contain_text("Diary")
    expect(page.get_by_role("dialog").get_by_text("Follow-ups")).to_have_text("Follow-ups")  # without its count
    pages.press(page, "Escape")
    pages.press(page, "d")
    expect(page).to_have_url(re.compile("/visits/$"))
