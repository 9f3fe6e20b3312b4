"""The search box of the top bar: the patients opened last, and the only match."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from clinic.models import AuditedPatient
from tests import builders

pytestmark = pytest.mark.django_db

MOST_QUERIES = 14  # as for a search


@pytest.fixture
def desk(client, staff):
    client.force_login(staff)
    return client


def focus(client):
    return client.post("/patients/", {"q": "", "finder": "1"}, headers={"HX-Request": "true"})


def names(response):
    return re.findall(r"<bdi>(\w+),", response.content.decode())


def test_patients_opened_last_are_listed_once_latest_first(desk, neurologist):
    patients = [builders.a_patient(family_name=f"Opened{letter}") for letter in "ABCDEFGHIJ"]
    for patient in (*patients, patients[4]):
        desk.get(patient.get_absolute_url())
    desk.get(builders.a_visit(patient=patients[0], clinician=neurologist).get_absolute_url())
    with CaptureQueriesContext(connection) as queries:
        response = focus(desk)
    assert "".join(name[-1] for name in names(response)) == "AEJIHGFD"
    assert len(queries) <= MOST_QUERIES


def test_list_is_of_the_users_own_pages_and_not_of_searches(desk, client, neurologist):
    patient = builders.a_patient(family_name="Searched")
    desk.post("/patients/", {"q": "searched"})
    assert focus(desk).content == b""
    desk.get(patient.get_absolute_url())
    assert names(focus(desk)) == ["SEARCHED"]
    client.force_login(neurologist)
    assert focus(client).content == b""


def test_list_is_audited(desk):
    patient = builders.a_patient()
    desk.get(patient.get_absolute_url())
    focus(desk)
    last = AuditedPatient.objects.latest("pk")
    assert (last.patient_id, last.entry.route, last.entry.action) == (patient.pk, "patients:patient-list", "read")


def test_only_match_opens(desk):
    patient = builders.a_patient(family_name="Unique")
    sent = {"q": "unique", "finder": "1"}
    assert desk.post("/patients/", sent)["Location"] == patient.get_absolute_url()
    assert desk.post("/patients/", sent, headers={"HX-Request": "true"}).status_code == 200
    assert desk.post("/patients/", {"q": "unique"}).status_code == 200  # the page of the results
    builders.a_patient(family_name="Uniqueson")
    assert desk.post("/patients/", sent).status_code == 200
