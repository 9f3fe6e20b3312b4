"""Importing the catalogue in the browser: a file, a preview, one click."""

import pytest
from playwright.sync_api import expect

from planning.models import Muscle
from tests import builders

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

TEXT = """name,short_name,latin_name
Splenius capitis,SPL,musculus splenius capitis
Levator scapulae,LS,musculus levator
"""


@pytest.mark.full
def test_file_is_previewed_and_stored(browse, catalogue_manager):
    page = browse(catalogue_manager)
    page.goto("/admin/planning/muscle/")
    page.get_by_role("link", name="Import CSV").click()
    page.get_by_label("File").set_input_files([{"name": "m.csv", "mimeType": "text/csv", "buffer": TEXT.encode()}])
    page.get_by_role("button", name="Show what it changes").click()
    expect(page.get_by_text("1 new, 1 changed, 0 unchanged.")).to_be_visible()
    expect(page.get_by_role("row").filter(has_text="Splenius")).to_contain_text("new")
    assert not Muscle.objects.filter(short_name="SPL").exists()

    page.get_by_role("button", name="Save all changes").click()
    expect(page.get_by_text("Imported: 1 new, 1 changed, 0 unchanged.")).to_be_visible()
    assert Muscle.objects.get(short_name="SPL").name == "Splenius capitis"


@pytest.mark.full
def test_rejected_file_names_the_row(browse, catalogue_manager):
    page = browse(catalogue_manager)
    page.goto("/admin/planning/muscle/import/")
    text = "name,short_name\nSplenius,SCM\n"
    page.get_by_label("File").set_input_files([{"name": "m.csv", "mimeType": "text/csv", "buffer": text.encode()}])
    page.get_by_role("button", name="Show what it changes").click()
    expect(page.get_by_text("The file was not imported.")).to_be_visible()
    expect(page.get_by_role("listitem").filter(has_text="Row 2")).to_contain_text("already a name of")


@pytest.mark.full
def test_catalogue_is_downloaded(browse, catalogue_manager):
    page = browse(catalogue_manager)
    page.goto("/admin/planning/muscle/")
    with page.expect_download() as download:
        page.get_by_role("link", name="Export CSV").click()
    assert download.value.suggested_filename == f"collum-muscles-{builders.today()}.csv"
