"""Registering a likely duplicate, and linking two records of one person, in the browser."""

import datetime as dt

import pytest
from playwright.sync_api import expect

from patients.models import Patient
from tests import builders
from tests.browser.scans import faults
from tests.browser.watch import REFUSED

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.full
def test_likely_duplicate_is_named_and_registered_anyway(browse, staff, watch):
    watch.expects(REFUSED)
    builders.a_patient(by=staff, family_name="Okafor", given_name="Grace", date_of_birth=dt.date(1969, 3, 14))
    page = browse(staff)
    page.goto("/patients/new/")
    page.get_by_label("Family name").fill("Okafor")
    page.get_by_label("Given names").fill("Gräce")
    page.get_by_label("Birth date").fill("1.2.69")
    page.get_by_label("Birth date").blur()
    expect(page.locator("#id_date_of_birth + output")).to_contain_text("This date can mean 1 Feb 1969 or 1 Feb 2069.")
    page.get_by_label("Birth date").fill("14.3.1969")
    page.get_by_label("Birth date").blur()
    expect(page.locator("#id_date_of_birth + output")).to_contain_text("Friday 14 March 1969, ")
    page.get_by_label("Sex").select_option("female")
    page.get_by_label("Note").fill("Speaks softly")
    page.get_by_role("button", name="Register", exact=True).click()

    alike = page.get_by_role("region", name="Is it one of these?")
    expect(alike).to_contain_text("OKAFOR, Grace")
    expect(page.get_by_label("Note")).to_have_value("Speaks softly")
    assert faults(page, watch) == []
    alike.get_by_role("button", name="It is a different person").click()
    expect(page.get_by_text("Registered with record number")).to_be_visible()
    assert Patient.objects.count() == 2


@pytest.mark.full
@pytest.mark.engine
def test_two_records_are_linked_and_unlinked(browse, staff, neurologist, watch):
    patient = builders.a_patient(by=staff, family_name="Okafor", given_name="Grace")
    other = builders.a_patient(by=staff, family_name="Lindqvist", given_name="Maja", record_number="OLD-77")
    page = browse(neurologist)
    page.goto(other.get_absolute_url())
    page.get_by_text("More", exact=True).click()
    page.get_by_role("link", name="Same person as …").click()
    page.get_by_label("Record number of the other record").fill(patient.record_number)
    page.get_by_role("button", name="Show both").click()
    expect(page.get_by_role("region", name="OLD-77")).to_contain_text("LINDQVIST")
    assert faults(page, watch) == []
    page.get_by_label("Why they are the same person").fill("The same papers")
    page.get_by_role("button", name="They are the same person").click()
    expect(page.get_by_text("Also recorded as")).to_contain_text("OLD-77")

    page.get_by_label("Find a patient").fill("lindqvist")
    page.locator("#found").get_by_role("link", name="OKAFOR, Grace").click()
    page.get_by_role("link", name="OLD-77, LINDQVIST, Maja").click()
    page.get_by_role("button", name="Undo: they are two people").click()
    expect(page.get_by_text("OLD-77 is a separate record again.")).to_be_visible()


@pytest.mark.full
def test_change_of_status_ends_open_visits_and_follow_ups(browse, staff, neurologist, watch):
    patient = builders.a_patient(by=staff)
    builders.a_follow_up(patient=patient, clinician=neurologist)
    page = browse(staff)
    page.goto(patient.get_absolute_url())
    page.get_by_text("More", exact=True).click()
    page.get_by_role("link", name="Status").click()
    expect(page.get_by_text("is closed")).to_be_visible()
    assert faults(page, watch) == []
    page.get_by_label("Status").select_option("moved_away")
    page.get_by_role("button", name="Save the status").click()
    expect(page.get_by_role("region", name="Patient")).to_contain_text("Moved away since")
    assert not patient.follow_ups.open().exists()
