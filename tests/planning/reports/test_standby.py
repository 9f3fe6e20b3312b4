"""The overview is read from a standby, if there is one; nothing else is, and nothing is written there."""

import pytest
from django.db import connections

from clinic.records import standby
from clinic.records.models import AuditEntry
from clinic.records.standby import StandbyRouter
from patients.models import Patient

ROUTER = "clinic.records.standby.StandbyRouter"


@pytest.fixture
def replica(settings, monkeypatch):
    monkeypatch.setitem(connections.settings, "replica", connections.settings["default"])
    settings.DATABASE_ROUTERS = [ROUTER]


def test_reads_inside_go_to_the_standby_and_writes_do_not(replica):
    router = StandbyRouter()
    assert Patient.objects.all().db == "default"
    with standby.reads():
        assert Patient.objects.all().db == "replica"
        assert router.db_for_write(AuditEntry) == "default"
    assert Patient.objects.all().db == "default"
    assert not router.allow_migrate("replica", "planning")


def test_without_a_standby_everything_is_read_from_one_server(settings):
    settings.DATABASE_ROUTERS = [ROUTER]
    with standby.reads():
        assert Patient.objects.all().db == "default"
        assert standby.connection_of(Patient) is connections["default"]


@pytest.mark.django_db
def test_overview_is_read_inside(replica, client, neurologist, monkeypatch):
    seen = []
    monkeypatch.setattr(
        "planning.reports.views.overview.overview_of", lambda span: seen.append(Patient.objects.all().db) or 1 / 0
    )
    client.force_login(neurologist)
    with pytest.raises(ZeroDivisionError):
        client.get("/overview/")
    assert seen == ["replica"]
    assert Patient.objects.all().db == "default"
