"""From the login to the signed record with the keyboard alone, and few keys a row."""

import re

import pytest
from playwright.sync_api import TimeoutError as TookTooLong
from playwright.sync_api import expect

from planning.models import InjectionSession
from tests import builders
from tests.browser import pages

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

TYPED_NAMES = {
    "scm r": "Sternocleidomastoid, right",
    "scm l": "Sternocleidomastoid, left",
    "scal l": "Scalene, left",
    "ls r": "Levator scapulae, right",
    "lev sca left": "Levator scapulae, left",
}
WHERE_FOCUS_IS = """() => {
  const element = document.activeElement;
  const label = element.getAttribute("aria-label") || element.labels?.[0]?.textContent || element.textContent || "";
  return label.replace(/\\s+/g, " ").trim();
}"""
FOCUS_SHOWS = """() => {
  const element = document.activeElement;
  const style = getComputedStyle(element);
  const strokes = [...element.querySelectorAll("path")].map((path) => getComputedStyle(path).strokeWidth);
  return style.outlineStyle !== "none" || style.boxShadow !== "none" || strokes.includes("4px");
}"""


class Keyboard:
    """Counts the pressed keys, separately from typed text and digits."""

    def __init__(self, page):
        self.page = page
        self.pressed = 0

    def press(self, key):
        pages.press(self.page, key)
        self.pressed += 1

    def types(self, text):
        self.page.keyboard.type(text)

    def tab_to(self, label, *, most=80):
        """Tab until the focus is there; each stop on the way must show that it has the focus."""
        for _ in range(most):
            if re.search(label, self.page.evaluate(WHERE_FOCUS_IS)):
                return
            self.press("Tab")
            self.sees_the_focus()
        raise AssertionError(f"{label!r} was not reached by Tab")

    def go_in_the_map_to(self, region, *, most=30):
        """The map is one Tab stop after what is next to it, and arrow keys go through its regions."""
        self.page.locator(".endlink").last.focus()
        self.tab_to(", (left|right|midline)(, |$)")
        self.press("Home")
        for _ in range(most):
            if re.search(f"^{region}$", self.page.evaluate(WHERE_FOCUS_IS)):
                return
            self.press("ArrowRight")
            self.sees_the_focus()
        raise AssertionError(f"{region!r} was not reached by arrow keys")

    def sees_the_focus(self):
        try:
            self.page.wait_for_function(FOCUS_SHOWS)
        except TookTooLong as error:
            where = self.page.evaluate("() => document.activeElement.outerHTML.slice(0, 200)")
            raise AssertionError(f"no visible focus on {where}") from error


@pytest.mark.full
def test_session_works_by_keyboard_with_three_keys_per_row(browse, neurologist):
    # Given a neurologist who logs in and opens the visit
    visit = builders.an_arrived_visit(clinician=neurologist)
    page = browse()
    page.goto("/accounts/login/")
    keyboard = Keyboard(page)
    expect(page.get_by_label("User name")).to_be_focused()
    keyboard.types(neurologist.username)
    keyboard.press("Tab")
    keyboard.types(builders.PASSWORD)
    keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("today")
    keyboard.tab_to(r"^Plan a session")
    keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Injection session")).to_be_visible()
    expect(pages.product_choice(page)).to_be_focused()  # the page opens there
    keyboard.types("Botox")
    expect(page.locator("#part-rows-title")).to_contain_text("of Botox")

    # When muscles are planned, doses typed, and what was given recorded
    keyboard.tab_to("^Add a muscle$")
    keys_of_the_rows = [plan_rows(keyboard, page), type_doses(keyboard, page, "planned_dose", "1.1")]
    expect(page.get_by_role("button", name="Record what was given")).to_be_focused()
    pages.all_is_saved(page)
    keyboard.press("Enter")
    expect(page.get_by_role("button", name="Back to plan")).to_be_visible()
    keys_of_the_rows.append(type_doses(keyboard, page, "given_dose", "2.2"))

    # Then no row took more than three keys besides its name and its figures
    assert sum(keys_of_the_rows) <= 3 * len(TYPED_NAMES)

    # And the rest is reached in the order of the work: the vial, who injected, the signature
    expect(page.get_by_label("lot number")).to_be_focused()
    keyboard.types("C7714")
    keyboard.press("Enter")
    expect(page.get_by_role("group", name="Vial 1")).to_be_visible()
    expect(page.get_by_label("Who injected")).to_be_focused()
    keyboard.types("Dr A")
    pages.all_is_saved(page)
    keyboard.tab_to("^Review and sign$")
    keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Read back and sign")).to_be_visible()
    keyboard.tab_to("^in$")
    keyboard.types("12")
    keyboard.tab_to("^Your password")
    keyboard.types(builders.PASSWORD)
    keyboard.press("Enter")
    expect(page.get_by_text("Signed. This record is now read-only.")).to_be_visible()
    content = InjectionSession.objects.get(visit=visit).record().content
    assert [row["given_dose"] for row in content["injections"]] == ["2.21", "2.22", "2.23", "2.24", "2.25"]
    assert [row["planned_dose"] for row in content["injections"]] == ["1.11", "1.12", "1.13", "1.14", "1.15"]


def plan_rows(keyboard, page):
    """Each by its name and Enter; Enter in the empty box then moves to the first row."""
    before = keyboard.pressed
    for typed, name in TYPED_NAMES.items():
        keyboard.types(typed)
        keyboard.press("Enter")
        expect(pages.row(page, name)).to_be_visible()
        expect(pages.quick_box(page)).to_be_focused()
        expect(pages.quick_box(page)).to_have_value("")
    pressed = keyboard.pressed - before
    keyboard.press("Enter")
    return pressed


def type_doses(keyboard, page, what, beginning):
    before = keyboard.pressed
    for number, name in enumerate(TYPED_NAMES.values(), start=1):
        expect(pages.field(page, name, what)).to_be_focused()
        keyboard.types(f"{beginning}{number}")
        keyboard.press("Enter")
    return keyboard.pressed - before


@pytest.mark.full
def test_muscle_is_left_out_with_three_keys(browse, neurologist):
    session = builders.a_given_session(by=neurologist, doses=())
    page = browse(neurologist)
    pages.open_session(page, session)
    pages.given(page, "Sternocleidomastoid, right").focus()
    for key in ("Tab", "Space", "Enter"):
        page.keyboard.press(key)
    expect(pages.given(page, "Levator scapulae, right")).to_be_focused()
    pages.all_is_saved(page)
    assert session.injections.in_order().first().not_given


@pytest.mark.full
def test_every_map_region_works_by_keyboard(browse, neurologist):
    session = builders.a_planned_session(by=neurologist, muscles=())
    page = browse(neurologist)
    pages.open_session(page, session)
    keyboard = Keyboard(page)
    pages.quick_box(page).focus()
    for number, (muscle, key) in enumerate(
        [("Scalene, right", "Enter"), ("Sternocleidomastoid, left", "Space"), ("Levator scapulae, left", "Enter")], 1
    ):
        keyboard.go_in_the_map_to(muscle)
        keyboard.press(key)
        expect(pages.rows(page)).to_have_count(number)
        expect(pages.announced(page)).to_contain_text(f"Added: {muscle}")
        # The map was drawn anew, and the focus is where it was.
        expect(pages.region(page, muscle)).to_be_focused()
    keyboard.tab_to("^Scalene, anterior, right$")


@pytest.mark.full
def test_clicking_a_chosen_region_goes_to_its_row(browse, neurologist):
    session = builders.a_planned_session(by=neurologist)
    page = browse(neurologist)
    pages.open_session(page, session)
    pages.region(page, "Levator scapulae, right").focus()
    page.keyboard.press("Enter")
    expect(pages.planned(page, "Levator scapulae, right")).to_be_focused()
    expect(pages.rows(page)).to_have_count(2)
