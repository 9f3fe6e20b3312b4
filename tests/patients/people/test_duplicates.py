"""Registering a likely duplicate: the registered patient is named, and the user can continue."""

import datetime as dt

import pytest

from clinic.models import AuditEntry
from clinic.records.partial_dates import PartialDate
from patients.models import Patient
from patients.people.actions.patients import Alike, register_patient
from tests import builders
from tests.patients.people.pages import filled, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

BORN = dt.date(1969, 3, 14)
PAGE = "/patients/new/"


@pytest.fixture
def known(staff):
    return builders.a_patient(
        by=staff, family_name="Okafor", given_name="Grace", date_of_birth=BORN, phone="+44 (0)20 7946 0018"
    )


def like(**details):
    typed = {"family_name": "Someone", "given_name": "Else", "date_of_birth": dt.date(1990, 1, 1), "phone": ""}
    typed |= details
    return list(Patient.objects.like(**typed | {"date_of_birth": PartialDate(str(typed["date_of_birth"]))}))


@pytest.mark.parametrize(
    ("family_name", "given_name"),
    [("Okafor", "Grace"), ("OKAFOR", "Gräce"), ("Grace", "Okafor"), ("Okafo", "Grace"), ("Okafor", "Grace ")],
)
def test_same_birth_date_and_similar_name_are_alike(known, family_name, given_name):
    assert like(family_name=family_name, given_name=given_name, date_of_birth=BORN) == [known]


def test_same_name_with_another_birth_date_is_not_alike(known):
    assert like(family_name="Okafor", given_name="Grace", date_of_birth=BORN + dt.timedelta(days=1)) == []


def test_same_birth_date_with_another_name_is_not_alike(known):
    assert like(family_name="Lindqvist", given_name="Maja", date_of_birth=BORN) == []


@pytest.mark.parametrize("phone", ["+44 20 7946 0018", "020 7946 0018", "0044-20-79460018", "(020) 7946-0018"])
def test_same_phone_in_any_spelling_is_alike(known, phone):
    assert like(phone=phone) == [known]


@pytest.mark.parametrize("phone", ["", "18", "0018", "+44 20 7946 0019"])
def test_another_or_partial_phone_is_not_alike(known, phone):
    assert like(phone=phone) == []


def test_short_phone_number_of_two_patients_is_reported(staff):
    other = builders.a_patient(by=staff, phone="7946 00")
    assert like(phone="794600") == [other]


def register(client, **typed):
    page = client.get(PAGE)
    return client.post(PAGE, filled(page, family_name="Okafor", given_name="Grace", date_of_birth="1969-03-14",
                                    sex="female", **typed))  # fmt: skip


def test_likely_duplicate_is_named_and_not_stored(login, staff, known):
    response = register(login(staff), phone="0123 456789")
    assert response.status_code == 409
    text = text_of(response)
    assert "Is it one of these?" in text
    assert f"born 14 Mar 1969, {known.record_number}" in text
    assert 'value="0123 456789"' in response.content.decode()
    assert Patient.objects.count() == 1
    assert known.pk in AuditEntry.objects.order_by("-pk").first().patients.values_list("patient_id", flat=True)


def test_confirming_twice_registers_one_patient(login, staff, known):
    client = login(staff)
    sent = filled(register(client), although_alike=True)
    addresses = [client.post(PAGE, sent).url for _ in range(2)]
    assert addresses[0] == addresses[1]
    assert Patient.objects.count() == 2


def test_confirmation_is_reset_when_another_field_is_invalid(login, staff, known):
    client = login(staff)
    response = client.post(PAGE, {**filled(register(client), although_alike=True), "family_name": ""})
    assert "although_alike" not in response.content.decode()


def test_action_refuses_a_likely_duplicate(known, staff):
    details = {"family_name": "Okafor", "given_name": "Grace", "date_of_birth": BORN, "sex": "female"}
    with pytest.raises(Alike) as refused:
        register_patient(by=staff, **details)
    assert refused.value.patients == [known]


def test_new_patient_is_registered_without_asking(login, staff, known):
    client = login(staff)
    sent = filled(
        client.get(PAGE), family_name="Lindqvist", given_name="Maja", date_of_birth="1969-03-14", sex="female"
    )
    assert client.post(PAGE, sent).status_code == 302
