"""From the login to the signed record and the follow-up, by mouse and by touch on a phone."""

import re

import pytest
from playwright.sync_api import expect

from planning.models import InjectionSession
from tests import builders
from tests.browser import pages
from tests.browser.pages import BY_MOUSE, BY_TOUCH

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SCM, SCALENE, LEVATOR = "Sternocleidomastoid, right", "Scalene, left", "Levator scapulae, right"


@pytest.fixture
def visit(neurologist):
    patient = builders.a_patient(family_name="Okafor", given_name="Grace")
    return builders.an_arrived_visit(patient=patient, clinician=neurologist)


@pytest.mark.full
@pytest.mark.engine
def test_session_is_planned_recorded_and_signed_by_mouse(browse, visit, neurologist):
    the_whole_path(browse(), visit, neurologist, press=BY_MOUSE)


@pytest.mark.full
def test_session_is_planned_recorded_and_signed_by_touch(phone, visit, neurologist):
    the_whole_path(phone(), visit, neurologist, press=BY_TOUCH)


def the_whole_path(page, visit, neurologist, *, press):
    # Given a neurologist who logs in and opens the visit from Today
    pages.log_in(page, neurologist, press=press)
    expect(page).to_have_url(re.compile(r"/$"))
    row = page.get_by_role("row").filter(has_text="OKAFOR")
    expect(row).to_contain_text("Arrived")
    press(row.get_by_role("link", name="Arrived"))

    # When a session is planned: product, muscles on the map, a planned dose
    press(page.get_by_role("button", name="Plan a session"))
    expect(page.get_by_text("Collum neither suggests nor checks doses.")).to_be_visible()
    pages.product_choice(page).select_option(label="Botox — onabotulinumtoxinA")
    expect(page.locator("#part-rows-title")).to_contain_text("of Botox")
    for muscle in (SCM, SCALENE, LEVATOR):
        pages.click_on_the_map(page, muscle, by_touch=press is BY_TOUCH)
        expect(pages.announced(page)).to_contain_text(f"Added: {muscle}")
        expect(pages.region(page, muscle)).to_have_attribute("aria-pressed", "true")
    pages.planned(page, SCM).fill("1.11")
    pages.planned(page, LEVATOR).fill("2.22")
    pages.planned(page, LEVATOR).blur()
    pages.all_is_saved(page)

    # And what was given is recorded: a dose, a muscle left out, a row without a figure, vial, operator, consent
    pages.record_what_was_given(page, press=press)
    expect(pages.row(page, SCM)).to_contain_text("1.11 units")
    expect(pages.row(page, SCALENE)).to_contain_text("not planned")
    pages.given(page, SCM).fill("1.10")
    press(pages.field(page, SCALENE, "not_given"))
    pages.field(page, SCALENE, "not_given_reason").fill("Patient declined")
    press(page.get_by_label("lot number"))
    page.get_by_label("lot number").fill("C7714")
    page.get_by_label("expiry").fill("2027-08")
    press(page.get_by_role("button", name="Add this vial"))
    expect(page.get_by_role("group", name="Vial 1")).to_be_visible()
    press(page.get_by_text("Record a consent"))
    page.get_by_label("Given by").fill("The patient")
    page.locator("#consent-form").get_by_label("On", exact=True).fill(builders.today().isoformat())
    page.get_by_label("Version of the form").fill("3.1")
    press(page.get_by_role("button", name="Record this consent"))
    expect(page.get_by_label("Consent", exact=True).locator("option")).to_have_count(2)
    page.get_by_label("Consent", exact=True).select_option(index=1)
    page.get_by_label("Who injected").select_option(label="Dr A. Morgan")
    press(page.get_by_role("textbox", name="Notes"))
    page.get_by_role("textbox", name="Notes").fill("Head turned left\nfor all injections")
    page.get_by_role("textbox", name="Notes").blur()
    pages.all_is_saved(page)

    # Then the read-back shows everything, and the record is signed with the next visit in twelve weeks
    pages.review_and_sign(page, press=press)
    expect(page.get_by_text("1 given, 1 not given, 1 without a recorded dose")).to_be_visible()
    expect(page.get_by_role("row").filter(has_text="Sternocleidomastoid")).to_contain_text("1.10 units")
    expect(page.get_by_role("row").filter(has_text="Scalene")).to_contain_text("not given: Patient declined")
    expect(page.get_by_role("row").filter(has_text="Levator")).to_contain_text("not recorded")
    page.get_by_label("in", exact=True).fill("12")
    expect(page.locator(".again output")).to_contain_text(re.compile(r"= \d+ \w+ \d{4}"))
    page.get_by_label("Your password").fill(builders.PASSWORD)
    press(page.get_by_role("button", name="Sign", exact=True))

    # And the record is shown, read-only
    expect(page.get_by_text("Signed. This record is now read-only.")).to_be_visible()
    expect(page.locator("main :is(input, select, textarea):visible")).to_have_count(0)
    for words in ("1.10 units", "C7714", "The patient", "Dr A. Morgan", "Head turned left"):
        expect(page.locator("main")).to_contain_text(words)

    # And the front desk's list has the follow-up, and Today shows the session as signed
    pages.go_to(page, "Follow-ups", press=press)
    expect(page.get_by_role("row").filter(has_text="OKAFOR")).to_be_visible()
    pages.go_to(page, "Today", press=press)
    expect(page.locator("table.visits").get_by_role("row").filter(has_text="OKAFOR")).to_contain_text("Signed")
    assert InjectionSession.objects.get(visit=visit).record().content["injections"][0]["given_dose"] == "1.10"
