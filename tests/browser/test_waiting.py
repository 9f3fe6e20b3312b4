"""A cancelled visit names the patient who waits for its time, who is booked with two clicks."""

import datetime as dt

import pytest
from playwright.sync_api import expect

from patients.models import Visit
from tests import builders
from tests.browser import pages
from tests.browser.scans import assert_no_faults, faults
from tests.browser.test_front_desk import messages

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("tuesday_morning"),
]


def test_freed_time_is_booked_for_the_patient_who_waits(browse, watch, staff, morgan):
    visit = builders.a_visit(clinician=morgan, day=dt.date(2027, 3, 9), hour=10)
    waiting = builders.a_patient(family_name="Birch", phone="0555 014 411")
    entry = builders.a_waiting_entry(patient=waiting, by=staff, kind="injection")
    page = browse(staff)
    page.goto(visit.get_absolute_url())
    page.get_by_role("button", name="Move, cancel, correct…").click()
    page.get_by_text("Cancel the visit").first.click()
    page.get_by_label("Why").first.fill("Ill")
    page.get_by_role("button", name="Cancel the visit").click()
    offer = page.get_by_role("region", name="Could take Tue 9 Mar 2027, 10:00")
    expect(offer.get_by_role("link", name="0555 014 411")).to_have_attribute("href", "tel:0555014411")
    assert_no_faults({"offer": faults(page, watch)})
    offer.get_by_role("link", name="Book for BIRCH").click()
    page.get_by_role("button", name="Book", exact=True).click()
    expect(messages(page)).to_contain_text("No longer on the waiting list: injection.")
    booked = Visit.objects.get(patient=waiting)
    assert (booked.starts_at, builders.now(entry).booked_visit) == (visit.starts_at, booked)
    pages.press(page, "u")
    expect(messages(page)).to_contain_text("The patient is on the waiting list again.")
