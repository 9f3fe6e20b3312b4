"""What was typed for one product is stored for no other: in two tabs, after being offline, and in one tab."""

import re

import pytest
from playwright.sync_api import expect

from planning.models import Injection, Vial
from tests import builders
from tests.browser import pages
from tests.browser.watch import AWAY, REFUSED

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SCM, LEVATOR = "Sternocleidomastoid, right", "Levator scapulae, right"
DYSPORT = "Dysport — abobotulinumtoxinA"
CONFLICT = "typed for Botox. The session’s product is now Dysport."


@pytest.fixture
def session(neurologist):
    """Ready to record, with no typed text."""
    return builders.a_given_session(by=neurologist, doses=())


@pytest.fixture
def ours(browse, session, neurologist):
    page = browse(neurologist)
    pages.open_session(page, session)
    return page


@pytest.fixture
def theirs(browse, session, trainee):
    page = browse(trainee)
    pages.open_session(page, session)
    return page


def choose_dysport(page):
    pages.product_choice(page).select_option(label=DYSPORT)


def question(page):
    return page.get_by_role("dialog", name="Change the product?")


def has_dysport(page):
    expect(page.locator("#part-rows-title")).to_contain_text("of Dysport")


def doses():
    return [row.given_dose for row in Injection.objects.in_order()]


def is_text_only(page, name, typed):
    """It can be read next to its row, and the row's own field is empty."""
    expect(pages.row(page, name).locator("[data-status]")).to_contain_text("Typed for Botox and not saved")
    expect(pages.row(page, name).locator("[data-status]")).to_contain_text(typed)
    expect(pages.given(page, name)).to_have_value("")


def test_dose_of_an_older_tab_is_not_saved_for_another_product(ours, theirs, watch):
    # Given two tabs, in one of which another product is chosen, without confirmation since no dose is typed
    watch.expects(REFUSED)
    choose_dysport(theirs)
    has_dysport(theirs)
    expect(question(theirs)).to_be_hidden()

    # When a dose and a vial are typed in the other
    pages.given(ours, SCM).fill("1.11")
    pages.given(ours, SCM).press("Enter")

    # Then no dose is stored, both products are named, and the page shows the current product
    pages.is_not_saved(ours, CONFLICT)
    has_dysport(ours)
    is_text_only(ours, SCM, "1.11")
    expect(pages.row(ours, SCM).locator(".doserow")).to_contain_text("units Dysport")
    assert doses() == ["", ""]

    # And what is typed now is stored for it
    pages.given(ours, SCM).fill("2.22")
    pages.given(ours, SCM).press("Enter")
    pages.all_is_saved(ours)
    assert doses() == ["2.22", ""]


def test_vial_of_an_older_tab_is_not_saved_for_another_product(ours, theirs, watch):
    watch.expects(REFUSED)
    choose_dysport(theirs)
    has_dysport(theirs)
    ours.locator("#vial-new [name$=lot_number]").fill("LOT-7")
    ours.get_by_role("button", name="Add this vial").click()
    pages.is_not_saved(ours, CONFLICT)
    has_dysport(ours)
    expect(ours.locator("#vial-new [name$=lot_number]")).to_have_value("")
    expect(ours.locator("#vial-new [data-status]")).to_contain_text("LOT-7")
    assert not Vial.objects.exists()


@pytest.mark.full
def test_typing_does_not_continue_in_a_field_of_another_product(ours, theirs, watch):
    # Given a user who is in the middle of a dose
    watch.expects(REFUSED)
    choose_dysport(theirs)
    has_dysport(theirs)
    pages.given(ours, SCM).press_sequentially("2.")

    # When the page learns of the other product, then the next keys are typed into no field
    has_dysport(ours)
    ours.keyboard.type("22")
    is_text_only(ours, SCM, "2.")
    expect(pages.status(ours)).to_be_focused()
    assert doses() == ["", ""]


@pytest.mark.full
def test_dose_typed_offline_is_not_saved_for_another_product(ours, theirs, watch):
    # Given doses that could not be sent
    watch.expects(REFUSED)
    watch.expects(AWAY)
    ours.context.set_offline(True)
    for name, dose in ((SCM, "1.11"), (LEVATOR, "2.22")):
        pages.given(ours, name).fill(dose)
        pages.given(ours, name).press("Enter")
    pages.is_not_saved(ours, "the server is not responding")

    # When another product is chosen before they are sent by themselves
    choose_dysport(theirs)
    has_dysport(theirs)
    ours.context.set_offline(False)

    # Then none is stored
    has_dysport(ours)
    is_text_only(ours, SCM, "1.11")
    is_text_only(ours, LEVATOR, "2.22")
    assert doses() == ["", ""]


@pytest.mark.full
def test_text_of_another_product_stays_until_it_is_dismissed(ours, theirs, watch):
    # Given two doses that were typed for another product
    watch.expects(REFUSED)
    watch.expects(AWAY)
    ours.context.set_offline(True)
    for name, dose in ((SCM, "1.11"), (LEVATOR, "2.22")):
        pages.given(ours, name).fill(dose)
        pages.given(ours, name).press("Enter")
    choose_dysport(theirs)
    has_dysport(theirs)
    ours.context.set_offline(False)
    has_dysport(ours)

    # When one is typed again and saved, then its text goes, and that of the other stays
    pages.given(ours, LEVATOR).fill("3.33")
    pages.given(ours, LEVATOR).press("Enter")
    pages.all_is_saved(ours)
    expect(pages.row(ours, LEVATOR).locator("[data-status]")).to_have_text("")
    is_text_only(ours, SCM, "1.11")

    # When that is dismissed, then it does not return
    pages.row(ours, SCM).get_by_role("button", name="Dismiss").click()
    expect(pages.given(ours, SCM)).to_be_focused()
    pages.given(ours, LEVATOR).fill("4.44")
    pages.given(ours, LEVATOR).press("Enter")
    pages.all_is_saved(ours)
    expect(pages.row(ours, SCM).locator("[data-status]")).to_have_text("")
    assert doses() == ["", "4.44"]


@pytest.mark.full
def test_change_of_product_empties_unsaved_doses(ours, watch):
    # Given a dose that cannot be read, and a vial that is not added yet
    watch.expects(REFUSED)
    lot = ours.locator("#vial-new [name$=lot_number]")
    pages.given(ours, SCM).fill("2,5")
    pages.given(ours, SCM).press("Enter")
    pages.is_not_saved(ours, "Cannot read this as a number.")

    # When another product is chosen, then the page asks first
    choose_dysport(ours)
    expect(question(ours)).to_contain_text("any text on this page that is not saved")
    question(ours).get_by_role("button", name="Keep the product").click()
    expect(pages.given(ours, SCM)).to_have_value("2,5")
    expect(pages.product_choice(ours).locator("option:checked")).to_contain_text("Botox")

    # When it is confirmed, then every field is empty, and correcting what was typed is no longer possible
    lot.fill("LOT-7")
    choose_dysport(ours)
    question(ours).get_by_role("button", name="Change and clear").click()
    has_dysport(ours)
    is_text_only(ours, SCM, "2,5")
    expect(lot).to_have_value("")
    assert doses() == ["", ""]
    assert not Vial.objects.exists()


@pytest.mark.full
def test_product_is_shown_with_the_unit_on_a_phone(phone, session, neurologist):
    page = phone(neurologist)
    pages.open_session(page, session)
    label = pages.row(page, SCM).locator(".doserow small")
    expect(label).to_have_text("units Botox")
    label.scroll_into_view_if_needed()
    expect(label).to_be_in_viewport(ratio=1)
    expect(pages.given(page, SCM)).to_have_accessible_name(re.compile("units of Botox"))
    assert page.evaluate("() => document.documentElement.scrollWidth <= document.documentElement.clientWidth")
