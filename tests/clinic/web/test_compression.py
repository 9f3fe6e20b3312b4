"""Responses are compressed, unless another site may have caused the request."""

import gzip

import pytest
from django.test import Client
from django.urls import reverse

from tests import builders

GZIP = {"Accept-Encoding": "gzip, br"}


@pytest.fixture
def browser(db):
    client = Client()
    client.force_login(builders.a_clinician())
    return client


@pytest.mark.parametrize("site", ["same-origin", "none"])
def test_page_for_its_own_user_is_compressed(browser, site):
    whole = browser.get(reverse("planning:today"))
    response = browser.get(reverse("planning:today"), headers={**GZIP, "Sec-Fetch-Site": site})
    assert (response.status_code, response["Content-Encoding"]) == (200, "gzip")
    assert int(response["Content-Length"]) == len(response.content) < len(whole.content) / 2
    assert "Today" in gzip.decompress(response.content).decode()


@pytest.mark.parametrize("site", ["cross-site", "same-site", "", "Same-Origin"])
def test_request_of_another_site_is_not_compressed(browser, site):
    response = browser.get(reverse("planning:today"), headers={**GZIP, "Sec-Fetch-Site": site})
    assert not response.has_header("Content-Encoding")


def test_browser_that_names_no_site_gets_no_compression(browser):
    response = browser.get(reverse("planning:today"), headers=GZIP)
    assert not response.has_header("Content-Encoding")
    assert {"Sec-Fetch-Site", "Cookie"} <= set(response["Vary"].split(", "))


def test_length_of_the_same_page_varies(browser):
    lengths = {len(browser.get("/help/", headers={**GZIP, "Sec-Fetch-Site": "none"}).content) for _ in range(20)}
    assert len(lengths) > 5


def test_program_with_a_token_gets_compressed_data(db):
    token, patient = builders.a_token(), builders.a_patient()
    response = Client().get("/api/v1/patients/", headers={**GZIP, "Authorization": f"Bearer {token.secret}"})
    assert response.status_code == 200
    assert response["Content-Encoding"] == "gzip"

    # But the version of a record stays as the program must send it back
    one = Client().get(f"/api/v1/patients/{patient.pk}/", headers={**GZIP, "Authorization": f"Bearer {token.secret}"})
    assert (one["ETag"], one.has_header("Content-Encoding")) == (f'"{patient.version}"', False)
