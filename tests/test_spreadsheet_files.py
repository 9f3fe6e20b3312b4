"""Each table offered as CSV is offered as XLSX too: a spreadsheet that opens the CSV changes numbers and dates."""

import csv
import io
import re
from html import unescape

import pytest
from django.test import Client

from clinic.web.downloads import harmless
from tests import access
from tests.spreadsheets import rows_of_xlsx, text_of_response
from tests.world import SECRETS, World

pytestmark = pytest.mark.django_db

URLS = {url.name: url for url in access.urls() if not url.is_api}
# A template of the catalogue has column names only.
FILES = {name for name, url in URLS.items() if url.route.endswith("csv/") or name.endswith("_export")}
LOT = f"?lot={SECRETS['lot_number']}"


def workbook_of(name):
    return name.replace("-csv", "-xlsx") if "-csv" in name else f"{name}_xlsx"


def as_workbook(path):
    return path.replace("/csv/", "/xlsx/") if "/csv/" in path else path.replace("/export/", "/export/xlsx/")


@pytest.fixture(scope="module")
def made_world(module_transaction):
    return World()


@pytest.fixture(scope="module")
def clients(made_world, people_by_letter):
    """Of those who between them can download each file."""
    people = {letter: people_by_letter[letter] for letter in "AC"} | {"N": made_world.clinician}
    logged_in = {letter: Client() for letter in people}
    for letter, client in logged_in.items():
        client.force_login(people[letter])
    return logged_in


@pytest.fixture(scope="module")
def offered(made_world, clients):
    """By path of a CSV: the letter of who is offered it, and all paths that the page offers."""
    found = {}
    for name, url in URLS.items():
        letter = next((each for each in clients if each in access.allowed_roles(name, "GET")), None)
        if letter is None or "logout" in url.route or name in FILES:
            continue
        path = made_world.fill(url.route) + (LOT if name == "planning:lot-list" else "")
        body = text_of_response(clients[letter].get(path, follow=True))
        paths = {unescape(each) for each in re.findall(r'\s(?:href|action|formaction)="([^"]*)"', body)}
        found |= {each: (letter, paths) for each in paths if is_file(each)}
    return found


def route_of(path):
    return path.partition("?")[0].removeprefix("/")


def is_file(path):
    return route_of(path) in {URLS[name].route for name in FILES}


def test_each_file_has_a_workbook_for_the_same_users():
    assert {"planning:lot-csv", "patients:followup-csv", "clinic:audit-csv", "admin:planning_muscle_export"} < FILES
    assert {name: access.TABLE.get(workbook_of(name)) for name in FILES} == {name: access.TABLE[name] for name in FILES}


def test_page_that_offers_a_file_offers_its_workbook(offered):
    assert set(map(route_of, offered)) == {URLS[name].route for name in FILES}
    assert [path for path, (_, paths) in offered.items() if as_workbook(path) not in paths] == []


def test_workbook_has_the_cells_of_the_file(offered, clients):
    compared = set()
    for path, (letter, _) in offered.items():
        response = clients[letter].get(path)
        if response.status_code == 405:
            continue  # those that are sent by a form have tests of their own
        in_csv = list(csv.reader(io.StringIO(response.content.decode("utf-8-sig"))))
        in_xlsx = rows_of_xlsx(clients[letter].get(as_workbook(path)))
        assert [[harmless(str(cell)) for cell in row] for row in in_xlsx] == in_csv, path
        compared |= {path} if len(in_csv) > 1 else set()
    assert len(compared) >= 7
