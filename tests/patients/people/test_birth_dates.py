"""A birth date with an unknown part is stored as such, shown as such, and found."""

import pytest

from clinic.records.partial_dates import PartialDate
from patients.models import Patient
from patients.people import alike
from patients.people.models.duplicates import PossibleDuplicate
from planning.models import SignedRecord
from tests import builders
from tests.patients.people.pages import filled, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

REGISTER = "/patients/new/"
PARTIAL = {
    "1932": ("1932", "1932 (day and month unknown)"),
    "March 1932": ("1932-03", "Mar 1932 (day unknown)"),
    "14.3.1932": ("1932-03-14", "14 Mar 1932"),
    "unknown": ("unknown", "unknown (age unknown)"),
}


def register(client, typed):
    page = client.get(REGISTER)
    return client.post(REGISTER, filled(page, family_name="Okafor", sex="female", date_of_birth=typed))


@pytest.mark.parametrize("typed", PARTIAL)
def test_partial_birth_date_is_registered_and_shown(typed, login, staff):
    client = login(staff)
    page = client.get(register(client, typed).url)
    stored, words = PARTIAL[typed]
    assert Patient.objects.get().date_of_birth == stored
    assert words in text_of(page)


def test_ambiguous_birth_date_is_rejected_and_stays_typed(login, staff):
    response = register(login(staff), "01/02/25")
    assert "This date can mean 2 Jan 1925 or" in response.context["form"].errors["date_of_birth"][0]
    assert 'value="01/02/25"' in response.content.decode()
    assert not Patient.objects.exists()


def test_read_date_is_repeated_with_the_age(login, staff):
    response = login(staff).post("/date-check/", {"field": "date_of_birth", "date_of_birth": "1932", "partial": "yes"})
    age = PartialDate("1932").age_text(builders.today())
    assert f"1932 (day and month unknown), {age}</output>" in response.content.decode()


def test_stored_partial_date_is_sent_back_unchanged(login, staff):
    patient = builders.a_patient(date_of_birth="1932-03")
    page = f"/patients/{patient.pk}/edit/"
    client = login(staff)
    shown = client.get(page)
    assert 'value="Mar 1932"' in shown.content.decode()
    client.post(page, filled(shown, date_of_birth="Mar 1932", note="Called"))
    assert Patient.objects.get(pk=patient.pk).date_of_birth == "1932-03"


@pytest.mark.parametrize(
    ("stored", "query", "is_found"),
    [
        ("1932", "1932", True),
        ("1932", "mar 1932", True),
        ("1932", "14 Mar 1932", True),
        ("1932", "14.3.1933", False),
        ("1932-03", "March 1932", True),
        ("1932-03", "3/1932", True),
        ("1932-03", "1932-03", True),
        ("1932-03", "14.3.1932", True),
        ("1932-03", "14.4.1932", False),
        ("1932-03", "apr 1932", False),
        ("1932-03-14", "mar 1932", True),
        ("unknown", "Okafor", True),
        ("unknown", "1932", False),
    ],
)
def test_search_finds_a_partial_birth_date(stored, query, is_found):
    patient = builders.a_patient(family_name="Okafor", date_of_birth=stored, record_number="-")
    assert list(Patient.objects.found_by(query)) == [patient][: int(is_found)]


def test_name_and_year_are_found_although_the_name_is_a_month():
    patient = builders.a_patient(family_name="Okafor", given_name="April", date_of_birth="1969-07-01")
    assert list(Patient.objects.found_by("april 1969")) == [patient]


@pytest.mark.parametrize(
    ("stored", "typed", "are_alike"),
    [
        ("1932", "1932-03-14", True),
        ("1932-03-14", "1932", True),
        ("1932-03", "1932", True),
        ("unknown", "1932-03-14", True),
        ("1932-03-14", "unknown", True),
        ("1932-03", "1932-04-01", False),
    ],
)
def test_same_name_and_dates_that_can_be_the_same_are_alike(stored, typed, are_alike, staff):
    known = builders.a_patient(by=staff, family_name="Okafor", given_name="Grace", date_of_birth=stored)
    found = Patient.objects.like(family_name="okafor", given_name="Grace", date_of_birth=PartialDate(typed), phone="")
    assert list(found) == [known][: int(are_alike)]
    another = {"family_name": "Lindqvist", "given_name": "Maja", "phone": ""}
    assert not Patient.objects.like(**another, date_of_birth=PartialDate(typed))


def test_pairs_of_partial_dates_are_the_same_when_rebuilt(staff):
    for date in ("1932", "1932-03", "1932-03-14", "1932-04-02", "unknown"):
        builders.a_patient(by=staff, family_name="Okafor", given_name="Grace", date_of_birth=date)
    stored = set(PossibleDuplicate.objects.values_list("one", "other"))
    PossibleDuplicate.objects.rebuild()
    assert set(PossibleDuplicate.objects.values_list("one", "other")) == stored
    locks = [set(alike.lock_keys([patient])) for patient in Patient.objects.all()]
    assert set.intersection(*locks)


def test_signed_record_states_the_unknown_part(neurologist, login):
    patient = builders.a_patient(date_of_birth="1932-03")
    session = builders.a_signed_session(by=neurologist, visit=builders.a_visit(patient=patient, clinician=neurologist))
    record = SignedRecord.objects.get(session=session)
    assert record.content["patient"]["date_of_birth"] == "1932-03"
    client = login(neurologist)
    for page in ("", "print/", "text/"):
        assert "Mar 1932 (day unknown)" in client.get(f"/records/{record.pk}/{page}").content.decode()
