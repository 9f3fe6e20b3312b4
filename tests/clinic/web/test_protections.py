"""What protects every response in a browser, and requests that came without TLS."""

import re
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.test import Client
from django.urls import reverse

from clinic.models import User
from tests import builders
from tests.clinic.web.test_production import SAFE, start

STATIC = "/static/clinic/js/page.js"
NAMES = "from clinic.settings import *; print(SESSION_COOKIE_NAME, CSRF_COOKIE_NAME, SESSION_COOKIE_PATH)"


@pytest.fixture
def tls_only(settings):
    settings.SECURE_SSL_REDIRECT = True
    settings.SECURE_HSTS_SECONDS = 31_536_000


def response_to(path, method="GET", **more):
    response = Client().generic(method, path, **more)
    for close in response._resource_closers:  # of a file; response.close() would close the database too
        close()
    return response


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/accounts/login/", STATIC, "/api/v1/me/", "/nowhere/"])
def test_every_response_has_the_protective_headers(path, tls_only):
    headers = response_to(path, secure=True).headers
    policy = headers["Content-Security-Policy"]
    assert all(f"{name} 'none'" in policy for name in ("object-src", "base-uri", "frame-ancestors"))
    assert headers["Strict-Transport-Security"].startswith("max-age=31536000")
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert re.fullmatch(r'application/.*|text/.*; charset="?utf-8"?', headers["Content-Type"])


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/accounts/login/", STATIC, "/api/v1/me/", "/api/v1/schema/"])
def test_no_other_origin_can_read_a_response(path):
    for method in ("GET", "OPTIONS"):
        response = response_to(path, method, headers={"Origin": "https://evil.example"})
        assert not [name for name in response.headers if name.startswith("Access-Control")]


def test_page_without_tls_is_redirected(tls_only):
    response = Client().get("/patients/?page=2")
    assert (response.status_code, response["Location"]) == (301, "https://testserver/patients/?page=2")


@pytest.mark.parametrize("path", ["/api/v1/me/", "/api/", "/calendar/secret.ics"])
def test_program_without_tls_is_rejected(path, tls_only):
    response = Client().get(path, headers={"Authorization": "Bearer collum_secret"})
    assert response.status_code == 403
    assert "Use https://" in response.json()["detail"]


def test_no_other_path_is_exempt_from_tls(tls_only):
    for path in ("/patients/api/", "/x/readyz", "/healthz/more", "/calendar/"):
        response = Client().get(path)
        assert (response.status_code, urlsplit(response["Location"]).scheme) == (301, "https"), path


@pytest.mark.parametrize(
    ("environment", "names"),
    [({}, "__Host-sessionid __Host-csrftoken /"), ({"SCRIPT_NAME": "/c"}, "__Secure-sessionid __Secure-csrftoken /c/")],
)
def test_cookies_of_production_are_bound_to_host_and_tls(environment, names):
    assert start(NAMES, **SAFE, **environment).stdout.strip() == names


def test_scripts_find_the_csrf_cookie_of_production():
    scripts = [path.read_text() for path in settings.BASE_DIR.glob("*/static/**/*.js")]
    reading = [text for text in scripts if "csrftoken=" in text]
    assert reading
    assert all("(?:__Host-|__Secure-)?csrftoken=" in text for text in reading)


@pytest.mark.django_db
def test_scripts_cannot_read_the_login_cookie(client, neurologist):
    client.post(reverse("account_login"), {"login": neurologist.username, "password": builders.PASSWORD})
    cookie = client.cookies["sessionid"]
    assert (cookie["httponly"], cookie["samesite"], cookie["max-age"]) == (True, "Lax", "")
    assert client.cookies["csrftoken"]["samesite"] == "Lax"


@pytest.mark.django_db
def test_login_replaces_the_key_of_the_session(client, neurologist):
    # Given a browser that is logged in
    credentials = {"login": neurologist.username, "password": builders.PASSWORD}
    client.post(reverse("account_login"), credentials)
    earlier = client.cookies["sessionid"].value

    # When its user logs out and in again, then the key differs, and the earlier one opens nothing
    client.post(reverse("account_logout"))
    client.post(reverse("account_login"), credentials)
    assert re.fullmatch("[a-z0-9]{32}", client.cookies["sessionid"].value)
    assert client.cookies["sessionid"].value != earlier
    thief = Client()
    thief.cookies["sessionid"] = earlier
    assert thief.get(reverse("clinic:start"))["Location"].startswith(reverse("account_login"))


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/accounts/login/", "/patients/", "/api/v1/me/", "/admin/"])
def test_trace_is_not_answered(path, login, superuser):
    response = login(superuser).generic("TRACE", path, headers={"X-Secret": "echoed"})
    assert response.status_code == 405
    assert "echoed" not in response.content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/static/", "/static/clinic/", "/.git/config", "/static/../manage.py"])
def test_no_folder_is_listed_and_no_source_is_served(path, client):
    assert client.get(path).status_code == 404


def test_migrations_create_no_account(db):
    assert not User.objects.exists()


def test_passwords_are_hashed_with_argon2():
    started = start("from clinic.settings import *; print(PASSWORD_HASHERS[0])", **SAFE)
    assert started.stdout.strip().endswith(".Argon2PasswordHasher"), started.stderr
    decoded = Argon2PasswordHasher().decode(Argon2PasswordHasher().encode("a-password", "saltsaltsalt"))
    assert decoded["variety"] == "argon2id"
    assert (decoded["memory_cost"] >= 19 * 1024, decoded["time_cost"] >= 2) == (True, True)
