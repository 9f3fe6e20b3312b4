"""The seals, for auditors and their programs, to keep away from the server."""

import pytest

from clinic.audit import views
from clinic.models import AuditEntry
from clinic.records import audit_log, sealing
from clinic.records.seals import known

pytestmark = pytest.mark.django_db

URL = "/audit/seals/"


@pytest.fixture
def seals():
    added = []
    for patient in (7, 8, 9):
        audit_log.record("read", by=None, patients=[patient])
        added.append(sealing.seal_up_to(AuditEntry.objects.latest("pk").pk))
    known.forget()
    return added


def test_page_shows_number_range_count_and_mac_of_each_seal(login, auditor, seals):
    page = login(auditor).get(URL).content.decode()
    for seal in seals:
        assert seal.mac in page
        assert f">{seal.first_entry}</td>" in page
        assert f">{seal.last_entry}</td>" in page
    assert page.index(seals[2].mac) < page.index(seals[0].mac)
    assert AuditEntry.objects.latest("pk").action == "read the seals"


def test_long_list_has_pages(login, auditor, seals, monkeypatch):
    monkeypatch.setattr(views, "PAGE_SIZE", 2)
    client = login(auditor)
    latest = client.get(URL).content.decode()
    assert f"{URL}?before=2" in latest
    assert seals[0].mac not in latest
    earlier = client.get(f"{URL}?before=2").content.decode()
    assert seals[0].mac in earlier
    assert seals[1].mac not in earlier


@pytest.mark.parametrize("before", ["x", "0", "-1", "9" * 30, ""])
def test_invalid_number_shows_the_latest(before, login, auditor, seals):
    assert seals[2].mac in login(auditor).get(URL, {"before": before}).content.decode()


def test_page_without_seals_says_so(login, auditor):
    assert "There are no seals yet." in login(auditor).get(URL).content.decode()


# Programs


def test_program_of_an_auditor_reads_what_to_keep(login, auditor, seals):
    client = login(auditor)
    found = client.get("/api/v1/seals/").json()["results"]
    assert [(seal["number"], seal["to_keep"]) for seal in found] == [
        (each.number, each.to_keep) for each in seals[::-1]
    ]
    one = client.get(f"/api/v1/seals/{seals[1].pk}/").json()
    assert one == found[1]
    assert (one["first_entry"], one["last_entry"], one["entries"]) == (seals[1].first_entry, seals[1].last_entry, 1)
    assert AuditEntry.objects.filter(action="read the seals", outcome="done").count() == 2
    assert client.get("/api/v1/seals/99/").status_code == 404


def test_program_cannot_write_a_seal(login, auditor, seals):
    client = login(auditor)
    for method in (client.post, client.patch, client.delete):
        assert method(f"/api/v1/seals/{seals[0].pk}/", {}, content_type="application/json").status_code == 405
    assert client.post("/api/v1/seals/", {}, content_type="application/json").status_code == 405


def test_other_roles_read_no_seal(login, neurologist, superuser, seals):
    for person in (neurologist, superuser):
        assert login(person).get("/api/v1/seals/").status_code == 403
