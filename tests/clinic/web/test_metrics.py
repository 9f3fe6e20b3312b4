"""What monitoring counts: pages by name, and never a person."""

import pytest
from django.core.exceptions import MiddlewareNotUsed
from prometheus_client import REGISTRY

from clinic.web.metrics import MetricsMiddleware
from tests import builders


@pytest.fixture
def counting(settings, monkeypatch):
    settings.METRICS = True


def requests_of(page, method="GET", status="200"):
    return REGISTRY.get_sample_value(
        "collum_requests_total", {"page": page, "method": method, "status": status}
    ) or 0  # fmt: skip


@pytest.mark.django_db
def test_request_is_counted_by_the_name_of_its_page(counting, client):
    patient = builders.a_patient()
    client.force_login(builders.a_clinician())
    before = requests_of("planning:patient-detail")
    for _ in range(2):
        assert client.get(patient.get_absolute_url()).status_code == 200
    assert requests_of("planning:patient-detail") == before + 2
    assert REGISTRY.get_sample_value("collum_request_seconds_count", {"page": "planning:patient-detail"}) >= 2


@pytest.mark.django_db
def test_no_label_contains_what_a_user_sent(counting, client):
    client.get("/patients/4711/Okafor/")
    client.generic("OKAFOR", "/")
    labels = {
        value
        for metric in REGISTRY.collect()
        if metric.name.startswith("collum")
        for sample in metric.samples
        for value in sample.labels.values()
    }
    assert "none" in labels
    assert "other" in labels
    assert not [value for value in labels if "4711" in value or "okafor" in value.lower()]


def test_nothing_is_counted_unless_monitoring_is_on(settings):
    assert settings.METRICS is False
    with pytest.raises(MiddlewareNotUsed):
        MetricsMiddleware(lambda request: None)
