"""What is missing before signing: the page leads to its field, and the user fills it in."""

import pytest
from playwright.sync_api import expect

from tests import builders
from tests.browser import pages
from tests.browser.scans import axe

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def session(neurologist):
    return builders.record(builders.a_planned_session(by=neurologist), by=neurologist)


@pytest.fixture
def page(browse, session, neurologist):
    page = browse(neurologist)
    pages.open_session(page, session)
    return page


def operator(page):
    return page.get_by_label("Who injected")


@pytest.mark.full
def test_review_leads_to_the_missing_operator(page, session, watch, neurologist):
    # Given text that is typed and not saved yet
    notes = page.get_by_role("textbox", name="Notes")
    notes.fill("Head turned left")
    page.keyboard.press("Escape")
    page.keyboard.press("s")

    # Then the summary and the field show what is missing, the focus is there, and the text is stored
    summary = page.get_by_role("alert").filter(has_text="cannot be signed yet")
    expect(summary.get_by_role("listitem")).to_have_text(["Select who injected."])
    expect(operator(page)).to_be_focused()
    expect(operator(page)).to_have_value("")
    expect(operator(page)).to_have_attribute("aria-invalid", "true")
    expect(operator(page)).to_have_accessible_description("Select who injected.")
    expect(notes).to_have_value("Head turned left")
    with watch.away():
        assert axe(page) == []

    # And its link leads to the field
    summary.get_by_role("link").press("Enter")
    expect(operator(page)).to_be_focused()

    # When the user selects "I did", it is stored, and nothing is missing any more
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    pages.all_is_saved(page)
    expect(page.locator("#missing")).to_have_count(0)
    expect(operator(page)).not_to_have_attribute("aria-invalid", "true")
    expect(page.get_by_role("button", name="I did")).to_be_focused()
    assert builders.now(session).operator == neurologist
    page.keyboard.press("s")
    expect(page.get_by_role("heading", name="Read back and sign")).to_be_focused()


def test_who_injected_is_empty_until_the_user_selects_it(page, session):
    expect(operator(page)).to_have_value("")
    page.get_by_label("Given on").fill(builders.today().isoformat())
    page.get_by_label("Given on").press("Enter")
    pages.all_is_saved(page)
    expect(operator(page)).to_have_value("")
    assert builders.now(session).operator is None


def test_enter_in_the_follow_up_does_not_sign(browse, neurologist):
    session = builders.a_given_session(by=neurologist)
    page = browse(neurologist)
    page.goto(f"{session.get_absolute_url()}sign/")
    page.evaluate("document.addEventListener('invalid', () => { document.title = 'Invalid'; }, true)")
    page.get_by_label("why", exact=True).fill("Come with the diary")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Your password")).to_be_focused()
    assert page.title() != "Invalid"  # the browser shows no error for a password that the user has not reached yet
    expect(page.get_by_label("why", exact=True)).to_have_value("Come with the diary")
    assert not builders.now(session).is_signed
