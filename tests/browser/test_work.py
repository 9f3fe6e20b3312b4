"""A session opens where the work is, and Enter leads through it."""

import re

import pytest
from playwright.sync_api import expect

from planning.sessions.actions.injections import change_injection
from tests import builders
from tests.browser import pages

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SCM, LEVATOR = "Sternocleidomastoid, right", "Levator scapulae, right"


def opened(browse, person, session, **window):
    page = browse(person, **window)
    pages.open_session(page, session)
    return page


def plan(session, *, by, doses):
    for row, dose in zip(session.injections.in_order(), doses, strict=True):
        change_injection(injection=row, by=by, version=row.version, product=session.product, planned_dose=dose)


@pytest.mark.full
def test_session_without_product_opens_at_the_product(browse, neurologist):
    page = opened(browse, neurologist, builders.a_planned_session(by=neurologist, product=None))
    expect(pages.product_choice(page)).to_be_focused()


@pytest.mark.full
def test_session_without_muscles_opens_at_the_quick_box(browse, neurologist):
    page = opened(browse, neurologist, builders.a_planned_session(by=neurologist, muscles=()))
    expect(pages.quick_box(page)).to_be_focused()


@pytest.mark.full
def test_plan_opens_at_its_first_empty_dose(browse, neurologist):
    session = builders.a_planned_session(by=neurologist)
    plan(session, by=neurologist, doses=("1.11", ""))
    page = opened(browse, neurologist, session)
    expect(pages.planned(page, LEVATOR)).to_be_focused()
    expect(pages.planned(page, LEVATOR)).to_have_value("")
    assert page.evaluate("window.scrollY") == 0  # the heading is in sight


@pytest.mark.full
def test_complete_plan_opens_at_the_next_step(browse, neurologist):
    session = builders.a_planned_session(by=neurologist)
    plan(session, by=neurologist, doses=("1.11", "2.22"))
    page = opened(browse, neurologist, session)
    expect(page.get_by_role("button", name="Record what was given")).to_be_focused()
    page.keyboard.press("Enter")
    expect(pages.given(page, SCM)).to_be_focused()
    assert [row.given_dose for row in session.injections.in_order()] == ["", ""]


@pytest.mark.full
def test_recording_opens_at_its_first_empty_dose(browse, neurologist):
    page = opened(browse, neurologist, builders.a_given_session(by=neurologist, doses=("1.11", "")))
    expect(pages.given(page, LEVATOR)).to_be_focused()


@pytest.mark.full
def test_row_not_given_is_no_empty_dose(browse, neurologist):
    session = builders.a_given_session(by=neurologist, doses=("1.11", ""))
    row = session.injections.in_order().last()
    change_injection(injection=row, by=neurologist, version=row.version, product=session.product, not_given=True)
    page = opened(browse, neurologist, session)
    expect(page.get_by_label("Lot number")).to_be_focused()


@pytest.mark.full
def test_complete_rows_open_at_the_first_vial(browse, neurologist):
    page = opened(browse, neurologist, builders.a_given_session(by=neurologist))
    expect(page.get_by_label("Lot number")).to_be_focused()
    in_sight = "document.activeElement.getBoundingClientRect().bottom <= savebar.getBoundingClientRect().top"
    pages.becomes_true(page, in_sight)


def test_focus_stays_where_the_user_put_it(browse, neurologist):
    session = builders.a_planned_session(by=neurologist)
    page = browse(neurologist)
    # The script is late, and the user is typing already.
    page.route("**/work*.js", lambda route: (page.locator("#quick-box").focus(), route.continue_()))
    pages.open_session(page, session)
    page.keyboard.type("scal l")
    expect(page.get_by_role("link", name="Skip to the work")).to_have_count(1)
    expect(pages.quick_box(page)).to_be_focused()
    expect(pages.quick_box(page)).to_have_value("scal l")


@pytest.mark.full
def test_enter_leads_from_dose_to_dose_and_to_the_lot(browse, neurologist):
    session = builders.a_given_session(by=neurologist, doses=("1.11", ""))
    page = opened(browse, neurologist, session)
    pages.given(page, SCM).focus()
    for key, field in (
        ("Shift+Enter", pages.given(page, SCM)),
        ("Enter", pages.given(page, LEVATOR)),
        ("Shift+Enter", pages.given(page, SCM)),
        ("Enter", pages.given(page, LEVATOR)),
        ("Enter", page.get_by_label("Lot number")),
        ("Shift+Enter", pages.given(page, LEVATOR)),
    ):
        page.keyboard.press(key)
        expect(field).to_be_focused()
    assert [row.given_dose for row in session.injections.in_order()] == ["1.11", ""]


@pytest.mark.full
def test_enter_leads_to_the_lot_of_an_existing_vial(browse, neurologist):
    session = builders.a_given_session(by=neurologist)
    builders.a_vial(session=session, by=neurologist, lot_number="OLD")
    page = opened(browse, neurologist, session)
    pages.given(page, LEVATOR).press("Enter")
    lot = page.get_by_role("group", name="Vial 1").get_by_label("Lot number")
    expect(lot).to_be_focused()
    page.keyboard.press("Control+a")
    page.keyboard.type("C7714")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Who injected")).to_be_focused()
    pages.all_is_saved(page)
    assert session.vials.get().lot_number == "C7714"


@pytest.mark.full
def test_tab_reaches_the_vial_after_the_rows(browse, neurologist):
    page = opened(browse, neurologist, builders.a_given_session(by=neurologist))
    order = page.evaluate(
        """() => ["#injections", "#vial-new", "#details-form", "#part-signbar"].map((each) =>
          [...document.querySelectorAll("*")].indexOf(document.querySelector(each)))"""
    )
    assert order == sorted(order)


@pytest.mark.full
def test_skip_link_leads_to_the_work(browse, neurologist):
    page = opened(browse, neurologist, builders.a_given_session(by=neurologist, doses=("1.11", "")))
    page.locator("a.skip").focus()
    page.keyboard.press("Enter")
    expect(pages.given(page, LEVATOR)).to_be_focused()
    expect(page).to_have_url(re.compile("/$"))


def test_visit_opens_at_the_button_of_its_next_step(browse, neurologist):
    visit = builders.an_arrived_visit(clinician=neurologist)
    page = browse(neurologist)
    page.goto(visit.get_absolute_url())
    expect(page.get_by_role("link", name="Record the assessment")).to_be_focused()
    builders.an_assessment(visit=visit, by=neurologist)
    page.goto(visit.get_absolute_url())
    expect(page.get_by_role("button", name="Plan a session")).to_be_focused()
