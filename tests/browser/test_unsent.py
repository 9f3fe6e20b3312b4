"""Unsent text stays in its field, and a removed row or vial goes with any text typed into it."""

import pytest
from playwright.sync_api import expect

from tests import builders
from tests.browser import pages
from tests.browser.watch import REFUSED

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def page(browse, neurologist):
    return browse(neurologist)


def consent(page, name):
    return page.locator(f"#consent-form [name$={name}]")


@pytest.mark.engine
def test_unrecorded_consent_stays_in_its_fields(page, neurologist):
    session = builders.a_given_session(by=neurologist)
    pages.open_session(page, session)

    # Given a partly typed consent, when something else is saved, then the text stays
    page.get_by_text("Record a consent", exact=True).click()
    consent(page, "given_by").fill("The patient")
    page.locator("#details-form [name$=notes]").fill("a note")
    consent(page, "given_on").focus()
    expect(pages.status(page)).to_have_text(pages.SAVED)
    expect(consent(page, "given_by")).to_have_value("The patient")

    # And the session does not return to its plan over it
    page.get_by_role("button", name="Back to plan").click()
    expect(pages.status(page)).to_contain_text("record the consent that you typed")
    expect(consent(page, "given_by")).to_have_value("The patient")

    # When it is recorded, then its fields are empty, and it is the session's
    consent(page, "given_on").fill(str(session.visit.day))
    consent(page, "form_version").fill("v1")
    page.get_by_role("button", name="Record this consent").click()
    expect(consent(page, "given_by")).to_have_value("")
    expect(page.locator("#details-form [name$=consent] option:checked")).to_contain_text("The patient")
    page.get_by_role("button", name="Back to plan").click()
    expect(page.get_by_role("button", name="Record what was given")).to_be_visible()


@pytest.mark.full
def test_edited_vial_is_removed_at_once(page, neurologist):
    session = builders.a_given_session(by=neurologist)
    vial = builders.a_vial(session=session, by=neurologist)
    pages.open_session(page, session)
    form = page.locator(f"#vial-{vial.pk}")
    form.locator("[name$=size]").fill("as on the box")
    form.get_by_role("button", name="Remove").click()
    expect(form).to_have_count(0)


@pytest.mark.full
def test_row_with_unreadable_text_is_removed(page, watch, neurologist):
    watch.expects(REFUSED)
    pages.open_session(page, builders.a_given_session(by=neurologist))
    name = pages.rows(page).first.get_attribute("data-name")
    pages.given(page, name).fill("2,5")
    pages.quick_box(page).focus()
    pages.is_not_saved(page)
    pages.row(page, name).get_by_role("button", name="Remove").click()
    expect(pages.row(page, name)).to_have_count(0)
    expect(pages.status(page)).to_have_text(pages.SAVED)
