"""Collum's pages as a person meets them: what is found on them, and what is done there."""

import re
import time
from urllib.parse import parse_qs

from playwright.sync_api import Locator, expect

from tests import builders
from tests.browser.scans import PHONE

PATIENCE_S = 30  # what passes does not wait; a loaded machine is slow
BY_MOUSE, BY_TOUCH = Locator.click, Locator.tap
SAVED = re.compile(r"^Saved \d\d:\d\d:\d\d$")

# Where a person would click: a point of the region that no other element covers.
FREE_POINT = """region => {
  region.scrollIntoView({block: "center", behavior: "instant"});
  const box = region.getBoundingClientRect();
  const points = [];
  for (let x = box.left; x < box.right; x += 3)
    for (let y = box.top; y < box.bottom; y += 3)
      if (region.contains(document.elementFromPoint(x, y))) points.push([x, y]);
  return points[Math.floor(points.length / 2)];
}"""


def log_in(page, person, *, press=BY_MOUSE):
    page.goto("/accounts/login/")
    page.get_by_label("User name").fill(person.username)
    page.get_by_label("Password").fill(builders.PASSWORD)
    press(page.get_by_role("button", name="Log in"))


def open_session(page, session):
    page.goto(session.get_absolute_url())


def open_the_map(page):
    """On a phone, its button opens it over the page."""
    opener = page.get_by_role("button", name="Neck map")
    if opener.is_visible() and not page.locator("#neck-map").is_visible():
        opener.click()


def click_on_the_map(page, name, *, by_touch=False):
    open_the_map(page)
    x, y = _at_rest(page, name)
    (page.touchscreen.tap if by_touch else page.mouse.click)(x, y)


def becomes_true(page, expression):
    """Soon, such as at the end of a smooth scroll. Playwright's own way to wait needs eval, which the CSP forbids."""
    happens(page, lambda: page.evaluate(expression), expression)


def happens(page, condition, what=""):
    """Soon: the page goes on until it is true."""
    latest = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < latest, what
        page.wait_for_timeout(50)


def go_to(page, name, *, press):
    """By the navigation, which is a menu on a phone."""
    if page.viewport_size["width"] == PHONE:
        press(page.get_by_role("button", name="Menu"))
    press(page.locator("#menu").get_by_role("link", name=name))


def press(page, *keys):
    """Once the scripts of the page have run: before, a key does nothing."""
    page.wait_for_load_state()
    for key in keys:
        page.keyboard.press(key)


def search(page, text):
    """Types into the box that has the focus, and waits until the page shows what is found for the whole text.

    What is found for its first letters can look the same, and would be replaced together with the focus in it.
    """
    with page.expect_response(lambda response: parse_qs(response.request.post_data or "").get("q") == [text]):
        page.keyboard.type(text)
    expect(page.locator(".htmx-request")).to_have_count(0)


class Held:
    """Requests whose URL matches wait until `let_go()`. Afterwards they are sent at once."""

    def __init__(self, page, url):
        self._page, self._url, self._routes, self._holds = page, url, [], True
        page.route(url, lambda route: self._routes.append(route) if self._holds else route.continue_())

    def arrives(self):
        """A request waits here."""
        happens(self._page, lambda: self._routes, f"a request for {self._url}")

    def pass_one(self):
        self.arrives()
        self._routes.pop(0).continue_()

    def let_go(self):
        self._holds = False
        while self._routes:
            self._routes.pop(0).continue_()


def asked_before_leaving(page, leave):
    """Whether the browser asks before it leaves the page; the answer given is to stay."""
    asked = []
    page.once("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    with page.expect_event("dialog"):
        leave()
    return asked == ["beforeunload"]


def _at_rest(page, name):
    """A free point of the region, once what is loaded or saved no longer moves it."""
    point = None
    while (now := region(page, name).evaluate(FREE_POINT)) != point:
        point = now
        page.wait_for_timeout(100)
    return point


def region(page, name):
    """By its name without *chosen*."""
    return page.get_by_role("button", name=re.compile(rf"^{re.escape(name)}(, |$)")).and_(page.locator("svg g"))


def row(page, name):
    return page.locator(f'#injections > tr[data-name="{name}"]')


def rows(page):
    return page.locator("#injections > tr")


def field(page, name, what):
    """`what` is the name of a field of a row."""
    return row(page, name).locator(f'[data-field="{what}"]')


def planned(page, name):
    return field(page, name, "planned_dose")


def given(page, name):
    return field(page, name, "given_dose")


def quick_box(page):
    return page.get_by_label("Add a muscle")


def add_by_name(page, typed):
    quick_box(page).fill(typed)
    quick_box(page).press("Enter")


def product_choice(page):
    return page.get_by_label("Product", exact=True)


def status(page):
    return page.locator("#save-status")


def announced(page):
    return page.locator("#announce")


def all_is_saved(page):
    """All typed text is saved, and the page shows it."""
    expect(page.locator('[data-dirty="yes"]')).to_have_count(0)
    expect(status(page)).to_have_text(SAVED)


def is_not_saved(page, why=""):
    expect(status(page)).to_have_text(re.compile(f"^Not saved.*{re.escape(why)}"))


def record_what_was_given(page, *, press=BY_MOUSE):
    press(page.get_by_role("button", name="Record what was given"))
    expect(page.get_by_role("button", name="Back to plan")).to_be_visible()


def review_and_sign(page, *, press=BY_MOUSE):
    press(page.get_by_role("link", name="Review and sign"))
    expect(page.get_by_role("heading", name="Read back and sign")).to_be_visible()


def stop_the_clock(page):
    """Of a page whose clock the test has installed: it stops in ten seconds, to which it jumps."""
    page.clock.pause_at(page.evaluate("Date.now()") / 1000 + 10)


def slow_down(page, *, milliseconds):
    """Every answer takes this long."""
    line = page.context.new_cdp_session(page)
    line.send("Network.enable")
    line.send(
        "Network.emulateNetworkConditions",
        {"offline": False, "latency": milliseconds, "downloadThroughput": -1, "uploadThroughput": -1},
    )
