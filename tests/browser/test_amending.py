"""Amending a signed record in the browser: open, type again, read back, sign; or discard."""

import pytest
from playwright.sync_api import expect

from tests import builders
from tests.browser import pages
from tests.browser.scans import faults

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SCM, LEVATOR = "Sternocleidomastoid, right", "Levator scapulae, right"


@pytest.fixture
def signed(neurologist):
    return builders.a_signed_session(by=neurologist)


@pytest.fixture
def amending(browse, neurologist, signed):
    """The page on which its rows are typed again."""
    page = browse(neurologist)
    page.goto(signed.get_absolute_url())
    page.get_by_role("link", name="Amend …").click()
    page.get_by_label("Recorded incorrectly").check()
    page.get_by_label("Explanation").fill("Two figures were mixed up")
    page.get_by_role("button", name="Open the amendment").click()
    expect(page.get_by_text("This amends record 1")).to_be_visible()
    return page


@pytest.mark.engine
def test_amendment_is_typed_read_back_and_signed(amending, signed, watch):
    page = amending
    expect(page.get_by_role("button", name="Back to plan")).to_have_count(0)
    pages.given(page, SCM).fill("7.77")
    pages.given(page, SCM).blur()
    pages.all_is_saved(page)

    # Until it is signed the record page shows record 1
    page.goto(signed.get_absolute_url())
    expect(page.get_by_text("Amendment open since")).to_be_visible()
    expect(page.locator("main")).not_to_contain_text("7.77")
    page.get_by_role("link", name="Continue the amendment").click()

    pages.review_and_sign(page)
    changes = page.get_by_role("region", name="What this amendment changes")
    expect(changes.get_by_role("row")).to_have_count(2)
    expect(changes).to_contain_text("given 1.11 units")
    expect(changes).to_contain_text("given 7.77 units")
    expect(page.get_by_text("When should the patient be seen again?")).to_have_count(0)
    assert faults(page, watch) == []
    page.get_by_label("Your password").fill(builders.PASSWORD)
    page.get_by_role("button", name="Sign", exact=True).click()

    expect(page.get_by_text("Record 2 amends record 1")).to_be_visible()
    versions = page.get_by_role("region", name="All records of this session")
    expect(versions.get_by_role("row").filter(has_text=SCM)).to_contain_text("changed")
    expect(versions.get_by_role("row").filter(has_text=LEVATOR)).not_to_contain_text("changed")
    assert faults(page, watch) == []
    page.get_by_role("link", name="Record 1", exact=True).click()
    expect(page.get_by_text("This is record 1. It was amended")).to_be_visible()


@pytest.mark.full
@pytest.mark.engine
def test_discarded_amendment_loses_its_typed_text(amending, signed, watch):
    page = amending
    pages.given(page, SCM).fill("7.77")
    page.get_by_role("link", name="Discard amendment …").click()
    expect(page.get_by_role("heading", name="Discard this amendment?")).to_be_visible()
    assert faults(page, watch) == []
    page.get_by_role("button", name="Discard the changes").click()
    expect(page.get_by_text("Amendment discarded.")).to_be_visible()
    expect(page.locator("main")).not_to_contain_text("7.77")
    assert signed.injections.in_order().first().given_dose == "1.11"


@pytest.mark.full
def test_session_is_marked_in_error_and_the_mark_undone(browse, signed, neurologist, watch):
    page = browse(neurologist)
    page.goto(signed.get_absolute_url())
    page.get_by_role("link", name="Entered in error …").click()
    assert faults(page, watch) == []
    page.get_by_label("Reason").fill("The other patient")
    page.get_by_role("button", name="Mark as entered in error").click()
    expect(page.get_by_text("The other patient")).to_be_visible()
    page.get_by_role("button", name="Undo “entered in error”").click()
    expect(page.get_by_text("The other patient")).to_have_count(0)


@pytest.mark.full
def test_plan_is_ended_as_not_done(browse, neurologist):
    page = browse(neurologist)
    session = builders.a_planned_session(by=neurologist)
    pages.open_session(page, session)
    page.get_by_role("link", name="Not done, or entered in error …").click()
    page.get_by_role("region", name="Not done").get_by_label("Reason").fill("Fever")
    page.get_by_label("in", exact=True).fill("2")
    page.get_by_role("button", name="Not done").click()
    expect(page.get_by_role("row").filter(has_text="Fever")).to_contain_text("Not done")
