"""Numbers by which other systems know a patient: on the page, in the API, in the search and in the export."""

import pytest
from django.db import IntegrityError, transaction

from patients.models import Patient, PatientIdentifier, PatientKey
from planning.reports.export import export_of
from tests import builders

pytestmark = [pytest.mark.django_db, pytest.mark.engine]


@pytest.fixture
def patient(db):
    return builders.a_patient(family_name="Numbered")


def identified(patient, value, system="Old records"):
    identifier = PatientIdentifier.objects.create(patient=patient, system=system, value=value)
    PatientKey.objects.refresh(patient)
    return identifier


def found(query):
    return list(Patient.objects.found_by(query))


@pytest.mark.parametrize("typed", ["AB-17 204/x", "ab17204x", " AB 17 204 X "])
def test_whole_identifier_finds_the_patient(typed, patient):
    identified(patient, "AB-17 204/x")
    assert found(typed) == [patient]


@pytest.mark.parametrize("typed", ["AB-17", "AB-17 204", "17 204/x", "AB-17 204/xy", "#", "##"])
def test_part_of_an_identifier_finds_no_patient(typed, patient):
    identified(patient, "AB-17 204/x")
    assert found(typed) == []


def test_identifier_comes_before_numbers_with_its_digits(patient):
    for number in range(3):
        builders.a_patient(record_number=f"70707{number}")
    identified(patient, "70707")
    assert patient in found("70707")


def test_identifier_of_a_joined_record_finds_the_main_record(patient, neurologist):
    other = builders.a_patient(family_name="Twice")
    identified(other, "TW-1")
    builders.the_same_person(patient, other, by=neurologist)
    assert found("TW-1") == [patient]


def test_one_identifier_is_listed_once_for_a_patient(patient):
    identified(patient, "AB-17")
    with pytest.raises(IntegrityError), transaction.atomic():
        identified(patient, "AB-17")
    identified(builders.a_patient(), "AB-17")


def test_identifiers_are_on_the_page_in_the_print_api_and_export(patient, login, neurologist):
    identified(patient, "AB-17")
    client = login(neurologist)
    for path in (patient.get_absolute_url(), f"/patients/{patient.pk}/everything/"):
        page = client.get(path).content.decode()
        assert "Old records" in page
        assert "AB-17" in page
    assert client.get(f"/api/v1/patients/{patient.pk}/").json()["identifiers"] == [
        {"system": "Old records", "value": "AB-17"}
    ]
    (exported,) = export_of(patient)["identifiers"]
    assert (exported["system"], exported["value"]) == ("Old records", "AB-17")
