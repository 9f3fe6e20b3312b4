"""The export of a world, made once for each module."""

import io
import json
import zipfile

import pytest
from django.db import connection
from django.utils import timezone

from planning.exports.everything import everything_as_zip
from tests import builders
from tests.world import World

TYPED = ("2.50", "007")


class ReadExport:
    """An export, as somebody reads it."""

    def __init__(self, content):
        self.content = content
        self.archive = zipfile.ZipFile(io.BytesIO(content))

    def json(self, name):
        return json.loads(self.archive.read(name))

    def rows(self, table):
        return [json.loads(line) for line in self.archive.read(f"ndjson/{table}.ndjson").splitlines()]

    def text(self):
        return "\n".join(self.archive.read(name).decode() for name in self.archive.namelist())


@pytest.fixture(scope="module")
def made_world(module_transaction):
    """Also a session with doses whose zeros a number would lose, and an amended one."""
    world = World()
    visit = builders.an_arrived_visit(patient=world.patient, clinician=world.clinician, hour=15)
    builders.a_signed_session(by=world.clinician, visit=visit, doses=TYPED)
    visit = builders.an_arrived_visit(patient=world.patient, clinician=world.clinician, hour=16)
    builders.an_amended_session(by=world.clinician, visit=visit)
    return world


@pytest.fixture(scope="module")
def exported(made_world):
    """Through the connection of the tests: a snapshot would not contain what they have not committed."""
    return ReadExport(b"".join(everything_as_zip(connection, at=timezone.now())))
