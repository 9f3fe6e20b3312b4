"""`/healthz` and `/readyz`: what a load balancer asks, by IP address and before anything else."""

import pytest
from django.db import OperationalError, connection

from clinic.models import Clinic


@pytest.fixture(autouse=True)
def as_in_production(settings):
    settings.SECURE_SSL_REDIRECT = True
    settings.ALLOWED_HOSTS = ["collum.example"]


def probe(client, path, **more):
    return client.get(path, headers={"Host": "10.0.0.7:8000"}, **more)


def test_alive_needs_no_database(client):
    response = probe(client, "/healthz")
    assert (response.status_code, response.content) == (200, b"ok")
    assert "sessionid" not in response.cookies


@pytest.mark.engine
@pytest.mark.django_db
def test_ready_asks_the_database_once_and_nothing_of_ours(client, django_assert_num_queries):
    Clinic.objects.all().delete()
    with django_assert_num_queries(1):
        response = probe(client, "/readyz")
    assert (response.status_code, response.content) == (200, b"ready")


@pytest.mark.django_db
def test_not_ready_without_a_database(client, monkeypatch):
    def fails(*args, **kwargs):
        raise OperationalError

    monkeypatch.setattr(connection, "cursor", fails)
    assert probe(client, "/readyz").status_code == 503
    assert probe(client, "/healthz").status_code == 200


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_probes_are_only_read(client, path):
    response = client.post(path, headers={"Host": "10.0.0.7:8000"})
    assert (response.status_code, response["Cache-Control"]) == (405, "no-store")


def test_host_that_is_about_to_stop_is_not_ready(client, settings, tmp_path):
    settings.DRAIN_FILE = tmp_path / "drain"
    settings.DRAIN_FILE.touch()
    response = probe(client, "/readyz")
    assert (response.status_code, response.content) == (503, b"about to stop")
    assert probe(client, "/healthz").status_code == 200
