"""Attacks that were found, and the protection against them."""

import datetime as dt
import io
import time

import pytest

from planning.sessions.actions.injections import change_injection
from tests import builders

PATIENCE = 20  # seconds of the processor; what is read in one go takes a fraction of one, and what is not, minutes


@pytest.fixture
def patient(db):
    return builders.a_patient()


def fresh(record):
    return type(record).objects.get(pk=record.pk)


def etag(record):
    return f'"{fresh(record).version}"'


# What a token leaves alone


RECORDS = (403, "A token cannot record what was given. A person records it in Collum.")


def detail_of(response):
    return response.status_code, response.json()["detail"]


@pytest.fixture
def session(neurologist):
    """Being recorded, with one muscle not given and no dose yet."""
    visit = builders.an_arrived_visit(clinician=neurologist)
    session = builders.record(builders.a_planned_session(by=neurologist, visit=visit), by=neurologist)
    row = session.injections.in_order().first()
    why = {"not_given": True, "not_given_reason": "Bruised there"}
    change_injection(injection=row, product=row.session.product, by=neurologist, version=row.version, **why)
    return session


def test_token_cannot_end_a_recorded_session_through_its_visit(session, program, neurologist):
    asks, visit = program(neurologist), session.visit
    for what, sent in (("cancel", {"reason": "Ill"}), ("no-show", {})):
        response = asks.post(f"visits/{visit.pk}/{what}/", {**sent, "version": fresh(visit).version})
        assert detail_of(response) == RECORDS
    assert (fresh(visit).state, fresh(session).state) == (visit.state, session.state)


def test_token_cannot_move_a_recorded_session(program, neurologist):
    visit = builders.a_visit(clinician=neurologist, day=builders.today())
    session = builders.record(builders.a_planned_session(by=neurologist, visit=visit), by=neurologist)
    sent = {
        "starts_at": f"{builders.today() + dt.timedelta(days=7)}T10:00",
        "outside_note": "So",
        "version": visit.version,
    }
    assert detail_of(program(neurologist).post(f"visits/{visit.pk}/move/", sent)) == RECORDS
    assert (fresh(session).visit, fresh(visit).state) == (visit, visit.state)


def test_token_cannot_change_recorded_values_back_in_planning(session, program, neurologist):
    builders.plan_again(session, by=neurologist)
    row, other = session.injections.in_order()
    asks, product = program(neurologist), builders.a_product("Dysport")
    path = f"sessions/{session.pk}/"
    responses = [
        asks.delete(f"{path}injections/{row.pk}/?product={session.product_id}", If_Match=etag(row)),
        asks.patch(f"{path}injections/{row.pk}/", {"note": "So", "product": session.product_id}, If_Match=etag(row)),
        asks.patch(path, {"product": product.pk}, If_Match=etag(session)),
        asks.post(f"{path}not-done/", {"reason": "Ill", "version": fresh(session).version}),
        asks.post(f"visits/{session.visit_id}/cancel/", {"reason": "Ill", "version": fresh(session.visit).version}),
    ]
    assert [detail_of(response) for response in responses] == [RECORDS] * len(responses)
    assert (fresh(row).removed_at, fresh(row).not_given, fresh(other).removed_at) == (None, True, None)


# Bodies


def seconds_for(ask):
    began = time.process_time()
    response = ask()
    return response, time.process_time() - began


def test_endless_text_is_rejected_quickly(api, staff, patient):
    raw = b'{"note": "' + b'\\"' * 100_000
    response, taken = seconds_for(lambda: api(staff).ask("PATCH", f"patients/{patient.pk}/", raw=raw))
    assert (response.status_code, taken < PATIENCE) == (400, True)


def test_stacked_combining_marks_are_rejected_quickly(api, staff, patient):
    sent = {"note": "a" + "\u0301" * 80_000 + "\u0327" * 80_000}
    response, taken = seconds_for(lambda: api(staff).patch(f"patients/{patient.pk}/", sent, If_Match=etag(patient)))
    assert (response.status_code, list(response.json()["errors"]), taken < PATIENCE) == (400, ["note"], True)
    assert fresh(patient).note == ""


def test_body_without_content_length_is_rejected(api, staff, patient):
    """As a server hands it over: a body sent in pieces has no length, and Django would find it empty."""
    client = api(staff).client
    headers = {"Transfer-Encoding": "chunked", "If-Match": etag(patient)}

    def ask(method, path, body):
        stream = {"CONTENT_LENGTH": "", "wsgi.input": io.BytesIO(body)}
        return client.generic(method, f"/api/v1/{path}", content_type="application/json", headers=headers, **stream)

    for method, path in (("PATCH", f"patients/{patient.pk}/"), ("POST", "patients/")):
        response = ask(method, path, b'{"note": "Called"}')
        assert (response.status_code, response.json()["detail"]) == (
            411,
            "Send the length of the body in Content-Length.",
        )
    assert ask("GET", "patients/", b"").status_code == 200


def test_api_takes_and_returns_a_partial_date(api, staff):
    asks = api(staff)
    sent = {"family_name": "Okafor", "date_of_birth": "1932-03", "sex": "female"}
    response = asks.post("patients/", sent)
    assert (response.status_code, response.json()["date_of_birth"]) == (201, "1932-03")
    for date in ("mar 1932", "1932-3", "32", "1932-13", "1932-W01", "", None, 1932):
        response = asks.post("patients/", {**sent, "date_of_birth": date})
        assert (response.status_code, list(response.json()["errors"])) == (400, ["date_of_birth"]), date


@pytest.mark.parametrize("day", ["19700102", "1970-W01-1", "1970-1-2", "１９７０-01-02", " 1970-01-02", "1970-01-02 "])
def test_date_in_another_notation_is_rejected(day, api, neurologist, patient):
    asks = api(neurologist)
    response = asks.patch(f"patients/{patient.pk}/", {"date_of_birth": day}, If_Match=etag(patient))
    assert (response.status_code, list(response.json()["errors"])) == (400, ["date_of_birth"])
    due = day.replace("1970", "2030").replace("１９７０", "２０３０")
    sent = {"patient": patient.pk, "clinician": neurologist.pk, "kind": "review", "due_on": due}
    response = asks.post("follow-ups/", sent)
    assert (response.status_code, list(response.json()["errors"])) == (400, ["due_on"])
    response = asks.client.get("/api/v1/visits/", {"from": due})
    assert (response.status_code, list(response.json()["errors"])) == (400, ["from"])
