"""A file is uploaded, matched, confirmed and undone, without a click for each step."""

import os
import re

import pytest
from playwright.sync_api import expect

from patients.models import Patient
from tests import builders
from tests.browser.scans import assert_no_faults, faults
from tests.patients.imports.import_files import ANNA, BERT, HEAD, as_csv

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_file_is_imported_and_undone(browse, watch, staff):
    builders.a_patient(family_name="Abell", given_name="Anna", date_of_birth="1961-02-03")
    content = as_csv((*ANNA, "1.11"), (*BERT, ""), ("c3", "", "Carla", "1990-01-01", "f", "", ""), head=(*HEAD, "Dose"))
    found = {}

    def look(name):
        found[name] = faults(page, watch)
        if folder := os.environ.get("PICTURES"):
            for width in (1440, 768, 390):
                page.set_viewport_size({"width": width, "height": 900})
                page.screenshot(path=f"{folder}/{name}-{width}.png", full_page=True)
            page.set_viewport_size({"width": 1440, "height": 900})

    page = browse(staff)
    page.goto("/imports/")
    page.get_by_label("System that the file comes from").fill("Old records")
    page.locator("input[type=file]").set_input_files(
        {"name": "patients.csv", "mimeType": "text/csv", "buffer": content}
    )
    page.get_by_role("button", name="Upload").click()
    expect(page.get_by_text("Left out: it looks like doses")).to_be_visible()
    look("columns")
    page.get_by_role("button", name="Check the rows").click()
    expect(page.get_by_role("link", name="Create 1")).to_be_visible()
    look("report")
    page.get_by_role("link", name="To decide 1").click()
    expect(page.get_by_role("heading", name="To decide")).to_be_visible()
    look("decide")
    page.get_by_role("button", name=re.compile("^Same person.* row 2$")).click()
    expect(page.get_by_role("link", name="Update 1")).to_be_visible()
    page.get_by_role("link", name="Skipped 1").click()
    expect(page.get_by_text("Family name: this cell is empty.")).to_be_visible()
    page.go_back()
    page.get_by_role("button", name="Confirm and import").click()
    expect(page.get_by_role("heading", name="Imported", exact=True)).to_be_visible()
    assert Patient.objects.count() == 2
    page.get_by_role("button", name="Undo this import").click()
    expect(page.get_by_role("heading", name="Undone", exact=True)).to_be_visible()
    assert Patient.objects.count() == 1
    assert_no_faults(found)
