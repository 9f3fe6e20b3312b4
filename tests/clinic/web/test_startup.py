"""A server that starts while its database does not respond serves no page until the database has been checked."""

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import OperationalError
from django.test import Client

from clinic.records import durability
from clinic.web.startup import startup

pytestmark = [pytest.mark.engine, pytest.mark.django_db]

LOGIN = "/accounts/login/"


@pytest.fixture
def started(monkeypatch):
    """Without a database; `started(error)` changes what the check then finds."""

    def finds(error):
        def check():
            if error is not None:
                raise error

        monkeypatch.setattr(durability, "refuse_unsafe_database", check)

    # The limits would stay in the settings of the other tests.
    monkeypatch.setattr(durability, "limit_statements", lambda seconds: None)
    monkeypatch.setattr(durability, "refuse_unlimited_waits", lambda: None)
    monkeypatch.setattr("clinic.web.startup.connection", type("Connection", (), {"close": lambda: None}))
    finds(OperationalError("connection refused"))
    startup.begin()
    yield finds
    startup.is_due = False


def test_page_is_503_until_the_database_responds(started):
    client = Client(raise_request_exception=False)
    response = client.get(LOGIN)
    assert (response.status_code, response["Retry-After"]) == (503, "5")
    assert client.get("/api/v1/me/")["Content-Type"] == "application/problem+json"
    assert client.get("/healthz").status_code == 200

    started(None)
    assert client.get(LOGIN).status_code == 200
    assert not startup.is_due


def test_no_page_is_served_from_an_unsafe_database(started):
    started(ImproperlyConfigured("The database setting fsync is “off”"))
    client = Client(raise_request_exception=False)
    assert [client.get(LOGIN).status_code for _ in range(2)] == [500, 500]


def test_server_does_not_start_on_an_unsafe_database(started):
    started(ImproperlyConfigured("The database setting fsync is “off”"))
    with pytest.raises(ImproperlyConfigured):
        startup.begin()
