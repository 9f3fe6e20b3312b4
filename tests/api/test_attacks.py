"""What an attacker tried, and what must hold against it."""

import time

import pytest

from tests import builders

PATIENCE = 5  # seconds; what is read in one go takes a fraction of one, and what is not, minutes


@pytest.fixture
def patient(db):
    return builders.a_patient()


def fresh(record):
    return type(record).objects.get(pk=record.pk)


def etag(record):
    return f'"{fresh(record).version}"'


# Bodies


def seconds_for(ask):
    began = time.monotonic()
    answer = ask()
    return answer, time.monotonic() - began


def test_a_text_without_an_end_is_refused_at_once(api, staff, patient):
    raw = b'{"note": "' + b'\\"' * 100_000
    answer, taken = seconds_for(lambda: api(staff).ask("PATCH", f"patients/{patient.pk}/", raw=raw))
    assert (answer.status_code, taken < PATIENCE) == (400, True)


def test_marks_upon_marks_are_refused_at_once(api, staff, patient):
    sent = {"note": "a" + "\u0301" * 80_000 + "\u0327" * 80_000}
    answer, taken = seconds_for(lambda: api(staff).patch(f"patients/{patient.pk}/", sent, If_Match=etag(patient)))
    assert (answer.status_code, list(answer.json()["errors"]), taken < PATIENCE) == (400, ["note"], True)
    assert fresh(patient).note == ""


def test_what_comes_without_its_length_is_refused_instead_of_dropped(api, staff, patient):
    """As a server hands it over: a body sent in pieces has no length, and Django would find it empty."""
    asks = api(staff)
    sent = {"content_type": "application/json", "headers": {"Transfer-Encoding": "chunked", "If-Match": etag(patient)}}
    for method, path in (("PATCH", f"patients/{patient.pk}/"), ("POST", "patients/")):
        answer = asks.client.generic(method, f"/api/v1/{path}", b'{"note": "Called"}', CONTENT_LENGTH="", **sent)
        assert (answer.status_code, answer.json()["detail"]) == (411, "Say in Content-Length how long the body is.")
    assert asks.get("patients/", Transfer_Encoding="chunked").status_code == 200
