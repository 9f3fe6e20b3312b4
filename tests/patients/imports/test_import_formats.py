"""Formats other than CSV: workbooks, FHIR bundles, vCards, and the files of a public patient generator."""

import csv
import datetime as dt
import io
import json

import pytest
import xlsxwriter

from clinic.records.exceptions import Refused
from patients.models import Patient
from tests.patients.imports.import_files import ANNA, BERT, HEAD, as_workbook, checked, counts, imported, outcomes

pytestmark = pytest.mark.django_db

SYNTHEA = (
    "Id,BIRTHDATE,DEATHDATE,SSN,DRIVERS,PASSPORT,PREFIX,FIRST,MIDDLE,LAST,SUFFIX,MAIDEN,MARITAL,RACE,ETHNICITY,GENDER,"
    "BIRTHPLACE,ADDRESS,CITY,STATE,COUNTY,FIPS,ZIP,LAT,LON,HEALTHCARE_EXPENSES,HEALTHCARE_COVERAGE,INCOME"
)
OF_SYNTHEA = f"""{SYNTHEA}
30a6452c-4297-a1ac-977a-6a23237c7b46,1994-02-06,,999-52-8591,S99996852,X47758697X,Mr.,Joshua658,Alvin56,Kunde533,,,M,\
white,nonhispanic,M,Boston  Massachusetts  US,811 Kihn Viaduct,Braintree,Massachusetts,Norfolk County,25021,02184,\
42.2,-71.0,18424.34,16113.19,100511
34a4dcc4-35fb-6ad5-ab98-be285c586a4f,1968-08-06,2009-12-11,999-75-3953,S99993577,X28173268X,Mr.,Bennie663,,Ebert178,,,\
D,white,nonhispanic,F,Chicopee  Massachusetts  US,975 Pfannerstill Throughway,Braintree,Massachusetts,Norfolk County,\
25021,02184,42.25,-70.9,128319.6,54168.7,49737
"""
PATIENT = {
    "resourceType": "Patient", "id": "p1", "birthDate": "1961-02", "gender": "female", "active": True,
    "name": [{"use": "nickname", "family": "No"}, {"use": "official", "family": "Abel", "given": ["Anna", "Maria"]}],
    "telecom": [{"system": "email", "value": "anna@example.org"}, {"system": "phone", "value": "0555 01"}],
    "address": [{"line": ["1 Lane"], "city": "Oldtown", "postalCode": "0421"}],
    "identifier": [{"type": {"text": "Insurance"}, "value": "I-77"}, {"system": "urn:oid:1.2", "value": "9"}],
}  # fmt: skip
VCARDS = """BEGIN:VCARD\r
VERSION:3.0\r
UID:c1\r
N:Abel;Anna;Maria;;\r
FN:Anna Abel\r
BDAY:19610203\r
item1.TEL;TYPE=CELL:0555 01\r
ADR;TYPE=HOME:;;1 Lane\\, rear;Oldtown;;0421;\r
NOTE:Likes a very lo\r
 ng line\r
PHOTO;ENCODING=b:AAAA\r
END:VCARD\r
BEGIN:VCARD\r
VERSION:2.1\r
N;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:M=C3=BCller;Jo=C3=\r
=ABl\r
BDAY:1972-11-30\r
END:VCARD\r
"""


def bundle(*resources):
    return json.dumps({"resourceType": "Bundle", "entry": [{"resource": one} for one in resources]}).encode()


def test_export_of_synthea_is_imported_unchanged(staff):
    assert counts(imported(OF_SYNTHEA.encode(), by=staff, source="Synthea")) == {"create": 2}
    kunde = Patient.objects.get(family_name="Kunde533")
    assert (kunde.given_name, kunde.sex, str(kunde.date_of_birth)) == ("Joshua658 Alvin56", "male", "1994-02-06")
    assert kunde.address.splitlines()[0] == "811 Kihn Viaduct"
    assert {one.system: one.value for one in kunde.identifiers.all()} == {
        "Synthea": "30a6452c-4297-a1ac-977a-6a23237c7b46", "SSN": "999-52-8591", "DRIVERS": "S99996852",
        "PASSPORT": "X47758697X",
    }  # fmt: skip
    ebert = Patient.objects.get(family_name="Ebert178")
    assert (ebert.status, ebert.status_since) == ("died", dt.date(2009, 12, 11))
    assert counts(imported(OF_SYNTHEA.encode(), by=staff, source="Synthea")) == {"unchanged": 2}


def test_header_of_synthea_has_all_of_its_columns():
    assert len(next(csv.reader(io.StringIO(SYNTHEA)))) == 28


def test_workbook_with_dates_and_numbers_is_imported(staff):
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        for place, heading in enumerate(HEAD):
            sheet.write_string(0, place, heading)
        sheet.write_row(2, 0, [17, "Abel", "Anna"])
        sheet.write_datetime(2, 3, dt.date(1961, 2, 3), book.add_format({"num_format": "mm/dd/yyyy"}))
        sheet.write_row(2, 4, ["f", 301505])
    batch = imported(file.getvalue(), by=staff)
    anna = Patient.objects.get()
    assert (batch.rows.get().number, batch.rows.get().source_id) == (3, "17")
    assert (str(anna.date_of_birth), anna.phone) == ("1961-02-03", "301505")


def test_workbook_and_csv_give_the_same_rows(staff):
    assert counts(checked(as_workbook(ANNA, BERT), by=staff)) == {"create": 2}


def test_bundle_of_patients_is_imported(staff):
    batch = imported(bundle(PATIENT, {"resourceType": "Observation"}), by=staff)
    anna = Patient.objects.get()
    assert (anna.family_name, anna.given_name, str(anna.date_of_birth)) == ("Abel", "Anna Maria", "1961-02")
    assert (anna.phone, anna.email, anna.address) == ("0555 01", "anna@example.org", "1 Lane\n0421 Oldtown")
    assert [str(one) for one in anna.identifiers.all()] == ["Insurance: I-77", "Old records: p1", "urn:oid:1.2: 9"]
    assert batch.unread == ["active"]
    assert "without 1 other resources" in batch.file_description
    assert counts(imported(bundle(PATIENT), by=staff)) == {"unchanged": 1}


BROKEN_PATIENTS = {
    "names that are no list": {"name": {"family": "Abel"}},
    "a name that is no object": {"name": ["Abel"]},
    "no name": {"name": []},
    "a birth date that is none": {"birthDate": "in winter"},
    "telecom that is text": {"telecom": "0555"},
    "half a character": {"name": [{"family": "A\ud800b"}]},
    "a control character in a date": {"birthDate": "1961\x00\ud800"},
}


@pytest.mark.parametrize("name", BROKEN_PATIENTS)
def test_patient_that_is_no_fhir_is_skipped(name, staff):
    found = outcomes(checked(bundle({**PATIENT, **BROKEN_PATIENTS[name]}, {**PATIENT, "id": "p2"}), by=staff))
    assert [found[1][0], found[2][0]] == ["skip", "create"]
    assert found[1][1]


@pytest.mark.parametrize("content", [b"[" * 100_000, b'{"a": 1}', b'{"resourceType": "Bundle"}', b"{", b"[1, null]"])
def test_json_without_patients_is_rejected(content, staff):
    with pytest.raises(Refused, match="no FHIR bundle"):
        checked(content, by=staff)


def test_vcards_are_imported(staff):
    batch = imported(VCARDS.encode(), by=staff)
    anna, joel = Patient.objects.order_by("family_name")
    assert (anna.given_name, str(anna.date_of_birth), anna.phone) == ("Anna Maria", "1961-02-03", "0555 01")
    assert (anna.address, anna.note) == ("1 Lane, rear\nOldtown\n0421", "Likes a very long line")
    assert (joel.full_name, str(joel.date_of_birth)) == ("Müller Joël", "1972-11-30")
    assert batch.unread == ["PHOTO"]


@pytest.mark.parametrize("content", [b"BEGIN:VCARD\nN:Abel", b"BEGIN:VCARD\nno property\nEND:VCARD"])
def test_broken_vcards_are_rejected(content, staff):
    with pytest.raises(Refused):
        checked(content, by=staff)
