"""The page of a session on a phone: the rows are in sight, and the neck map and rare tools open over the page."""

import pytest
from playwright.sync_api import expect

from tests import builders
from tests.browser import pages
from tests.browser.scans import NARROW, OVERLAPS, axe, sideways, small_targets

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SCM, SCALENE = "Sternocleidomastoid, right", "Scalene, left"
MOST_OF_A_ROW_PX = 210

FOCUS_IS_IN_SIGHT = """() => {
  const box = document.activeElement.getBoundingClientRect();
  return box.top >= document.querySelector(".banner").getBoundingClientRect().bottom
    && box.bottom <= document.getElementById("savebar").getBoundingClientRect().top;
}"""


def the_map(page):
    return page.locator("#neck-map")


def tools(page):
    return page.get_by_role("group", name="Guidance and muscle sets")


def faults_now(page, watch):
    with watch.away():
        return [*sideways(page), *small_targets(page), *page.evaluate(OVERLAPS), *axe(page)]


@pytest.mark.full
def test_row_has_three_lines_and_opens_in_sight(phone, neurologist):
    session = builders.a_given_session(by=neurologist, doses=())
    page = phone(neurologist)
    pages.open_session(page, session)
    expect(pages.given(page, SCM)).to_be_focused()
    pages.becomes_true(page, FOCUS_IS_IN_SIGHT)
    assert pages.row(page, SCM).bounding_box()["height"] <= MOST_OF_A_ROW_PX
    expect(the_map(page)).to_be_hidden()
    expect(tools(page)).to_be_hidden()


def test_fields_reached_by_tab_are_not_covered(phone, neurologist):
    page = phone(neurologist)
    pages.open_session(page, builders.a_given_session(by=neurologist, doses=()))
    expect(pages.given(page, SCM)).to_be_focused()
    for _ in range(30):
        page.keyboard.press("Tab")
        pages.becomes_true(page, FOCUS_IS_IN_SIGHT)


@pytest.mark.full
def test_map_opens_over_the_page_and_adds_rows(phone, neurologist, watch):
    session = builders.a_planned_session(by=neurologist, muscles=())
    page = phone(neurologist)
    pages.open_session(page, session)
    opener = page.get_by_role("button", name="Neck map")
    opener.tap()
    expect(the_map(page)).to_be_visible()
    assert faults_now(page, watch) == []
    for number, muscle in enumerate((SCM, SCALENE), start=1):
        pages.click_on_the_map(page, muscle, by_touch=True)
        expect(pages.rows(page)).to_have_count(number)
        expect(pages.announced(page)).to_contain_text(f"Added: {muscle}")
    # It stays open; a chosen muscle leads to its row.
    pages.click_on_the_map(page, SCM, by_touch=True)
    expect(the_map(page)).to_be_hidden()
    expect(pages.planned(page, SCM)).to_be_focused()

    # By keyboard: m, and Escape returns
    page.keyboard.press("Escape")
    page.keyboard.press("m")
    expect(the_map(page)).to_be_visible()
    page.keyboard.press("Escape")
    expect(the_map(page)).to_be_hidden()
    assert all(row.planned_dose == "" for row in session.injections.all())


@pytest.mark.full
def test_guidance_for_all_rows_is_in_a_menu(phone, neurologist, watch):
    page = phone(neurologist)
    pages.open_session(page, builders.a_given_session(by=neurologist, doses=()))
    page.get_by_role("button", name="Guidance, sets…").tap()
    expect(tools(page)).to_be_visible()
    assert faults_now(page, watch) == []
    page.get_by_label("Set guidance for all rows").select_option("ultrasound")
    page.get_by_role("button", name="Set", exact=True).tap()
    expect(tools(page)).to_be_hidden()
    expect(pages.field(page, SCM, "guidance")).to_have_value("ultrasound")


@pytest.mark.full
@pytest.mark.parametrize("width", [NARROW, 1024])
def test_wider_screen_shows_map_and_tools_in_the_page(browse, neurologist, width):
    page = browse(neurologist, viewport={"width": width, "height": 900})
    pages.open_session(page, builders.a_planned_session(by=neurologist))
    for part in (the_map(page).locator("svg").first, page.get_by_label("Set guidance for all rows")):
        expect(part).to_be_visible()
    for name in ("Neck map", "Close the map", "Guidance, sets…"):
        expect(page.get_by_role("button", name=name)).to_have_count(0)
