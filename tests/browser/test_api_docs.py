"""The page of the API: Swagger UI shows the whole document, and cannot send requests."""

import re
from collections import Counter

import pytest
from playwright.sync_api import expect

from clinic.api.documents import document
from tests import rule
from tests.browser.known_faults import KNOWN_OF_SWAGGER_UI
from tests.browser.scans import assert_no_faults, faults

pytestmark = [pytest.mark.browser, pytest.mark.looks, pytest.mark.django_db(transaction=True)]
OPERATIONS = {(method.upper(), path) for path, methods in document()["paths"].items() for method in methods}


@pytest.fixture
def page(browse, neurologist):
    page = browse(neurologist)
    page.requested = []
    page.on("request", lambda request: page.requested.append(request.url))
    page.goto("/api/v1/docs/")
    expect(page.locator(".opblock-tag")).to_have_count(len(document()["tags"]))
    return page


TAG_OF = {
    operation["operationId"]: operation["tags"][0]
    for methods in document()["paths"].values()
    for operation in methods.values()
}
OPERATIONS_OF = Counter(TAG_OF.values())


def open_section(page, tag):
    section = page.locator(f'.opblock-tag[data-tag="{tag}"]')
    if section.get_attribute("data-is-open") != "true":
        section.click(position={"x": 3, "y": 3})
    expect(page.locator(".opblock")).to_have_count(OPERATIONS_OF[tag])  # and those of no other section


def open_operation(page, operation_id):
    open_section(page, TAG_OF[operation_id])
    operation = page.locator(f'[id$="-{operation_id}"]')
    operation.locator(".opblock-summary-control").click()
    expect(operation.locator(".responses-inner")).to_be_visible()
    return operation


@pytest.mark.full
def test_every_operation_of_the_document_is_shown(page):
    shown = []
    for tag in OPERATIONS_OF:
        open_section(page, tag)
        shown += page.locator(".opblock-summary-control").evaluate_all(
            """(all) => all.map((one) => [one.querySelector(".opblock-summary-method").textContent,
                 one.querySelector(".opblock-summary-path").dataset.path])"""
        )
    assert sorted(map(tuple, shown)) == sorted(OPERATIONS)


@pytest.mark.full
def test_no_request_can_be_sent_from_the_page(page):
    for operation_id in ("patients_list", "patients_create", "sessions_injections_create"):
        open_operation(page, operation_id)
    expect(page.get_by_role("button", name=re.compile("^(Try it out|Execute|Authorize)"))).to_have_count(0)
    asked = {url.partition("/static/")[0] for url in page.requested}
    assert asked == {page.url.removesuffix("/api/v1/docs/"), page.url, page.url.replace("/docs/", "/schema/")}


@pytest.mark.full
def test_fields_are_shown_without_an_invented_dose(page):
    operation = open_operation(page, "sessions_injections_create")
    expect(operation.get_by_text("planned_dose", exact=True).first).to_be_visible()
    expect(operation.get_by_text("Example Value")).to_have_count(0)
    assert rule.faults_in_html(operation.inner_html()) == []


@pytest.mark.full
def test_open_operation_is_accessible_and_fits_a_phone(page, watch):
    for operation_id in ("patients_list", "sessions_injections_create"):
        open_operation(page, operation_id)
    found = [fault for fault in faults(page, watch) if not is_known(fault)]
    assert_no_faults({"/api/v1/docs/": found})


def is_known(fault):
    return any(
        re.search(rf"axe {known['axe']}: .*{re.escape(known['at'])}$", fault) for known in KNOWN_OF_SWAGGER_UI.values()
    )


def test_page_without_javascript_names_the_document(browse, neurologist):
    page = browse(neurologist, java_script_enabled=False)
    page.goto("/api/v1/docs/")
    expect(page.get_by_text("This page needs JavaScript.")).to_be_visible()
    expect(page.get_by_role("link", name="OpenAPI document")).to_be_visible()
