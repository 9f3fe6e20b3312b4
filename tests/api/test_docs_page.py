"""The page that shows the OpenAPI document. How Swagger UI renders it is tested in a browser."""

import pytest

from tests import builders


@pytest.fixture
def response(api, neurologist):
    return api(neurologist).get("docs/")


def test_page_loads_the_document_from_this_server(response):
    assert response.status_code == 200
    assert response["Content-Type"].startswith("text/html")
    page = response.content.decode()
    assert 'data-url="/api/v1/schema/"' in page
    assert "swagger-ui/swagger-ui-bundle.js" in page
    assert "https://" not in page


def test_page_has_its_own_strict_content_security_policy(response):
    policy = dict(part.strip().split(" ", 1) for part in response["Content-Security-Policy"].split(";"))
    assert policy["default-src"] == policy["form-action"] == policy["frame-ancestors"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == "'self'"
    assert "unsafe" not in response["Content-Security-Policy"]


def test_page_shows_no_patient_and_no_patient_search(api, neurologist):
    patient = builders.a_patient(family_name="Wrightson")
    builders.a_visit(patient=patient, clinician=neurologist)
    page = api(neurologist).get("docs/").content.decode()
    assert "Wrightson" not in page
    assert "Find a patient" not in page


def test_page_needs_a_login(client, db):
    assert client.get("/api/v1/docs/").status_code == 401


def test_token_page_links_to_the_documentation(login, auditor):
    assert 'href="/api/v1/docs/"' in login(auditor).get("/account/tokens/").content.decode()
