"""Every operation that changes a record sends its version; a stale request is not stored."""

import pytest
from django.db import transaction

from tests.api.examples import example_of
from tests.api.operations import OPERATIONS
from tests.extent import first_of_each
from tests.test_stale_pages import is_changed, stored
from tests.written_tables import written_tables

ADDS = "adds something new, once for its Idempotency-Key"
# Operations that take neither a version nor a hash, each with the reason.
NOTHING_SEEN = {
    "patients_search": "changes nothing",
    "audit_search": "changes nothing",
    "patients_create": ADDS,
    "patients_coverage_create": ADDS,
    "patients_therapies_create": ADDS,
    "patients_consents_create": ADDS,
    "patients_information_create": ADDS,
    "working_hours_create": "adds the hours of a clinician; a clinician who has hours already is refused",
    "absences_create": ADDS,
    "delays_create": "notes the delay of a clinician; one who has another delay already today is refused",
    "closures_create": ADDS,
    "visits_create": ADDS,
    "follow_ups_create": ADDS,
    "follow_ups_book": "adds a visit, once for its Idempotency-Key; the follow-up has to be open still",
    "waiting_list_create": ADDS,
    "muscles_create": ADDS,
    "products_create": ADDS,
    "instruments_create": ADDS,
    "sessions_create": ADDS,
    "sessions_injections_create": ADDS,
    "sessions_vials_create": ADDS,
    "reviews_create": ADDS,
    "letters_create": ADDS,
    "letters_sendings": "adds that it was sent, once for its Idempotency-Key; the letter has to be signed off",
    "muscle_sets_create": ADDS,
    "muscle_sets_add": "adds a muscle to the user's own set where it is missing",
    "assessments_create": ADDS,
    "scores_create": "adds a score; one that is there with another value is refused",
    "responses_create": ADDS,
    "adverse_events_create": ADDS,
}
WRITES = {name for name, operation in OPERATIONS.items() if operation.method in {"POST", "PATCH", "DELETE"}}


def old(example):
    """What was read, in another version."""
    body = example.body
    if body is None:
        return body, {"If-Match": f'"{int(example.headers["If-Match"].strip(chr(34))) + 5}"'}
    if "content_hash" in body:
        return {**body, "content_hash": "0" * 64}, {}
    if "error_mark" in body:
        return {**body, "error_mark": body["error_mark"] + 5}, {}
    return {**body, "version": body["version"] + 5}, {}


def without(example):
    """Without anything that was read."""
    seen = {"version", "content_hash", "error_mark"}
    return example.body and {name: value for name, value in example.body.items() if name not in seen}, {}


@pytest.fixture(scope="module")
def before(made_world, people):
    """What is stored before any of them is asked: each request is taken back."""
    return stored()


def ask(name, world, asker, change, before):
    """(status, whether anything was stored), of a request that is taken back."""
    example = example_of(name, world)
    body, headers = change(example)
    with transaction.atomic():
        with written_tables() as written:
            response = asker(name).ask(OPERATIONS[name].method, example.path, body, **headers)
        changed = is_changed(before, written)
        transaction.set_rollback(True)
    return response.status_code, changed


def test_exceptions_are_operations_that_write():
    assert NOTHING_SEEN.keys() <= WRITES


@pytest.mark.parametrize("name", sorted(WRITES - NOTHING_SEEN.keys()))
def test_stale_request_is_a_conflict_and_not_stored(name, world, asker, before):
    assert ask(name, world, asker, old, before) == (409, False)


def resource(name):
    return OPERATIONS[name].template.split("/")[3]


# The code that asks for it is the same for all; test_document shows that each operation documents it.
@pytest.mark.parametrize("name", first_of_each(sorted(WRITES - NOTHING_SEEN.keys()), resource))
def test_request_without_what_was_read_is_rejected(name, world, asker, before):
    status, changed = ask(name, world, asker, without, before)
    assert status in {400, 428}
    assert not changed
