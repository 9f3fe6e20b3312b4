"""Patients are found as on the page, and changed patients in the order of their changes."""

import datetime as dt
from urllib.parse import quote

import pytest
import time_machine
from django.utils.dateparse import parse_datetime

from clinic.accounts.permissions import Permission
from clinic.models import Clinic
from patients.models import Patient
from patients.people.actions.patients import change_patient
from patients.people.models import patient as patient_module
from patients.people.search import is_long_enough
from tests import builders

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

QUERIES = [
    "mull", "muller anna", "MÜLLER", "zz", "m", "RN-77", "14.03.1969", "1969", "0555", "55501", "anna", "a b c d e",
    "%", "_",
]  # fmt: skip


NAMES = [("Müller", "Anna"), ("Mullen", "Berta"), ("Miller", "Anna"), ("Zzyzx", "")]


def test_search_finds_the_same_patients_as_the_page(found, login, staff):
    for number, (family, given) in enumerate(NAMES):
        builders.a_patient(
            family_name=family, given_name=given, record_number=f"RN-77{number}", phone=f"0700 555 01{number:02}"
        )
    for query in filter(is_long_enough, QUERIES):
        page = login(staff).post("/patients/", {"q": query})
        assert set(found("patients/search", by=staff, search=query)) == {one.pk for one in page.context["found"]}, query


def test_searches_of_the_test_find_patients(found):
    """Otherwise the test above would pass without any patient."""
    muller = builders.a_patient(family_name="Müller", given_name="Anna", record_number="RN-770")
    for query in ("mull", "muller anna", "RN-77", "14.03.1969"):
        assert found("patients/search", search=query) == [muller.pk]


NINE = dt.datetime(2026, 5, 4, 9, tzinfo=dt.UTC)


def test_changed_patients_are_listed_in_order_without_gaps(api, staff):
    with time_machine.travel(NINE, tick=False) as clock:
        # Given patients, of whom some were changed later than others were registered
        people = []
        for _ in range(6):
            people.append(builders.a_patient(by=staff))
            clock.shift(60)
        change_patient(patient=people[1], by=staff, version=1, phone="0555")

        # When a program reads the changes since a time, inclusive
        asks, since = api(staff), people[2].updated_at
        page = asks.get(f"patients/?updated_since={quote(since.isoformat())}&page_size=2").json()
        read = page["results"]
        assert [row["id"] for row in read] == [people[2].pk, people[3].pk]

        # And a patient is changed in the meantime, already read or not
        clock.shift(60)
        for person in (people[3], people[4], people[0]):
            change_patient(patient=person, by=staff, version=person.version, phone="0777")
        while page["next"]:
            page = asks.get(page["next"]).json()
            read += page["results"]

    # Then it has seen the last version of each that was changed since, and in the order of the changes
    seen = {row["id"]: row["version"] for row in read}
    assert seen == dict(Patient.objects.filter(updated_at__gte=since).values_list("pk", "version"))
    moments = [parse_datetime(row["updated_at"]) for row in read]
    assert moments == sorted(moments)
    assert people[0].pk in seen


def test_time_without_offset_is_clinic_time(found):
    Clinic.objects.update(time_zone="America/New_York")
    with time_machine.travel(NINE, tick=False):
        patient = builders.a_patient()
    for moment in (
        "2026-05-04T09:00:00Z",
        "2026-05-04T11:00:00+02:00",
        "2026-05-04T05:00:00",
        "2026-05-04T05:00",
    ):
        assert found("patients", updated_since=moment) == [patient.pk], moment
    for moment in ("2026-05-04T09:00:01Z", "2026-05-04T05:00:01"):
        assert found("patients", updated_since=moment) == [], moment


@pytest.mark.parametrize("zone", ["America/New_York", "Asia/Tokyo"])
@pytest.mark.parametrize(
    "moment", ["9999-12-31T23:59:59", "0001-01-01T00:00", "2026-05-04", "2026-W19-1T05:00", "0001-01-01T00:00%2B14:00"]
)
def test_invalid_time_is_rejected(moment, zone, api, staff):
    Clinic.objects.update(time_zone=zone)
    response = api(staff).get(f"patients/?updated_since={moment}")
    assert response.status_code in ({200, 400} if moment[:4] in {"9999", "0001"} else {400})


def test_too_short_search_is_rejected_with_a_message(api, staff):
    for words in ("a", "-", " ", "", "a" * 301, "a\0b", 17, None):
        response = api(staff).post("patients/search/", {"search": words})
        assert (response.status_code, set(response.json()["errors"])) == (400, {"search"})


def test_search_finds_all_patients_with_a_common_prefix(api, staff, monkeypatch):
    monkeypatch.setattr(patient_module, "MOST_KEYS", 2)
    people = {builders.a_patient(family_name=f"Samename{number}").pk for number in range(4)}
    found = api(staff).post("patients/search/", {"search": "samename"}).json()
    assert {row["id"] for row in found["results"]} == people


def test_pages_of_a_search_have_no_term_in_a_url(api, staff):
    people = [builders.a_patient(family_name=f"Samename{number}").pk for number in range(5)]
    asks, sent, read = api(staff), {"search": "samename", "page_size": 2}, []
    while True:
        response = asks.post("patients/search/", sent)
        page = response.json()
        assert "samename" not in f"{page['next_cursor']} {response.headers}".lower()
        read += [row["id"] for row in page["results"]]
        if page["next_cursor"] is None:
            break
        sent["cursor"] = page["next_cursor"]
    assert read == people


@pytest.mark.parametrize("path", ["patients/?search=okafor", "patients/?q=okafor", "patients/search/?search=okafor"])
def test_term_in_the_url_is_rejected(path, api, staff):
    method = "POST" if "search/" in path else "GET"
    response = api(staff).ask(method, path, {"search": "okafor"} if method == "POST" else None)
    assert (response.status_code, list(response.json()["errors"])) == (400, [path.partition("?")[2].partition("=")[0]])


def test_search_needs_no_permission_to_write(program, staff):
    patient = builders.a_patient(family_name="Okafor")
    response = program(staff, {Permission.SEE_PATIENTS}).post("patients/search/", {"search": "okafor"})
    assert [row["id"] for row in response.json()["results"]] == [patient.pk]
