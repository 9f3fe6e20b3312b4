"""What a screen reader announces, and the keys of the search box."""

import re

import pytest
from playwright.sync_api import expect

from tests import builders
from tests.browser import pages
from tests.browser.scans import PHONE
from tests.extent import some

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.full
def test_map_region_has_name_side_and_state(browse, neurologist):
    session = builders.a_planned_session(by=neurologist, muscles=(("SCM", "right"), ("SCAL-A", "left")))
    page = browse(neurologist)
    pages.open_session(page, session)
    for name, pressed in (
        ("Sternocleidomastoid, right, chosen", True),
        ("Sternocleidomastoid, left", False),
        ("Scalene, right", False),
        ("Scalene, left, a part chosen", True),
        ("Levator scapulae, right", False),
        ("Levator scapulae, left", False),
    ):
        expect(page.get_by_role("button", name=name, exact=True, pressed=pressed)).to_have_count(1)
    expect(page.get_by_role("group", name="Neck, front view")).to_be_visible()
    expect(page.get_by_role("group", name="Neck, back view")).to_be_visible()

    # On the record they are pictures, not buttons
    signed = builders.a_signed_session(by=neurologist, visit=builders.an_arrived_visit(clinician=neurologist, hour=12))
    pages.open_session(page, signed)
    expect(page.get_by_role("img", name="Sternocleidomastoid, right, chosen")).to_be_visible()
    expect(page.locator("svg [role=button]")).to_have_count(0)


def test_live_regions_announce_added_and_saved_rows(browse, neurologist):
    session = builders.a_planned_session(by=neurologist, muscles=())
    page = browse(neurologist)
    pages.open_session(page, session)
    live = page.get_by_role("status")
    pages.add_by_name(page, "scm r")
    expect(live.filter(has_text="Added: Sternocleidomastoid, right")).to_be_visible()
    pages.planned(page, "Sternocleidomastoid, right").fill("1.11")
    pages.planned(page, "Sternocleidomastoid, right").press("Enter")
    expect(live.filter(has_text=re.compile(r"Saved \d"))).to_be_visible()
    # Each of the row's fields names its muscle and side
    for what in ("planned", "sites", "guidance", "note"):
        expect(page.get_by_label(f"{what}, Sternocleidomastoid, right")).to_have_count(1)


@pytest.mark.full
def test_search_box_works_by_shortcut_and_arrow_keys(browse, neurologist):
    builders.a_patient(family_name="Okafor", given_name="Grace")
    builders.a_patient(family_name="Okafor", given_name="Henry")
    page = browse(neurologist)
    page.goto("/muscles/")
    page.keyboard.press("/")
    box = page.get_by_label("Find a patient")
    expect(box).to_be_focused()
    expect(box).to_have_value("")
    pages.search(page, "oka")
    found = page.locator("#found")
    expect(found.get_by_role("link")).to_have_count(2)
    expect(found).to_have_attribute("aria-live", "polite")

    page.keyboard.press("ArrowDown")
    expect(found.get_by_role("link").first).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(found.get_by_role("link").last).to_be_focused()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    expect(box).to_be_focused()
    page.keyboard.press("Escape")
    expect(found).to_be_empty()

    # A slash that is typed into a field stays a slash
    page.keyboard.type("/")
    expect(box).to_have_value(re.compile("/"))
    box.fill("grace")
    expect(found.get_by_role("link")).to_have_count(1)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.get_by_role("region", name="Patient")).to_contain_text("OKAFOR, Grace")


@pytest.mark.parametrize(
    "java_script_enabled", [True, pytest.param(False, marks=pytest.mark.full)], ids=["with scripts", "without scripts"]
)
def test_menu_opens_by_key_and_closes_by_escape(browse, neurologist, java_script_enabled):
    page = browse(neurologist, java_script_enabled=java_script_enabled)
    page.goto(builders.a_patient().get_absolute_url())
    for name, entry in (("Dr A. Morgan", ("button", "Log out")), ("More", ("link", "Print everything"))):
        opener = page.get_by_role("button", name=name, exact=True)
        inside = page.get_by_role(entry[0], name=entry[1])
        opener.press("Enter")
        expect(inside).to_be_visible()
        page.keyboard.press("Tab")
        expect(page.locator(":popover-open :focus")).to_have_count(1)
        page.keyboard.press("Escape")
        expect(inside).to_be_hidden()
        expect(opener).to_be_focused()


@pytest.mark.full
@pytest.mark.parametrize("width", some([PHONE, 1440], one_of=2))
def test_open_menu_is_next_to_its_button_and_closes_on_click(browse, neurologist, width):
    page = browse(neurologist, viewport={"width": width, "height": 900})
    page.goto(builders.a_patient().get_absolute_url())
    for name in ("Menu" if width == PHONE else "Dr A. Morgan", "More"):
        opener = page.get_by_role("button", name=name, exact=True)
        opener.click()
        menu = page.locator(".menu:popover-open")
        box, place = menu.bounding_box(), opener.bounding_box()
        assert 0 <= box["x"] <= place["x"] + place["width"]
        assert box["x"] + box["width"] <= width
        assert 0 <= box["y"] - place["y"] - place["height"] < 10
        page.get_by_role("heading", level=1).click(position={"x": 5, "y": 5})  # next to the menu
        expect(menu).to_have_count(0)


@pytest.mark.full
@pytest.mark.parametrize("width", some([390, 768, 1440], one_of=3))
def test_menu_of_a_visit_works_by_keyboard(browse, neurologist, width):
    page = browse(neurologist, viewport={"width": width, "height": 900})
    page.goto(builders.an_arrived_visit(clinician=neurologist).get_absolute_url())
    opener = page.get_by_role("button", name="Cancel, correct…")
    menu = page.get_by_role("group", name="Cancel, correct")
    expect(menu).to_be_hidden()
    opener.press("Enter")
    expect(menu).to_be_visible()
    box, place = menu.bounding_box(), opener.bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= width
    assert 0 <= box["y"] - place["y"] - place["height"] < 10

    # Each entry opens its form, and sends nothing by itself.
    page.keyboard.press("Tab")
    expect(menu.locator("summary").first).to_be_focused()
    page.keyboard.press("Enter")
    expect(menu.get_by_label("Why").first).to_be_visible()
    page.keyboard.press("Escape")
    expect(menu).to_be_hidden()
    expect(opener).to_be_focused()
