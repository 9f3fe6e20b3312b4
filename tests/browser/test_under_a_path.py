"""Collum at https://host/collum/ behind a proxy: every link, style, script, form and error stays under this path."""

import json
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher
from playwright.sync_api import expect

from tests import builders
from tests.browser.proxy import Proxy
from tests.browser.served import Served

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def proxy():
    served = Served(path="/collum")
    served.start()
    proxy = Proxy(behind=served.port, path="/collum")
    yield proxy
    proxy.stop()
    served.kill()


@pytest.fixture
def with_a_password(neurologist):
    """As the server checks it; the tests themselves use a faster hash."""
    neurologist.password = Argon2PasswordHasher().encode(builders.PASSWORD, "salt-of-this-test")
    neurologist.save()
    return neurologist


@pytest.mark.full
def test_pages_work_under_a_path(browse, proxy, with_a_password):
    # Given every request that the browser sends
    page, requested = browse(at=proxy.url), []
    page.on("response", lambda response: requested.append((response.url, response.status)))

    # When the neurologist logs in, searches, and opens the catalogue and the API document
    patient = builders.a_patient()
    page.goto(f"{proxy.url}/")
    page.get_by_label("User name").fill(with_a_password.username)
    page.get_by_label("Password").fill(builders.PASSWORD)
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.goto(f"{proxy.url}{patient.get_absolute_url()}")
    expect(page.locator("body")).to_contain_text(patient.record_number)
    page.goto(f"{proxy.url}/api/v1/docs/")
    expect(page.locator(".opblock-tag").first).to_be_visible()

    # Then no request left the path, none failed, and styles were among them
    assert [url for url, _ in requested if not url.startswith(f"{proxy.url}/")] == []
    assert [(url, status) for url, status in requested if status >= 400] == []
    assert any(url.endswith(".css") for url, _ in requested)
    assert {cookie["path"] for cookie in page.context.cookies()} == {"/collum/"}


def test_errors_of_the_api_under_a_path_are_problem_documents(proxy):
    with pytest.raises(HTTPError) as error:
        urlopen(f"{proxy.url}/api/v1/nowhere/")  # noqa: S310
    assert error.value.headers["Content-Type"] == "application/problem+json"
    assert json.load(error.value)["status"] == 404
