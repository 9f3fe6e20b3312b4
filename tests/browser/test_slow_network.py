"""A slow network: the quick box queues what is typed, and every key shows at once that it was received."""

import pytest
from playwright.sync_api import expect

from tests import builders
from tests.browser import pages
from tests.browser.watch import REFUSED

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SCM, LEVATOR, SCALENE = "Sternocleidomastoid, right", "Levator scapulae, right", "Scalene, left"


def test_quick_box_queues_entries_and_gives_back_rejected_ones(browse, watch, neurologist):
    watch.expects(REFUSED)
    page = browse(neurologist)
    pages.open_session(page, builders.a_planned_session(by=neurologist, muscles=()))
    box, waiting = pages.quick_box(page), page.locator("#quick-waiting p")
    held, is_held = [], True
    page.route("**/injections/", lambda route: held.append(route) if is_held else route.continue_())
    box.focus()
    page.keyboard.type("scm r")
    page.keyboard.press("Enter")

    # Shown at once, while the next texts are typed
    at_once = "[document.querySelector('#quick-waiting p').ariaBusy, document.getElementById('quick-box').value]"
    assert page.evaluate(at_once) == ["true", ""]
    assert page.evaluate("document.getElementById('save-status').textContent") == "Adding scm r …"
    for typed in ("trapezoid r", "ls r"):
        page.keyboard.type(typed)
        page.keyboard.press("Enter")
    page.keyboard.type("scal l")
    is_held = False
    (first,) = held
    first.continue_()
    for name in (SCM, LEVATOR):
        expect(pages.row(page, name)).to_be_visible()

    # The rejected one is there with its message, and the text typed since is unchanged
    expect(waiting).to_have_count(1)
    expect(waiting).to_contain_text("Not added: trapezoid r. The catalogue has no muscle called “trapezoid”.")
    expect(box).to_have_value("scal l")
    expect(box).to_be_focused()
    page.keyboard.press("Enter")
    expect(pages.row(page, SCALENE)).to_be_visible()
    expect(box).to_be_focused()
    page.get_by_role("button", name="Type it again").click()
    expect(box).to_have_value("trapezoid r")
    expect(box).to_be_focused()
    expect(waiting).to_have_count(0)
    box.fill("")
