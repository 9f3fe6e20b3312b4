"""Not given and not today, with a reason from the clinic's list: two keys or two clicks."""

import pytest
from playwright.sync_api import expect

from planning.models import SessionState
from tests import builders
from tests.browser import pages
from tests.browser.test_keyboard import Keyboard

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SCM, LEVATOR = "Sternocleidomastoid, right", "Levator scapulae, right"


@pytest.mark.full
def test_not_given_and_not_today_take_two_keys_or_clicks(browse, neurologist):
    session = builders.a_given_session(by=neurologist, doses=())
    page = browse(neurologist)
    pages.open_session(page, session)
    keyboard = Keyboard(page)

    # A row, by keys: its box, and the number of the reason; then the focus is in the next dose
    box = pages.field(page, SCM, "not_given")
    box.focus()
    keyboard.press("Space")
    expect(page.locator("#row-reasons")).to_be_focused()
    keyboard.press("2")
    assert keyboard.pressed == 2
    expect(pages.given(page, LEVATOR)).to_be_focused()
    expect(pages.announced(page)).to_contain_text(f"Not given: {SCM} (Anticoagulant)")
    pages.all_is_saved(page)
    row = session.injections.in_order().first()
    assert (row.not_given, row.not_given_reason) == (True, "Anticoagulant")
    page.get_by_role("button", name="Undo").click()
    expect(box).to_be_focused()
    expect(box).not_to_be_checked()
    pages.all_is_saved(page)

    # By mouse; the user's own words
    pages.field(page, LEVATOR, "not_given").click()
    page.locator("#row-reasons").get_by_role("button", name="Other").click()
    expect(pages.field(page, LEVATOR, "not_given_reason")).to_be_focused()
    page.keyboard.type("Scar at this place")
    pages.field(page, LEVATOR, "not_given_reason").blur()
    pages.all_is_saved(page)
    assert session.injections.in_order().last().not_given_reason == "Scar at this place"

    # The whole session: opening the list ends nothing
    pages.press(page, "o")
    reasons = page.get_by_role("group", name="Not today: why")
    expect(reasons).to_be_focused()
    page.keyboard.press("Escape")
    expect(reasons).to_be_hidden()
    pages.press(page, "o")
    for _ in range(reasons.get_by_role("link").or_(reasons.get_by_role("button")).count() + 1):
        expect(reasons).to_be_visible()
        page.keyboard.press("Tab")
    expect(reasons).to_be_hidden()
    before = keyboard.pressed
    keyboard.press("o")
    expect(reasons).to_be_focused()
    keyboard.press("1")
    expect(page.get_by_text("Not done: Patient unwell.")).to_be_visible()
    assert keyboard.pressed - before == 2
    assert builders.now(session).state is SessionState.NOT_DONE
    pages.press(page, "u")
    expect(page.get_by_text("Undone: the session is planned again.")).to_be_visible()
    assert builders.now(session).state is SessionState.PLANNED
