"""Where no script runs, plain forms do: plan, add, type, save, record and sign."""

import pytest
from playwright.sync_api import expect

from planning.models import InjectionSession
from tests import builders
from tests.browser import pages
from tests.browser.watch import REFUSED

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SCM, LEVATOR = "Sternocleidomastoid, right", "Levator scapulae, right"


def save_row(page, name):
    pages.row(page, name).get_by_role("button", name="Save").click()


@pytest.mark.engine
def test_session_is_planned_recorded_and_signed_by_plain_forms(browse, watch, neurologist):
    # Given a visit, and a browser that runs no script
    visit = builders.an_arrived_visit(clinician=neurologist)
    page = browse(java_script_enabled=False)
    pages.log_in(page, neurologist)
    page.get_by_role("button", name="Plan a session").click()

    # When product, muscles and doses are typed and sent form by form
    pages.product_choice(page).select_option(label="Botox — onabotulinumtoxinA")
    page.get_by_role("button", name="Choose").click()
    for typed in ("scm r", "ls r"):
        pages.quick_box(page).fill(typed)
        page.get_by_role("button", name="Add", exact=True).click()
    pages.planned(page, SCM).fill("1.11")
    save_row(page, SCM)
    expect(pages.planned(page, SCM)).to_have_value("1.11")
    page.get_by_role("button", name="Record what was given").click()

    # Then unreadable text stays in its field, with the message, and is corrected
    watch.expects(REFUSED)
    pages.given(page, SCM).fill("1,1")
    save_row(page, SCM)
    expect(pages.given(page, SCM)).to_have_value("1,1")
    expect(pages.row(page, SCM)).to_contain_text("Cannot read this as a number.")
    pages.given(page, SCM).fill("1.1")
    save_row(page, SCM)
    expect(pages.given(page, SCM)).to_have_value("1.1")
    pages.field(page, LEVATOR, "not_given").check()
    save_row(page, LEVATOR)
    page.get_by_label("lot number").fill("C7714")
    page.get_by_role("button", name="Add this vial").click()
    page.get_by_label("Who injected").select_option(label="Dr A. Morgan")
    page.locator("#details-form").get_by_role("button", name="Save").click()

    # And it is signed
    page.get_by_role("link", name="Review and sign").click()
    page.get_by_label("in", exact=True).fill("12")
    page.get_by_label("Your password").fill(builders.PASSWORD)
    page.get_by_role("button", name="Sign", exact=True).click()
    expect(page.get_by_text("Signed. This record is now read-only.")).to_be_visible()
    content = InjectionSession.objects.get(visit=visit).record().content
    assert [(row["planned_dose"], row["given_dose"], row["not_given"]) for row in content["injections"]] == [
        ("1.11", "1.1", False),
        ("", "", True),
    ]
    assert content["vials"][0]["lot_number"] == "C7714"


@pytest.mark.full
def test_change_of_product_asks_on_a_plain_page(browse, watch, neurologist):
    watch.expects(REFUSED)
    session = builders.a_planned_session(by=neurologist)
    page = browse(neurologist, java_script_enabled=False)
    pages.open_session(page, session)
    pages.planned(page, SCM).fill("1.11")
    save_row(page, SCM)
    pages.product_choice(page).select_option(label="Dysport — abobotulinumtoxinA")
    page.get_by_role("button", name="Choose").click()
    expect(page.locator("main")).to_contain_text("Changing back does not restore it.")
    page.get_by_label("Change and clear").check()
    page.get_by_role("button", name="Choose").click()
    expect(page.locator("#part-rows-title")).to_contain_text("Dysport")
    expect(pages.planned(page, SCM)).to_have_value("")
