"""What each resource shows, that it is valid, and that a dose leaves as it was typed."""

import json

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from planning.fhir.elements import DATA_ABSENT_REASON
from planning.fhir.kinds import OF_A_PATIENT, SOURCES
from planning.models import Injection, SignedRecord
from tests import builders, rule
from tests.full_patient import SCORES
from tests.planning.fhir.conftest import Reader
from tests.planning.fhir.validators import validate
from tests.world import SECRETS

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def by_kind(fhir_world):
    """Every resource that a neurologist can read, and the audit trail, by kind and id."""
    doctor, auditor = (_at_a_desk(builders.a_person(role)) for role in ("neurologist", "auditor"))
    return {
        kind: {each["id"]: each for each in (auditor if kind == "AuditEvent" else doctor).search(f"{kind}?_count=100")}
        for kind in SOURCES
    }


def _at_a_desk(person):
    client = Client()
    client.force_login(person)
    return Reader(client)


@pytest.mark.parametrize("kind", SOURCES)
@pytest.mark.sample(3)
def test_every_resource_is_valid(kind, by_kind):
    assert by_kind[kind]
    for resource in by_kind[kind].values():
        assert validate(resource)


def test_every_reference_leads_to_a_resource(by_kind):
    there = {f"{kind}/{pk}" for kind, found in by_kind.items() for pk in found}
    named = {
        one
        for kind, found in by_kind.items()
        if kind != "AuditEvent"
        for resource in found.values()
        for one in references_in(resource)
    }
    assert len(named) > 50
    assert {one for one in named if not one.startswith("#")} - there == set()


def references_in(node):
    if isinstance(node, dict):
        if "reference" in node:
            yield node["reference"]
        for inner in node.values():
            yield from references_in(inner)
    elif isinstance(node, list):
        for inner in node:
            yield from references_in(inner)


# Doses


def test_every_dose_is_the_string_that_was_typed(fhir_world, program):
    typed = {
        str(row["id"]): row["given_dose"]
        for record in SignedRecord.objects.order_by("number")
        for row in record.content["injections"]
    }
    shown = {}
    text = program.get("/fhir/MedicationAdministration").content.decode()
    for entry in json.loads(text, parse_float=str, parse_int=str)["entry"]:
        dosage = entry["resource"]["dosage"]
        shown[entry["resource"]["id"]] = dosage
        dose = typed[entry["resource"]["id"]]
        as_typed = [one["valueString"] for one in dosage.get("extension", ()) if one["url"].endswith("dose-as-typed")]
        assert as_typed == ([dose] if dose else [])
        assert dosage["text"].split()[0] == (dose or "not")
        assert dosage["site"]["text"]
        assert dosage["dose"].get("value", dose) == dose
    assert rule.faults_in_fhir(text, typed=set(typed.values())) == []
    assert len(shown) == len(typed) > 6
    assert shown[str(fhir_world.removed.pk)]["dose"]["value"] == "2.50"
    assert '"value":2.50,' in text
    # And the other two cases
    assert shown[str(fhir_world.kept.pk)]["dose"] == {
        "extension": [{"url": DATA_ABSENT_REASON, "valueCode": "as-text"}], "unit": "units Botox"
    }  # fmt: skip
    (empty,) = [dosage for dosage in shown.values() if dosage["text"] == "not recorded"]
    assert empty["dose"] == {"extension": [{"url": DATA_ABSENT_REASON, "valueCode": "unknown"}]}


def test_dose_has_the_name_of_its_product_and_no_code(by_kind):
    for resource in by_kind["MedicationAdministration"].values():
        dose = resource["dosage"]["dose"]
        assert set(dose) <= {"value", "unit", "extension"}
        if "unit" in dose:
            brand = resource["contained"][0]["code"]["text"].partition(" (")[0]
            assert dose["unit"] == f"units {brand}"
            assert resource["dosage"]["text"].endswith(f" units {brand}")


def test_no_dose_of_an_unsigned_session_is_shown(by_kind, fhir_world):
    world = fhir_world.world
    rows = Injection.objects.filter(session__in=[world.session, world.planned, world.not_done, world.in_error])
    assert not {str(row.pk) for row in rows} & set(by_kind["MedicationAdministration"])
    everything = json.dumps([by_kind[kind] for kind in OF_A_PATIENT])
    assert SECRETS["given_dose"] in everything
    assert SECRETS["planned_dose"] not in everything


def test_injection_shows_its_site_product_and_vial(by_kind, fhir_world):
    row = fhir_world.full.session.injections.in_order().first()
    resource = by_kind["MedicationAdministration"][str(row.pk)]
    (medication,) = resource["contained"]
    assert medication["code"]["text"] == "Xeomin (incobotulinumtoxinA)"
    assert (medication["batch"]["lotNumber"], medication["batch"]["expirationDate"]) == ("LOT-EVERY-7", "2077-07")
    site = resource["dosage"]["site"]
    assert site["text"] == "Sternocleidomastoid, left"
    assert [each["code"] for each in site["coding"]] == ["UBERON:0001128", "FMA:13407"]
    assert site["extension"][0]["valueCodeableConcept"]["text"] == "left"
    assert resource["dosage"]["method"]["text"] == "Guidance: EMG and ultrasound"


def test_expiry_that_is_no_date_stays_as_typed(neurologist, program):
    session = builders.a_given_session(by=neurologist, muscles=(("SCM", "left"),))
    builders.a_vial(session=session, by=neurologist, lot_number="LOT-9", expiry="12/28")
    builders.sign(session, by=neurologist)
    (resource,) = program.search(f"MedicationAdministration?patient={session.visit.patient_id}")
    (expiry,) = resource["contained"][0]["batch"]["extension"]
    assert expiry["valueString"] == "12/28"
    assert "expirationDate" not in resource["contained"][0]["batch"]


# States


def test_each_state_of_a_session_has_its_status(by_kind, fhir_world):
    world = fhir_world.world
    expected = {
        world.signed: "completed",
        world.amended: "completed",
        fhir_world.shortened: "completed",
        world.session: "in-progress",
        world.planned: "preparation",
        world.not_done: "not-done",
        world.in_error: "entered-in-error",
    }
    assert {session: by_kind["Procedure"][str(session.pk)]["status"] for session in expected} == expected
    assert by_kind["Procedure"][str(world.in_error.pk)]["statusReason"]["text"] == SECRETS["reason"]


def test_unsigned_session_shows_only_its_state(by_kind, fhir_world):
    shown = by_kind["Procedure"][str(fhir_world.world.session.pk)]
    assert set(shown) == {"resourceType", "id", "meta", "status", "code", "subject", "encounter"}
    assert "lastUpdated" not in shown["meta"]


def test_amended_session_shows_and_names_its_latest_record(by_kind, fhir_world):
    first, second = fhir_world.full.session.records.order_by("number")
    shown = by_kind["Procedure"][str(fhir_world.full.session.pk)]
    assert shown["identifier"][0]["value"] == second.hash
    assert shown["note"][0]["text"].startswith("Amends record 1. ")
    versions = [by_kind["Provenance"][f"record-{record.pk}"] for record in (first, second)]
    assert [each["activity"]["coding"][0]["code"] for each in versions] == ["CREATE", "UPDATE"]
    assert versions[1]["reason"][0]["text"].endswith("Amended for seven reasons.")
    assert [each["what"]["identifier"]["value"] for each in versions[1]["entity"]] == [second.hash, first.hash]
    for each in versions:
        assert {target["reference"] for target in each["target"]} >= {f"Procedure/{fhir_world.full.session.pk}"}


def test_row_that_an_amendment_removed_is_entered_in_error(by_kind, fhir_world):
    found = by_kind["MedicationAdministration"]
    removed, kept = found[str(fhir_world.removed.pk)], found[str(fhir_world.kept.pk)]
    assert (removed["status"], kept["status"]) == ("entered-in-error", "completed")
    assert removed["statusReason"][0]["text"] == "Removed by an amendment"


def test_row_without_a_dose_that_was_left_out_is_not_done(by_kind, fhir_world):
    row = fhir_world.full.session.injections.in_order().last()
    shown = by_kind["MedicationAdministration"][str(row.pk)]
    assert (shown["status"], shown["statusReason"][0]["text"]) == ("not-done", "Left out for seven reasons.")
    assert shown["dosage"]["text"] == "not recorded"


def test_error_mark_of_a_signed_session_reaches_its_injections(fhir_world, program):
    session, by = fhir_world.world.signed, fhir_world.world.clinician
    path, rows = f"Procedure/{session.pk}", f"MedicationAdministration?context=Encounter/{session.visit_id}"
    before = program.read(path)["meta"]
    builders.an_error(session, by=by, reason="Another patient")
    assert {row["status"] for row in program.search(rows)} == {"entered-in-error"}
    marked = program.read(path)
    assert (marked["status"], marked["statusReason"]["text"]) == ("entered-in-error", "Another patient")
    assert marked["meta"]["lastUpdated"] > before["lastUpdated"]
    builders.undo_error(session, by=by)
    assert {row["status"] for row in program.search(rows)} == {"completed"}
    found = program.search(f"Provenance?target=Procedure/{session.pk}")
    codes = [each["activity"]["coding"][0]["code"] for each in found]
    assert codes == ["CREATE", "NULLIFY", "REACTIVATE"]


def test_marked_score_and_event_say_so(fhir_world, program):
    world = fhir_world.world
    for record in (world.assessment, world.event):
        builders.in_error(record, by=world.clinician, reason="Typed for somebody else")
    assert program.read(f"Observation/{world.score.pk}")["status"] == "entered-in-error"
    event = program.read(f"AdverseEvent/{world.event.pk}")
    assert validate(event)
    assert event["modifierExtension"] == [
        {"url": "urn:collum:entered-in-error", "valueString": "Typed for somebody else"}
    ]


def test_each_state_of_a_visit_has_its_status(by_kind, fhir_world):
    world = fhir_world.world
    shown = [
        (by_kind["Appointment"][str(visit.pk)]["status"], by_kind["Encounter"][str(visit.pk)]["status"])
        for visit in (world.visit, world.to_move, world.not_done.visit, fhir_world.full.visit)
    ]
    assert shown == [
        ("arrived", "arrived"), ("booked", "planned"), ("cancelled", "cancelled"), ("fulfilled", "finished")
    ]  # fmt: skip


# People and findings


def test_joined_records_refer_to_each_other(by_kind, fhir_world):
    main = fhir_world.full.patient
    (other,) = main.others.all()
    assert by_kind["Patient"][str(main.pk)]["link"] == [
        {"other": {"reference": f"Patient/{other.pk}"}, "type": "replaces"}
    ]
    joined = by_kind["Patient"][str(other.pk)]
    assert (joined["active"], joined["link"][0]["type"]) == (False, "replaced-by")


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("1932-03-14", {"birthDate": "1932-03-14"}),
        ("1932-03", {"birthDate": "1932-03"}),
        ("1932", {"birthDate": "1932"}),
        ("unknown", {"_birthDate": {"extension": [{"url": DATA_ABSENT_REASON, "valueCode": "unknown"}]}}),
    ],
)
def test_birth_date_with_unknown_parts_is_shown_as_known(typed, shown, program):
    patient = program.read(f"Patient/{builders.a_patient(date_of_birth=typed, diagnosis_code='G24.3').pk}")
    assert {name: patient[name] for name in patient if "birthDate" in name} == shown
    assert validate(patient)
    condition = program.read(f"Condition/{patient['id']}")
    assert condition["code"] == {"coding": [{"code": "G24.3"}], "text": "G24.3"}


def test_scores_are_the_figures_that_the_pages_show(by_kind, fhir_world, program):
    text = program.get(f"/fhir/Observation?patient={fhir_world.full.patient.pk}").content.decode()
    found = json.loads(text, parse_float=str, parse_int=str)["entry"]
    shown = {
        entry["resource"]["code"]["coding"][0]["display"]: entry["resource"]["valueQuantity"]["value"]
        for entry in found
    }
    assert shown == SCORES


def test_adverse_event_names_its_session_and_grades(by_kind, fhir_world):
    event = fhir_world.full.events[0]
    shown = by_kind["AdverseEvent"][str(event.pk)]
    assert [shown[name]["coding"][0]["code"] for name in ("severity", "seriousness", "outcome")] == [
        "severe", "serious", "resolvedWithSequelae"
    ]  # fmt: skip
    assert shown["suspectEntity"][0]["instance"]["reference"] == f"Procedure/{fhir_world.full.session.pk}"


def test_audit_events_contain_no_clinical_text(by_kind, fhir_world):
    text = json.dumps(by_kind["AuditEvent"], ensure_ascii=False)
    assert [secret for secret in SECRETS.values() if secret in text] == []
    assert {each["agent"][0]["requestor"] for each in by_kind["AuditEvent"].values()} == {True}


# Queries


@pytest.mark.parametrize("kind", SOURCES)
@pytest.mark.sample(3)
def test_number_of_queries_does_not_depend_on_the_rows(kind, by_kind, reader, neurologist, auditor):
    asks = reader(auditor if kind == "AuditEvent" else neurologist)
    counts = []
    for size in (1, 100):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            bundle = asks.bundle(f"{kind}?_count={size}")
        counts.append(len(queries))
        assert len(bundle["entry"]) == min(size, len(bundle["entry"]))
    assert counts[0] >= counts[1] - _of_further_sources(kind)


def _of_further_sources(kind):
    """A page that is full does not ask the other sources of its kind."""
    return len(SOURCES[kind]) - 1


def test_everything_of_a_patient_takes_a_fixed_number_of_queries(fhir_world, program):
    counts = []
    for patient in (fhir_world.full.patient, fhir_world.world.patient):
        with CaptureQueriesContext(connection) as queries:
            assert len(program.bundle(f"Patient/{patient.pk}/$everything")["entry"]) > 20
        counts.append(len(queries))
    assert max(counts) - min(counts) <= 3  # what prefetches for no row is left out
