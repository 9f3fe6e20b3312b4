"""Opening a page writes its audit entry, sometimes its seal, and that the login is in use, and nothing else."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from clinic.records import sealing
from clinic.records.seals import known
from tests import access
from tests.extent import in_turn, some

pytestmark = pytest.mark.django_db

WRITES = re.compile(r'(?:INSERT(?: OR \w+)? INTO|UPDATE|DELETE FROM|TRUNCATE|MERGE INTO) "?([a-z_]+)', re.IGNORECASE)
OF_EVERY_PAGE = {"clinic_auditentry", "clinic_auditedpatient", "django_session"}


def written(queries):
    """The tables that these statements change; a lock of a row (FOR UPDATE OF) is no change."""
    statements = (query["sql"] for query in queries)
    texts = (re.sub(r"'(?:[^']|'')*'|FOR (?:NO KEY )?UPDATE(?: OF \S+)?", "", sql) for sql in statements)
    return {table for sql in texts for table in WRITES.findall(sql)}


def pages(letter):
    """The short run opens each page as one of those who may, and a part of the reads of the API."""
    urls = access.urls()
    of_api = some([url for url in urls if url.is_api], one_of=3)
    for place, url in enumerate(urls):
        if (not url.is_api or url in of_api) and letter in in_turn(access.allowed_roles(url.name, "GET"), place):
            yield url


def test_pages_and_reads_of_the_api_write_nothing(client, world, people_by_letter):
    found, opened = {}, 0
    for letter, person in people_by_letter.items():
        if person is None:
            continue
        client.force_login(world.clinician if letter == "N" else person)
        for url in pages(letter):
            path = world.fill(url.route)
            with CaptureQueriesContext(connection) as queries:
                response = client.get(path)
            opened += response.status_code == 200
            if tables := written(queries) - OF_EVERY_PAGE:
                found[letter, url.name] = tables
    assert opened > 100
    assert found == {}


@pytest.mark.engine
def test_page_after_five_seconds_also_writes_a_seal(client, world, settings):
    client.force_login(world.clinician)
    client.get("/patients/")
    settings.SEAL_AFTER_SECONDS, sealing.clock.next = 0, 0
    with CaptureQueriesContext(connection) as queries:
        client.get(world.patient.get_absolute_url())
    known.forget()
    assert written(queries) == {"clinic_auditentry", "clinic_auditedpatient", "clinic_auditseal"}


@pytest.mark.parametrize(
    ("sql", "tables"),
    [
        ('INSERT INTO "a_b" VALUES (1)', {"a_b"}),
        ("WITH x AS (INSERT INTO a_b (c) VALUES (1) RETURNING id) INSERT INTO b SELECT id FROM x", {"a_b", "b"}),
        ('UPDATE "a" SET b = 1', {"a"}),
        ("DELETE FROM a", {"a"}),
        ('SELECT 1 FROM "a" FOR NO KEY UPDATE OF "a"', set()),
        ("SELECT 'it''s UPDATE a'", set()),
    ],
)
def test_written_table_is_recognised(sql, tables):
    assert written([{"sql": sql}]) == tables
