"""A world, and programs that read it as FHIR."""

import json
from urllib.parse import urlencode

import pytest
from django.test import Client

from planning.sessions.actions.injections import remove_injection
from tests import builders
from tests.api.conftest import Program, a_token
from tests.full_patient import FullPatient
from tests.world import World

FORM = "application/x-www-form-urlencoded"


class FhirWorld:
    """A patient with everything that can be recorded, and sessions in every state."""

    def __init__(self):
        self.full = FullPatient()
        self.world = World().with_every_state()
        self._amended_away()

    def _amended_away(self):
        """A session whose amendment removed a row and added another."""
        by = self.world.clinician
        visit = builders.an_arrived_visit(clinician=by, hour=15)
        self.shortened = builders.a_signed_session(by=by, visit=visit, doses=("2.50", "007"))
        builders.an_amendment(self.shortened, by=by, reason="The other side")
        self.removed, self.kept = self.shortened.injections.in_order()
        remove_injection(injection=self.removed, by=by, version=self.removed.version, product=self.shortened.product)
        builders.sign(self.shortened, by=by)


@pytest.fixture(scope="module")
def fhir_world(module_transaction):
    return FhirWorld()


class Reader(Program):
    """`read("Patient/1")` is the resource; `search("Patient", _count=5)` all resources, page by page."""

    def read(self, path):
        response = self.get(f"/fhir/{path}")
        assert response.status_code == 200, response.content
        return json.loads(response.content)

    def bundle(self, path):
        bundle = self.read(path)
        assert (bundle["resourceType"], bundle["type"]) == ("Bundle", "searchset")
        return bundle

    def search(self, path):
        found, bundle = [], self.bundle(path)
        while True:
            found += [entry["resource"] for entry in bundle.get("entry", ())]
            url = next((link["url"] for link in bundle["link"] if link["relation"] == "next"), None)
            if url is None:
                return found
            bundle = self.bundle(url.partition("/fhir/")[2])

    def posted(self, kind, **terms):
        return [entry["resource"] for entry in self.posted_bundle(kind, **terms).get("entry", ())]

    def posted_bundle(self, kind, **terms):
        response = self.ask("POST", f"/fhir/{kind}/_search", raw=urlencode(terms).encode(), content_type=FORM)
        assert response.status_code == 200, response.content
        return json.loads(response.content)

    def refused(self, path, status):
        """The message of the OperationOutcome."""
        response = self.get(f"/fhir/{path}")
        assert (response.status_code, response["Content-Type"].partition(";")[0]) == (status, "application/fhir+json")
        outcome = json.loads(response.content)
        assert outcome["resourceType"] == "OperationOutcome"
        return outcome["issue"][0]["diagnostics"]


@pytest.fixture
def reader():
    """`reader(person)` reads with a token of that person, with every permission that it can have."""

    def of(person, permissions=None):
        return Reader(Client(), {"Authorization": f"Bearer {a_token(person, permissions).secret}"})

    return of


@pytest.fixture
def program(reader, neurologist):
    """A program of a neurologist."""
    return reader(neurologist)
