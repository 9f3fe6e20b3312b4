"""Prints and the plain text of a record: their contents, and who can open them."""

import pytest

from clinic.models import AuditEntry
from planning.sessions.actions.injections import change_injection
from planning.sessions.actions.sessions import change_session
from tests import builders

pytestmark = pytest.mark.django_db


@pytest.fixture
def signed(neurologist):
    session = builders.a_given_session(by=neurologist, doses=("1.10", "2.20"))
    row = session.injections.in_order().first()
    vial = builders.a_vial(session=session, lot_number="LOT-9", expiry="2027-08", diluent="saline", shared="no")
    builders.a_vial(session=session, lot_number="LOT-10")
    change_injection(
        injection=row,
        product=row.session.product,
        by=neurologist,
        version=row.version,
        sites=3,
        guidance="emg",
        vial=vial,
        note="deep",
    )
    builders.a_consent(session=session, by=neurologist)
    consent = session.visit.patient.consents.get()
    session.refresh_from_db()
    change_session(
        session=session, by=neurologist, version=session.version, consent=consent, complications="A little blood",
        notes="First line\nsecond line",
    )  # fmt: skip
    builders.sign(session, by=neurologist)
    session.refresh_from_db()
    return session


def text_of(client, record):
    response = client.get(f"/records/{record.pk}/text/")
    assert response["Content-Type"] == "text/plain; charset=utf-8"
    assert "no-store" in response["Cache-Control"]
    return response.content.decode()


def leaves(value):
    """Every text and number in a content."""
    if isinstance(value, dict):
        return [leaf for each in value.values() for leaf in leaves(each)]
    if isinstance(value, list):
        return [leaf for each in value for leaf in leaves(each)]
    return [value]


def test_text_contains_everything_that_was_signed(login, signed, neurologist):
    record = signed.record()
    text = text_of(login(neurologist), record)
    content = record.content
    for machine in ("id", "version"):
        for part in (content["patient"], content["visit"], content["session"], content["product"], content["operator"],
                     content["recorder"], *content["vials"], *content["injections"], *(row["muscle"] for row in
                     content["injections"])):  # fmt: skip
            part.pop(machine, None)
    for row in content["injections"]:
        for drawn in ("latin_name", "map_place", "group_map_place"):
            row["muscle"].pop(drawn)
    content["clinic"] = content["clinic"]["name"]
    content["visit"].pop("starts_at")
    for days in (content, content["patient"], content["consent"]):
        for name in ("given_on", "date_of_birth"):
            days.pop(name, None)
    content["patient"]["family_name"] = content["patient"]["family_name"].upper()
    for leaf in leaves(content):
        assert leaf in (None, "", False, True) or str(leaf) in text, leaf


def test_text_contains_doses_as_typed_with_their_unit(login, signed, neurologist):
    text = text_of(login(neurologist), signed.record())
    assert "Sternocleidomastoid, right: not planned · given 1.10 units Botox · sites: 3 · EMG · vial 1 · deep" in text
    assert "given 2.20 units" in text
    assert "Sum of typed given doses, Botox (2 of 2 injections): 3.30 units" in text
    assert signed.record().hash in text


def test_text_names_the_state_of_the_record(login, signed, neurologist):
    client, first = login(neurologist), signed.record()
    builders.an_amendment(signed, by=neurologist)
    assert "Amendment open since" in text_of(client, first)
    builders.amend(signed, by=neurologist)
    second = builders.sign(signed, by=neurologist)
    assert "It was amended: record 2" in text_of(client, first)
    assert "Record 2 amends record 1. Recorded incorrectly: Typed from the wrong sheet" in text_of(client, second)
    builders.an_error(signed, by=neurologist, reason="Wrong patient")
    assert "ENTERED IN ERROR" in text_of(client, second)


@pytest.mark.parametrize("what", ["print", "text"])
def test_print_and_text_are_audited_as_reads(login, signed, neurologist, what):
    login(neurologist).get(f"/records/{signed.record().pk}/{what}/")
    entry = AuditEntry.objects.order_by("-pk").first()
    assert (entry.action, entry.route) == ("read", f"planning:record-{what}")
    assert [row.patient_id for row in entry.patients.all()] == [signed.visit.patient_id]


def test_signed_or_ended_session_has_no_plan_to_print(login, signed, neurologist):
    client = login(neurologist)
    response = client.get(f"/sessions/{signed.pk}/plan/print/")
    assert response.status_code == 409
    assert "Print its record." in response.content.decode()
    planned = builders.a_planned_session(
        by=neurologist, visit=builders.an_arrived_visit(clinician=neurologist, hour=15)
    )
    builders.an_error(planned, by=neurologist, reason="twice")
    assert client.get(f"/sessions/{planned.pk}/plan/print/").status_code == 409


def test_plan_without_a_product_can_be_printed(login, neurologist):
    session = builders.a_planned_session(by=neurologist, product=None)
    page = login(neurologist).get(f"/sessions/{session.pk}/plan/print/").content.decode()
    assert "no product chosen" in page


def test_printed_plan_does_not_contain_given_doses(login, neurologist):
    session = builders.a_given_session(by=neurologist, doses=("7771.13",))
    assert "7771.13" not in login(neurologist).get(f"/sessions/{session.pk}/plan/print/").content.decode()


def test_day_list_of_clinic_staff_has_no_muscle_and_no_dose(login, staff, neurologist):
    builders.a_given_session(by=neurologist)
    page = login(staff).get("/day/print/?whose=all").content.decode()
    assert "Arrived" in page
    assert "signed" not in page
    assert "Sternocleidomastoid" not in page
    assert "1.11" not in page
