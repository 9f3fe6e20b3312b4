"""What every answer carries, and how Collum looks when something is wrong."""

import psycopg2.errors
import pytest
from django.db import InterfaceError, InternalError, OperationalError
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django.asserts import assertRedirects

from clinic.models import Clinic
from clinic.web.logs import RequestIdFilter
from clinic.web.views import UNAVAILABLE
from tests import builders

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.clinic.records.urls")]


@pytest.mark.parametrize(
    "address", ["/accounts/login/", "/test/shows/7/", "/test/forbids/", "/nowhere/", "/test/crashes/7/"]
)
def test_responses_forbid_caches_frames_and_foreign_scripts(neurologist, address):
    client = Client(raise_request_exception=False)
    if "login" not in address:
        client.force_login(neurologist)
    headers = client.get(address).headers
    policy = dict(part.strip().split(" ", 1) for part in headers["Content-Security-Policy"].split(";"))
    assert policy["script-src"] == policy["style-src"] == policy["default-src"] == "'self'"
    assert policy["object-src"] == policy["frame-ancestors"] == "'none'"
    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin"
    assert len(headers["X-Request-ID"]) == 32


def test_each_request_has_an_id_of_its_own(client):
    ids = {
        client.get("/accounts/login/", headers={"X-Request-ID": "chosen-by-the-client"})["X-Request-ID"]
        for _ in range(3)
    }
    assert len(ids) == 3
    assert "chosen-by-the-client" not in ids


def page_of(response, status):
    assert response.status_code == status
    body = response.content.decode()
    assert 'class="topbar"' in body
    assert "collum.css" in body
    assert 'class="btn btn-primary"' in body, "every refusal has a next step"
    assert f"Request {response['X-Request-ID']}" in body
    return body


def test_unknown_host_gets_only_the_400_page(client):
    response = client.get("/accounts/login/", headers={"Host": "evil.example"})
    assert "Request not understood" in page_of(response, 400)
    assert "evil.example" not in response.content.decode()


def test_403_page_is_collums(login, neurologist):
    assert "Access denied" in page_of(login(neurologist).get("/test/forbids/"), 403)


@pytest.mark.parametrize("address", ["/nowhere/", "/patients/999999/", "/patients/99999999999999999999999/"])
def test_404_page_is_collums(login, neurologist, address):
    assert "Page not found" in page_of(login(neurologist).get(address), 404)


def test_404_page_offers_a_search_only_with_the_permission(login, catalogue_manager, client):
    assert "Search for the patient" not in page_of(client.get("/nowhere/"), 404)
    assert "Search for the patient" not in page_of(login(catalogue_manager).get("/nowhere/"), 404)


def test_405_page_is_collums(login, neurologist):
    response = login(neurologist).post(reverse("clinic:start"))
    assert "Page cannot be opened this way" in page_of(response, 405)
    assert response["Allow"] == "GET"


def test_409_page_is_collums(login, neurologist):
    assert "This cannot be done now" in page_of(login(neurologist).get("/test/refuses/"), 409)


def test_500_page_is_collums_and_needs_no_database(neurologist, monkeypatch):
    client = Client(raise_request_exception=False)
    client.force_login(neurologist)
    assert "Something went wrong" in page_of(client.get("/test/crashes/7/"), 500)
    monkeypatch.setattr("clinic.accounts.login_backend.LoginBackend.get_user", lambda *ignored: 1 / 0)
    assert "Something went wrong" in page_of(client.get("/test/shows/7/"), 500)


@pytest.mark.parametrize("code", ["25006", "57P01", "57P03", "08006", "55P03"])
def test_lost_or_demoted_server_is_unavailable(code):
    """Read-only transaction, administrator's shutdown, starting up, lost connection, lock not available."""
    kinds = {kind.__name__ for kind in psycopg2.errors.lookup(code).__mro__}
    assert kinds & {kind.__name__ for kind in UNAVAILABLE}


@pytest.mark.parametrize("error", [InterfaceError, InternalError, OperationalError])
def test_the_page_for_503_is_ours_and_says_when_to_try_again(neurologist, monkeypatch, error):
    # Given a database that fails when the page reads from it, or already when the login session is read
    client = Client(raise_request_exception=False)
    client.force_login(neurologist)

    def fails(*args, **kwargs):
        raise error("a row with a patient")

    for path in (
        "clinic.accounts.login_backend.LoginBackend.get_user",
        "django.contrib.sessions.backends.db.SessionStore.load",
    ):
        with monkeypatch.context() as patch:
            patch.setattr(path, fails)
            response = client.get("/test/shows/7/")
            assert "Not available now" in page_of(response, 503)
            assert response["Retry-After"] == "5"


def test_a_program_gets_503_as_a_problem_document(neurologist):
    client = Client(raise_request_exception=False)
    client.force_login(neurologist)
    response = client.get("/api/test/cannot-reach/7/")
    assert (response.status_code, response["Retry-After"]) == (503, "5")
    assert response.json()["request_id"] == response["X-Request-ID"]


def test_every_log_line_of_a_request_has_its_id(neurologist, caplog):
    client = Client(raise_request_exception=False)
    client.force_login(neurologist)
    caplog.handler.addFilter(keep := RequestIdFilter())
    try:
        ids = [client.get(path)["X-Request-ID"] for path in ("/nowhere/", "/test/crashes/7/", "/test/warns/")]
    finally:
        caplog.handler.removeFilter(keep)
    assert {record.request_id for record in caplog.records} == set(ids)


@pytest.mark.parametrize(
    ("role", "page"),
    [
        ("neurologist", "planning:today"),
        ("trainee", "planning:today"),
        ("clinic staff", "planning:today"),
        ("catalogue manager", "planning:muscle-list"),
        ("auditor", "clinic:audit"),
    ],
)
def test_start_page_depends_on_the_role(login, role, page):
    assert login(builders.a_person(role)).get(reverse("clinic:start"))["Location"] == reverse(page)


def test_start_page_of_users_without_a_role(login, superuser):
    assert login(builders.a_person()).get("/start/")["Location"] == reverse("account_change_password")
    assert login(superuser).get("/start/")["Location"] == reverse("planning:set-up")


@pytest.mark.parametrize("role", ["catalogue manager", "auditor"])
def test_root_leads_to_the_start_page(login, role):
    assertRedirects(login(builders.a_person(role)).get("/"), "/start/", fetch_redirect_response=False)


def test_dates_and_times_use_the_clinics_time_zone(login, neurologist):
    # Given a clinic in Tokyo
    clinic = Clinic.ours()
    clinic.time_zone = "Asia/Tokyo"
    clinic.save()

    # Then its time applies inside a request, and only there
    assert login(neurologist).get("/test/time-zone/").content == b"Asia/Tokyo"
    assert timezone.get_current_timezone_name() == "Europe/London"
