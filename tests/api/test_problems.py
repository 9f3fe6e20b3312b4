"""Errors of the API: one kind of document, with the messages of the pages and without patient data."""

import datetime as dt
import json

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from clinic.models import ApiToken
from patients.models import Patient, VisitState
from patients.people.api.patients import PatientResource
from planning.models import Injection
from planning.pages.actions.visits import change_visit_state
from planning.sessions.actions.injections import change_injection
from tests import access, builders
from tests.api.conftest import Program, a_token
from tests.extent import some
from tests.patients.people.pages import text_of
from tests.planning.session_pages.sending import details_data, product_data, row_data, row_path, sign
from tests.world import SECRETS

pytestmark = pytest.mark.django_db

MEMBERS = {"type", "title", "status", "detail", "errors", "request_id"}
NOTHING = "This record or page does not exist."
PERSON = {"family_name": "Problem", "given_name": "A", "date_of_birth": "1969-03-14", "sex": "female"}
BOOKING = {"kind": "review", "clinician": None, "outside_note": "So"}


def assert_problem(response, status, title, detail=None, errors=None, more=()):
    body = response.json()
    assert response.status_code == body["status"] == status
    assert response["Content-Type"] == "application/problem+json"
    assert set(body) == MEMBERS | set(more)
    assert (body["type"], body["title"]) == ("about:blank", title)
    assert body["request_id"] == response["X-Request-ID"] != ""
    assert response["Cache-Control"] == "no-store"
    if detail is not None:
        assert body["detail"] == detail
    assert body["errors"] == (errors or {})


@pytest.fixture
def stranger():
    return Program(Client())


# Every kind


def test_400_lists_errors_by_field(api, staff):
    sent = {**PERSON, "sex": "x", "date_of_birth": "1969-02-30", "version": 1, "phone": 5}
    response = api(staff).post("patients/", {name: value for name, value in sent.items() if name != "family_name"})
    assert response.json()["errors"].keys() == {"version"}  # what cannot be sent at all comes first
    del sent["version"], sent["family_name"]
    errors = {
        "family_name": ["This field is required."],
        "date_of_birth": ["Write this date as YYYY-MM-DD, YYYY-MM, YYYY, or unknown."],
        "sex": ['"x" is not a valid choice.'],
        "phone": ["Not a valid string."],
    }
    assert_problem(api(staff).post("patients/", sent), 400, "Bad Request", errors=errors)
    assert not Patient.objects.exists()


def test_400_names_a_field_within_another_by_its_path(api, neurologist):
    visit = builders.an_arrived_visit(clinician=neurologist)
    path = f"visits/{visit.pk}/finish/"
    for again, name in (
        ({"weeks": 0}, "see_again.weeks"),
        ({"weeks": 3, "clinician": 0}, "see_again.clinician"),
        ({"wks": 3}, "see_again.wks"),
        ({}, "see_again.non_field_errors"),
        ({"weeks": 3, "none": "cured"}, "see_again.non_field_errors"),
        (3, "see_again.non_field_errors"),
    ):
        response = api(neurologist).post(path, {"version": visit.version, "see_again": again})
        assert (response.status_code, list(response.json()["errors"])) == (400, [name]), again
        assert response.json()["detail"] == response.json()["errors"][name][0]


@pytest.mark.parametrize(
    "raw", [b"", b"{", b"[1]", b"3", b'"text"', b"null", b"\xff", b'{"a": 1, "a": 2}', b'{"a": NaN}', b"[" * 5000]
)
def test_400_for_an_unreadable_body(raw, api, staff):
    response = api(staff).ask("POST", "patients/", raw=raw)
    assert response.status_code == 400
    assert response["Content-Type"] == "application/problem+json"
    assert response.json()["detail"] != ""


def test_401_without_a_login(stranger):
    for path in ("patients/", "patients/1/", "me/", "sessions/1/sign/"):
        response = stranger.get(path)
        assert_problem(response, 401, "Unauthorized", "Log in, or send a token.")
        assert response["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("end", ["never known", "revoked", "expired", "password", "deactivated", "first password"])
def test_401_is_the_same_for_every_invalid_token(end, staff):
    token = a_token(staff)
    asks, moment = Program(Client(), {"Authorization": f"Bearer {token.secret}"}), timezone.now()
    assert asks.get("me/").status_code == 200
    if end == "never known":
        asks.headers = {"Authorization": "Bearer collum_nothing"}
    elif end == "revoked":
        ApiToken.objects.update(revoked_at=timezone.now())
    elif end == "expired":
        moment = token.expires_at
    elif end == "password":
        staff.set_password("another-password-of-mine")
    elif end == "deactivated":
        staff.is_active = False
    else:
        staff.must_change_password = True
    staff.save()
    with time_machine.travel(moment):
        response = asks.get("me/")
    assert_problem(response, 401, "Unauthorized", "This token is unknown, has expired or was revoked.")


def test_403_without_the_permission(api, staff):
    assert_problem(api(staff).get("sessions/"), 403, "Forbidden", "You do not have permission to do this.")


def test_403_until_the_first_password_is_changed(api):
    newcomer = builders.a_person("neurologist", must_change_password=True)
    message = "Choose your own password first: log in to Collum once."
    assert_problem(api(newcomer).get("patients/"), 403, "Forbidden", message)
    assert_problem(api(newcomer).post("patients/", PERSON), 403, "Forbidden", message)


def test_404_is_the_same_for_every_missing_record(api, stranger, neurologist):
    session, other = (builders.a_planned_session(by=neurologist, visit=builders.a_visit()) for _ in range(2))
    paths = [
        "patients/999999/", f"patients/{2**63}/", f"patients/{10**40}/", "patients/0/", "patients/999999/coverage/",
        f"sessions/{session.pk}/injections/{other.injections.first().pk}/", "nowhere/", "patients/x/",
        "/api/v2/", "/api/", "sessions/1/nowhere/", "patients",
        f"patients/{other.visit.patient_id}/therapies/1/", "records/1/",
    ]  # fmt: skip
    for path in paths:
        assert_problem(api(neurologist).get(path), 404, "Not Found", NOTHING)
    for path in ("nowhere/", "/api/"):
        assert_problem(stranger.get(path), 404, "Not Found", NOTHING)


def test_405_names_the_allowed_methods(api, stranger, staff):
    for method, path in (
        ("PUT", "patients/1/"), ("DELETE", "patients/1/"), ("GET", "visits/1/arrive/"), ("OPTIONS", "patients/"),
    ):  # fmt: skip
        response = api(staff).ask(method, path, {})
        assert_problem(response, 405, "Method Not Allowed", f'Method "{method}" not allowed.')
        assert method not in response["Allow"]
        assert stranger.ask(method, path, {}).status_code == 401


def test_409_for_a_state_that_does_not_allow_the_action(api, staff):
    visit = builders.a_visit()
    response = api(staff).post(f"visits/{visit.pk}/finish/", {"version": visit.version})
    assert_problem(response, 409, "Conflict", "This visit is booked; it cannot become finished.")


def test_409_for_a_stale_version_returns_the_stored_record(api, staff):
    patient = builders.a_patient()
    response = api(staff).patch(f"patients/{patient.pk}/", {"phone": "0555", "version": 7})
    assert_problem(
        response, 409, "Conflict", ("Another user has changed this. Read it again before you save."), more={"current"}
    )
    assert response.json()["current"] == api(staff).get(f"patients/{patient.pk}/").json()


def test_409_for_signing_other_content_returns_stored_content(api, neurologist):
    session = builders.a_given_session(by=neurologist)
    asks = api(neurologist)
    sent = {"password": builders.PASSWORD, "content_hash": "0" * 64, "see_again": {"weeks": 12}}
    response = asks.post(f"sessions/{session.pk}/sign/", sent)
    message = "This session changed after the page was opened. Read it again before signing."
    assert_problem(response, 409, "Conflict", message, more={"current"})
    assert response.json()["current"] == asks.get(f"sessions/{session.pk}/").json()


def test_409_for_a_likely_duplicate_names_only_the_patients(api, staff):
    known = api(staff).post("patients/", PERSON).json()
    response = api(staff).post("patients/", PERSON)
    message = "A similar patient is already registered. Check whether it is the same person."
    assert_problem(response, 409, "Conflict", message, more={"alike"})
    assert response.json()["alike"] == [known["id"]]
    assert api(staff).post("patients/", {**PERSON, "although_alike": True}).status_code == 201


def test_409_for_a_booked_time_offers_the_nearest_free_times(api, staff, neurologist):
    clinician = builders.hours(neurologist)
    monday = builders.today() + dt.timedelta(days=7 - builders.today().weekday())
    visit = builders.a_visit(clinician=clinician, day=monday)
    sent = {**BOOKING, "patient": builders.a_patient().pk, "clinician": clinician.pk}
    response = api(staff).post("visits/", {**sent, "starts_at": visit.starts_at.isoformat()})
    message = "That time is taken: the clinician has another visit then."
    assert_problem(response, 409, "Conflict", message, {"starts_at": [message]}, more={"nearest"})
    for free in response.json()["nearest"]:
        assert set(free) == {"clinician", "clinician_name", "starts_at", "minutes"}
        assert free["starts_at"] != visit.starts_at.isoformat()
    nearest = response.json()["nearest"][0]
    again = {**sent, "starts_at": nearest["starts_at"], "minutes": nearest["minutes"]}
    assert api(staff).post("visits/", again).status_code == 201


def test_413_for_more_than_a_million_bytes(api, program, staff):
    large = json.dumps({**PERSON, "note": "x" * 1_000_000}).encode()
    message = "The body is too large. Send at most a million bytes."
    for asks in (api(staff), program(staff)):
        assert_problem(asks.ask("POST", "patients/", raw=large), 413, "Request Entity Too Large", message)
    just = json.dumps(PERSON).encode().ljust(1_000_000)
    assert api(staff).ask("POST", "patients/", raw=just).status_code == 201


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "x", ""])
def test_415_for_a_body_that_is_not_json(kind, api, staff):
    response = api(staff).ask("POST", "patients/", PERSON, content_type=kind)
    assert_problem(response, 415, "Unsupported Media Type")
    assert not Patient.objects.exists()


def test_response_is_json_for_any_accept_header(api, staff):
    for kind in ("text/html", "application/xml", "x"):
        assert api(staff).get("patients/", Accept=kind)["Content-Type"] == "application/json"
    assert_problem(api(staff).get("patients/1/", Accept="text/html"), 404, "Not Found")
    sent = api(staff).ask("POST", "patients/", PERSON, content_type="application/json; charset=utf-8")
    assert sent.status_code == 201


def test_422_for_a_key_used_with_other_content(api, staff):
    for _ in range(2):
        response = api(staff).post("patients/", {**PERSON, "phone": f"{Patient.objects.count()}"}, Idempotency_Key="1")
    assert_problem(response, 422, "Unprocessable Entity")


def test_428_for_a_change_without_a_version(api, staff):
    message = "Send the version that you read, as `version` or in If-Match."
    response = api(staff).patch(f"patients/{builders.a_patient().pk}/", {"phone": "0555"})
    assert_problem(response, 428, "Precondition Required", message)


def test_429_names_the_time_to_wait(settings, program, api, staff):
    settings.API_REQUESTS_PER_MINUTE = 2
    with time_machine.travel(dt.datetime(2026, 5, 4, 9, 0, 18, tzinfo=dt.UTC), tick=False) as clock:
        asks = program(staff)
        assert [asks.get("me/").status_code for _ in range(2)] == [200, 200]
        response = asks.get("me/")
        assert_problem(response, 429, "Too Many Requests")
        assert response["Retry-After"] == "42"
        # Another token, and a login, are not limited
        assert program(staff).get("me/").status_code == api(staff).get("me/").status_code == 200
        clock.shift(dt.timedelta(seconds=42))
        assert asks.get("me/").status_code == 200


def test_500_does_not_reveal_the_error(monkeypatch, api, staff):
    def crash(*args, **kwargs):
        raise RuntimeError("Wróblewska 7771.13")

    monkeypatch.setattr(PatientResource, "found", crash)
    asks = api(staff)
    asks.client.raise_request_exception = False
    response = asks.get("patients/")
    assert_problem(
        response,
        500,
        "Internal Server Error",
        "Something went wrong on the server. Your request is not the cause. Try again later.",
    )


# The messages of the pages


def taken(by):
    visit = builders.a_visit(clinician=by)
    patient = builders.a_patient()
    moment = timezone.localtime(visit.starts_at, builders.Clinic.ours().zone)
    form = {"day": f"{moment:%Y-%m-%d}", "time": f"{moment:%H:%M}", "kind": "review", "clinician": by.pk, "minutes": ""}
    sent = {**BOOKING, "patient": patient.pk, "clinician": by.pk, "starts_at": moment.isoformat()}
    return f"/patients/{patient.pk}/visits/new/", {**form, "outside_note": "So"}, "POST visits/", sent


def a_coverage(by):
    patient = builders.a_patient()
    sent = {"payer": "One", "valid_from": "2026-02-02", "valid_until": "2026-02-01"}
    return f"/patients/{patient.pk}/coverage/", sent, f"POST patients/{patient.pk}/coverage/", sent


def a_birth_to_come(by):
    sent = {**PERSON, "date_of_birth": f"{builders.today().year + 1}-01-01"}
    return "/patients/new/", sent, "POST patients/", sent


def a_number_of_another(by):
    sent = {**PERSON, "record_number": builders.a_patient().record_number.lower()}
    return "/patients/new/", sent, "POST patients/", sent


def a_call_of_yesterday(by):
    follow_up = builders.a_follow_up()
    yesterday = builders.today() - dt.timedelta(days=1)
    sent = {"how": "phone", "outcome": "reached", "call_again_on": yesterday.isoformat(), "version": 1}
    path = f"follow-ups/{follow_up.pk}/contact-attempts/"
    return f"/{path}", sent, f"POST {path}", sent


def an_end_without_an_answer(by):
    visit = builders.an_arrived_visit(clinician=by)
    form = {"state": "finished", "version": visit.version}
    return f"/visits/{visit.pk}/state/", form, f"POST visits/{visit.pk}/finish/", {"version": visit.version}


def another_product(by):
    session = builders.a_planned_session(by=by)
    row, other = session.injections.first(), builders.a_product("Dysport")
    change_injection(injection=row, product=row.session.product, by=by, version=row.version, planned_dose="1.11")
    form, path = product_data(session, other), f"sessions/{session.pk}/"
    return f"/{path}product/", form, f"PATCH {path}", {"product": other.pk, "version": session.version}


def a_dose_that_cannot_be_read(by):
    row = builders.a_given_session(by=by).injections.first()
    form, path = row_data(row, given_dose="2,5"), f"sessions/{row.session_id}/injections/{row.pk}/"
    return (
        row_path(row),
        form,
        f"PATCH {path}",
        {"given_dose": "2,5", "version": row.version, "product": row.session.product_id},
    )


def a_day_to_come(by):
    session = builders.a_given_session(by=by)
    tomorrow = (builders.today() + dt.timedelta(days=1)).isoformat()
    form, path = details_data(session, given_on=tomorrow), f"sessions/{session.pk}/"
    return f"/{path}details/", form, f"PATCH {path}", {"given_on": tomorrow, "version": session.version}


def a_part_next_to_its_group(by):
    session = builders.a_planned_session(by=by, muscles=(("SCAL", "left"),))
    sent, path = {"muscle": builders.a_muscle("SCAL-A").pk, "side": "left"}, f"sessions/{session.pk}/injections/"
    sent["product"] = session.product_id
    return f"/{path}", sent, f"POST {path}", sent


def a_plan_of_a_visit_that_fell(by):
    visit = builders.a_visit(clinician=by)
    change_visit_state(visit=visit, state=VisitState.CANCELLED, by=by, version=visit.version, reason="ill")
    return f"/visits/{visit.pk}/sessions/", {}, "POST sessions/", {"visit": visit.pk}


SENTENCES = [
    taken, a_coverage, a_birth_to_come, a_number_of_another, a_call_of_yesterday, an_end_without_an_answer,
    another_product, a_dose_that_cannot_be_read, a_day_to_come, a_part_next_to_its_group,
    a_plan_of_a_visit_that_fell,
]  # fmt: skip


@pytest.mark.parametrize("refused", SENTENCES, ids=lambda refused: refused.__name__)
def test_message_is_that_of_the_page(refused, api, neurologist):
    page, form, operation, sent = refused(neurologist)
    asks = api(neurologist)
    shown = asks.client.post(page, {"submission_key": builders.a_submission_key(), **form})
    method, path = operation.split()
    response = asks.ask(method, path, sent)
    assert response.status_code in (400, 409)
    assert response.json()["detail"] in text_of(shown)


def test_message_at_signing_is_that_of_the_page(api, neurologist):
    session, asks = builders.a_given_session(by=neurologist), api(neurologist)
    path = f"sessions/{session.pk}/sign/"
    content_hash = asks.get(f"sessions/{session.pk}/").json()["content_hash"]
    page = sign(asks.client, session, password="x")
    response = asks.post(path, {"password": "x", "content_hash": content_hash, "see_again": {"weeks": 3}})
    assert_problem(response, 400, "Bad Request", errors={"password": ["This is not your password."]})
    assert response.json()["detail"] in text_of(page)


# No patient data


def test_errors_show_no_record_to_users_who_cannot_read_it(world, api, stranger, superuser, staff):
    hidden = [*SECRETS.values(), world.patient.record_number, world.clinician.printed_name]
    asking = {"nobody": stranger, "without a role": api(superuser), "front desk": api(staff)}
    seen = set()
    for url in some((url for url in access.urls() if url.is_api), one_of=8):
        path = world.fill(url.route)
        for who, asks in asking.items():
            for method in ("GET", "POST", "PATCH", "DELETE"):
                response = asks.ask(method, path, None if method == "GET" else {})
                if response.status_code in (401, 403, 404):
                    seen.add((who, response.status_code))
                    text_of_response = response.content.decode() + str(response.headers)
                    assert [text for text in hidden if text in text_of_response] == [], (who, method, path)
    assert seen >= {("nobody", 401), ("without a role", 403), ("front desk", 403)}
    assert Injection.objects.filter(planned_dose=SECRETS["planned_dose"]).exists()


def test_denied_access_does_not_reveal_whether_a_record_exists(api, staff, neurologist):
    session = builders.a_planned_session(by=neurologist)
    for there, not_there in ((f"sessions/{session.pk}/", "sessions/999/"), ("records/1/", "records/999/")):
        one, other = api(staff).get(there), api(staff).get(not_there)
        assert one.status_code == other.status_code == 403
        assert {**one.json(), "request_id": ""} == {**other.json(), "request_id": ""}
