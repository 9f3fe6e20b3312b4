"""H covers the page with the last signed record; Escape returns to the same field, with what was typed in it."""

import pytest
from playwright.sync_api import expect

from tests import builders
from tests.browser import pages
from tests.browser.scans import faults
from tests.browser.watch import REFUSED

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SCM = "Sternocleidomastoid, right"


@pytest.fixture
def session(neurologist):
    patient = builders.a_patient()
    builders.a_signed_session_of(patient, by=neurologist, weeks_ago=12, doses=("7771.13",))
    visit = builders.an_arrived_visit(patient=patient, clinician=neurologist)
    return builders.a_given_session(by=neurologist, visit=visit, doses=())


def cover(page):
    return page.get_by_role("dialog", name="The last signed record, read-only")


@pytest.mark.full
def test_h_in_a_dose_field_shows_the_last_record_until_escape(browse, session, neurologist, watch):
    page = browse(neurologist)
    pages.open_session(page, session)
    dose = pages.given(page, SCM)
    dose.press_sequentially("2.22")
    dose.press("ArrowLeft")

    dose.press("h")
    expect(cover(page)).to_contain_text("7771.13 units")
    expect(cover(page)).to_contain_text(f"{session.patient}, born")
    expect(cover(page).locator("input, select, textarea")).to_have_count(0)
    # The entry page is fully covered.
    box = cover(page).bounding_box()
    assert (box["x"], box["y"], box["width"], box["height"]) == (0, 0, 1440, 900)
    page.keyboard.press("Escape")

    expect(cover(page)).not_to_be_visible()
    expect(dose).to_be_focused()
    expect(dose).to_have_value("2.22")
    assert dose.evaluate("field => [field.selectionStart, field.selectionEnd]") == [3, 3]
    expect(page.locator("body")).not_to_contain_text("7771.13")
    pages.all_is_saved(page)

    # Upper case and from the page itself
    page.locator("h1").click()
    page.keyboard.press("Shift+H")
    expect(cover(page)).to_be_visible()
    assert faults(page, watch) == []
    cover(page).get_by_role("button", name="Close").click()
    expect(cover(page)).not_to_be_visible()


@pytest.mark.full
def test_h_in_a_text_field_is_a_letter(browse, session, neurologist):
    page = browse(neurologist)
    pages.open_session(page, session)
    pages.field(page, SCM, "note").press_sequentially("held high")
    pages.quick_box(page).press_sequentially("h")
    expect(pages.field(page, SCM, "note")).to_have_value("held high")
    expect(cover(page)).not_to_be_visible()


@pytest.mark.full
def test_h_without_an_earlier_record_does_nothing(browse, neurologist):
    page = browse(neurologist)
    pages.open_session(page, builders.a_planned_session(by=neurologist))
    expect(page.get_by_role("link", name="Last record (H)")).to_have_count(0)
    page.locator("h1").click()
    page.keyboard.press("h")
    expect(cover(page)).not_to_be_visible()


@pytest.mark.full
def test_last_record_that_cannot_be_loaded_shows_a_message(browse, session, neurologist, watch):
    watch.expects(REFUSED)
    page = browse(neurologist)
    pages.open_session(page, session)
    page.route("**/records/*/", lambda route: route.fulfill(status=503, body=""))
    page.get_by_role("link", name="Last record (H)").click()
    expect(pages.status(page)).to_contain_text("Cannot show the last record")
    expect(cover(page)).not_to_be_visible()


@pytest.mark.full
def test_muscle_set_is_created_and_added_by_keyboard(browse, session, neurologist):
    page = browse(neurologist)
    pages.open_session(page, session)
    page.get_by_text("Save these muscles as my set").focus()
    page.keyboard.press("Enter")
    page.get_by_label("Name of the set").press_sequentially("Usual")
    page.keyboard.press("Enter")
    expect(pages.announced(page)).to_contain_text("Saved as your set Usual.")

    other = builders.a_planned_session(
        by=neurologist, visit=builders.an_arrived_visit(clinician=neurologist, hour=15), muscles=()
    )
    pages.open_session(page, other)
    page.get_by_label("My sets").focus()
    page.keyboard.press("ArrowDown")
    page.get_by_role("button", name="Add the set").focus()
    page.keyboard.press("Enter")
    expect(pages.rows(page)).to_have_count(2)
    assert all(row.planned_dose == row.given_dose == "" for row in other.injections.all())
