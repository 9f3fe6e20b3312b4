"""Every read, change or refused action on a patient leaves one audit entry; responses are not cached."""

import datetime as dt
import json
import re

import pytest
from django.db import DatabaseError
from django.test import Client

from clinic.models import ApiToken, AuditEntry
from clinic.records import audit_rows
from patients.models import Patient
from planning.models import InjectionSession
from tests import access, builders
from tests.api.conftest import Program
from tests.api.test_idempotency import CREATIONS
from tests.api.test_versions import CHANGES, kind_of, one_of_each_resource
from tests.extent import some
from tests.test_reads_audited import entries_since, last_entry
from tests.world import SECRETS, World

pytestmark = pytest.mark.django_db

CATALOGUE = ("muscle", "product", "instrument")
WITHOUT_PATIENT = (
    "clinician", "working-hours", "absence", "closure", "delay", "muscle-set", "visit-length", "letter-template",
)  # fmt: skip
URLS = [url for url in access.urls() if url.is_api and not url.is_fhir]
# What of an answer names a patient.
OF_PATIENTS = {"patient", "alike", "same_as"}


@pytest.fixture(scope="module")
def made_world(module_transaction):
    """A patient with everything, and more in lists."""
    world = World()
    for hour in (12, 13, 14):
        patient = builders.a_patient(record_number=f"RN-7700{hour}")
        builders.a_follow_up(patient=patient, clinician=world.clinician)
        visit = builders.an_arrived_visit(patient=patient, clinician=world.clinician, hour=hour)
        session = builders.a_given_session(by=world.clinician, visit=visit)
        builders.a_vial(session=session, lot_number=SECRETS["lot_number"])
    return world


def named(body):
    """Ids of the patients that a piece of JSON names."""
    if isinstance(body, list):
        return set().union(*map(named, body))
    if not isinstance(body, dict):
        return set()
    found = set().union(*(named(value) for name, value in body.items() if name not in OF_PATIENTS))
    for name in OF_PATIENTS & body.keys():
        value = body[name]
        # In the content of a record a patient is an object with its id.
        found |= {value} if isinstance(value, int) else set(value) if isinstance(value, list) else named(value)
    return found


def shown_in(response, path):
    """All patients that the response or its URL names."""
    body = response.json() if response["Content-Type"].endswith("json") else {}
    text = response.content.decode()
    found = named(body) | {one.pk for one in Patient.objects.all() if re.search(rf"{one.record_number}\b", text)}
    if path.startswith("/api/v1/patients/"):
        found |= {row["id"] for row in body.get("results", [body]) if "family_name" in row}
    if beneath := re.match(r"/api/v1/(patients|sessions)/(\d+)/", path):
        kind, pk = beneath[1], int(beneath[2])
        found.add(pk if kind == "patients" else InjectionSession.objects.get(pk=pk).visit.patient_id)
    return found


def letters(url, method):
    return access.allowed_roles(url.name, method)


def reading(letter):
    return [url for url in URLS if letter in letters(url, "GET")]


# What is read


@pytest.mark.parametrize("who", ["login", pytest.param("token", marks=pytest.mark.full)])
def test_response_with_patients_leaves_one_entry_that_names_them(who, world, api, program):
    asks = (api if who == "login" else program)(world.clinician)
    roles = "neurologist" if who == "login" else f"neurologist, token {ApiToken.objects.latest('pk').pk}"
    counts = {}
    for url in reading("N"):
        path, before = world.fill(url.route), last_entry()
        response = asks.get(path)
        assert response.status_code == 200, url.name
        shown = shown_in(response, path)
        assert entries_since(before) == ([("read", shown)] if shown else []), url.name
        if shown:
            entry = AuditEntry.objects.latest("pk")
            assert (entry.actor, entry.roles, entry.route) == (world.clinician, roles, url.name)
            assert entry.request_id == response["X-Request-ID"]
        counts[url.name] = len(shown)

    # Otherwise this would pass for empty responses
    assert {name for name, count in counts.items() if not count} == {
        "api:free-time-list", "api:me-list", "api:schema-list", "api:docs-list",
        *(f"api:{kind}-{what}" for kind in (*CATALOGUE, *WITHOUT_PATIENT) for what in ("list", "detail")),
    }  # fmt: skip
    assert counts["api:patient-list"] == Patient.objects.count()
    assert counts["api:visit-list"] > 3 <= counts["api:lot-list"]
    assert counts["api:session-list"] > 3 <= counts["api:follow-up-list"]


def test_entry_names_only_patients_on_the_page(world, api):
    asks, path = api(world.clinician), "/api/v1/patients/?page_size=2"
    for _ in range(2):
        before = last_entry()
        response = asks.get(path)
        shown = {row["id"] for row in response.json()["results"]}
        assert len(shown) == 2
        assert entries_since(before) == [("read", shown)]
        path = response.json()["next"]


def test_linked_record_is_named_where_it_is_shown(world, api):
    builders.the_same_person(world.same, world.patient, by=world.clinician)
    asks, before = api(world.clinician), last_entry()
    response = asks.get(f"lots/?lot={SECRETS['lot_number']}")
    assert {world.same.pk, world.patient.pk} <= named(response.json())
    assert entries_since(before) == [("read", named(response.json()))]


def test_reading_the_audit_trail_names_the_patient_looked_up(world, api, auditor):
    asks = api(auditor)
    before = last_entry()
    asks.get(f"audit/?patient={world.patient.pk}")
    for number in (world.patient.record_number.lower(), "nobody"):
        asks.post("audit/search/", {"record_number": number})
    looked_up = [("read the audit trail", patients) for patients in ({world.patient.pk}, {world.patient.pk}, set())]
    assert entries_since(before) == looked_up


# What is changed


@pytest.mark.parametrize("name", one_of_each_resource(CHANGES))
def test_change_leaves_one_entry_and_no_read(name, api, neurologist, catalogue_manager):
    method, path, sent, record = CHANGES[name](neurologist)
    version = type(record).objects.get(pk=record.pk).version
    asks, before = api(catalogue_manager if kind_of(name) in CATALOGUE else neurologist), last_entry()
    response = asks.ask(method, path, sent, If_Match=f'"{version}"')
    assert_audited_once(response, before, name)


@pytest.mark.parametrize("name", one_of_each_resource(CREATIONS))
def test_creation_names_its_patient_and_a_repeat_is_a_read(name, api, neurologist, catalogue_manager):
    path, sent, _ = CREATIONS[name](neurologist)
    asks, key = api(catalogue_manager if kind_of(name) in CATALOGUE else neurologist), builders.a_submission_key()
    before = last_entry()
    response = asks.post(path, sent, Idempotency_Key=key)
    shown = assert_audited_once(response, before, name)
    before = last_entry()
    assert asks.post(path, sent, Idempotency_Key=key).status_code == 201
    assert entries_since(before) == ([("read", shown)] if shown else [])


def assert_audited_once(response, before, name):
    assert response.status_code in (200, 201, 204), response.json()
    entries = entries_since(before)
    assert entries != []
    assert "read" not in {what for what, _ in entries}
    about = {pk for _, patients in entries for pk in patients}
    assert len(about) == (0 if kind_of(name) in (*CATALOGUE, *WITHOUT_PATIENT) else 1)
    assert {patients == about for _, patients in entries} == {True}
    for entry in AuditEntry.objects.filter(pk__gt=before or 0):
        assert entry.route.startswith(f"api:{kind_of(name)}-")
        assert (entry.outcome, entry.request_id) == ("done", response["X-Request-ID"])
    return about


# Refused actions


def test_stale_change_leaves_one_entry_with_the_patients_shown(world, program):
    asks = program(world.clinician)
    for path, sent in (
        (f"patients/{world.patient.pk}/", {"phone": "0555", "version": 99}),
        (f"patients/{world.patient.pk}/therapies/{world.therapy.pk}/", {"provider": "So", "version": 99}),
        (f"visits/{world.to_move.pk}/arrive/", {"version": 99}),
    ):
        before = last_entry()
        response = asks.patch(path, sent) if "arrive" not in path else asks.post(path, sent)
        assert response.status_code == 409
        assert entries_since(before) == [("refused", {world.patient.pk})], path
        entry = AuditEntry.objects.latest("pk")
        assert (entry.outcome, entry.roles.startswith("neurologist, token ")) == ("refused", True)


def test_likely_duplicates_are_named(world, api):
    known = world.patient
    sent = {
        "family_name": known.family_name, "given_name": known.given_name, "sex": "female",
        "date_of_birth": known.date_of_birth,
    }  # fmt: skip
    asks, before = api(world.clinician), last_entry()
    response = asks.post("patients/", sent)
    assert (response.status_code, response.json()["alike"]) == (409, [known.pk])
    assert entries_since(before) == [("refused", {known.pk})]


def test_refused_action_names_the_patient_as_the_page_does(world, api):
    asks, patient, seen = api(world.clinician), world.patient, {"product": world.signed.product_id}
    taken = {"starts_at": world.visit.starts_at.isoformat(), "kind": "review", "clinician": world.clinician.pk}
    yesterday = (builders.today() - dt.timedelta(days=1)).isoformat()
    for method, path, sent in (
        ("POST", "visits/", {**taken, "patient": patient.pk, "outside_note": "So"}),
        ("POST", f"visits/{world.visit.pk}/no-show/", {"version": world.visit.version}),
        ("POST", f"follow-ups/{world.follow_up.pk}/contact-attempts/",
         {"how": "phone", "outcome": "reached", "call_again_on": yesterday, "version": world.follow_up.version}),
        ("POST", "follow-ups/", {"patient": patient.pk, "kind": "review", "clinician": world.clinician.pk,
                                 "due_on": yesterday}),
        ("POST", f"patients/{patient.pk}/coverage/",
         {"payer": "x", "valid_from": "2026-02-02", "valid_until": "2026-02-01"}),
        ("PATCH", f"sessions/{world.signed.pk}/", {"notes": "So", "version": world.signed.version}),
        ("POST", f"sessions/{world.signed.pk}/injections/", {"muscle": world.muscle.pk, "side": "left", **seen}),
        ("POST", f"sessions/{world.signed.pk}/vials/", {"lot_number": "x", **seen}),
        ("POST", f"sessions/{world.session.pk}/amend/",
         {"kind": "recorded_wrongly", "reason": "x", "version": world.session.version}),
        ("POST", "assessments/", {"visit": world.to_move.pk}),
        ("POST", "responses/", {"session": world.session.pk, "visit": world.visit.pk, "effect": "response"}),
    ):  # fmt: skip
        before = last_entry()
        response = asks.ask(method, path, sent)
        assert response.status_code == 409, (path, response.json())
        assert entries_since(before) == [("refused", {patient.pk})], path


def test_reused_key_with_other_content_leaves_a_refusal(world, api):
    asks, path = api(world.clinician), f"patients/{world.patient.pk}/therapies/"
    asks.post(path, {"kind": "other"}, Idempotency_Key="1")
    before = last_entry()
    assert asks.post(path, {"kind": "nerve_block"}, Idempotency_Key="1").status_code == 422
    assert entries_since(before) == [("refused", {world.patient.pk})]


def test_denied_access_leaves_an_entry_without_a_patient(world, api, program, staff):
    for asks, path in (
        (api(staff), f"sessions/{world.session.pk}/"),
        (api(staff), f"records/{world.record.pk}/"),
        (program(staff), "sessions/"),
        (program(world.clinician), f"sessions/{world.session.pk}/sign/"),
    ):
        before = last_entry()
        response = asks.post(path) if path.endswith("sign/") else asks.get(path)
        assert response.status_code == 403
        assert entries_since(before) == [("refused", set())]


def test_request_without_a_login_names_no_patient(world):
    before, asks = last_entry(), Program(Client())
    for url in URLS:
        assert asks.get(world.fill(url.route)).status_code == 401
    assert entries_since(before) == [("refused", set())] * len(URLS)


def test_response_that_cannot_be_audited_is_not_shown(world, api, monkeypatch):
    asks = api(world.clinician)
    asks.get("me/")

    def broken(entry, patients):
        raise DatabaseError("the trail is full")

    monkeypatch.setattr(audit_rows, "insert", broken)
    asks.client.raise_request_exception = False
    for path in (f"patients/{world.patient.pk}/", "patients/", f"sessions/{world.session.pk}/"):
        response = asks.get(path)
        assert (response.status_code, response["Retry-After"]) == (503, "5")
        assert response["Content-Type"] == "application/problem+json"
        assert SECRETS["family_name"] not in response.content.decode()
        assert "7771.13" not in response.content.decode()


# What stays


def test_entries_contain_no_name_dose_or_search_text(world, program, auditor, api):
    asks, secrets = program(world.clinician), [*SECRETS.values(), world.patient.record_number]
    before = last_entry()
    for url in reading("N"):
        asks.get(world.fill(url.route))
    for word in some(secrets, one_of=3):
        asks.post("patients/search/", {"search": word})
        asks.get(f"lots/?lot={word}")
        asks.post("patients/", {"family_name": word, "version": word})
        api(auditor).post("audit/search/", {"record_number": word})
    stored = json.dumps(list(AuditEntry.objects.filter(pk__gt=before).values()), default=str, ensure_ascii=False)
    assert len(stored) > 10_000
    assert [secret for secret in secrets if secret.lower() in stored.lower()] == []


def test_responses_are_not_cached(world, api, staff):
    """For every status. `Program.ask` looks at the response of each test of the API."""
    patient = f"patients/{world.patient.pk}/"
    programs = api(staff), Program(Client())
    seen = {program.ask(method, patient, {}).status_code for program in programs for method in ("GET", "PATCH", "PUT")}
    assert seen >= {200, 401, 405, 428}
