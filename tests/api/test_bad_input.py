"""Input that the API once accepted or failed on, and now rejects."""

import base64
import datetime as dt
import json
from decimal import Decimal

import pytest

from clinic.web.problem_documents import MEDIA_TYPE
from tests import builders
from tests.api.operations import OPERATIONS, resolved

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(api, staff):
    return api(staff)


@pytest.mark.parametrize("below", ["coverage", "therapies"])
def test_id_too_large_for_the_database_is_not_found(desk, below):
    response = desk.get(f"patients/{10**40}/{below}/1/")
    assert (response.status_code, response["Content-Type"]) == (404, MEDIA_TYPE)


@pytest.mark.parametrize("path", ["me/", "nowhere/"])
def test_request_rejected_by_django_returns_a_problem_document(desk, path):
    strange = desk.client.get(f"/api/v1/{path}", headers={"host": "elsewhere.example"})
    many = desk.get(f"me/?{'&'.join(['a=1'] * 1_001)}")
    for response in (strange, many):
        assert (response.status_code, response["Content-Type"]) == (400, MEDIA_TYPE)
        assert response.json()["status"] == 400
        assert "elsewhere" not in response.content.decode()


def test_empty_text_is_not_an_id(api, neurologist):
    visit = builders.an_arrived_visit(clinician=neurologist)
    response = api(neurologist).post("sessions/", {"visit": visit.pk, "product": ""})
    assert response.status_code == 400
    assert list(response.json()["errors"]) == ["product"]


@pytest.mark.parametrize(
    "day", ["2026-01-05", "20260105", "2026-W02-1", "2026-W02-1T10:00", "20260105T10:00", "２０２６-01-05T10:00"]
)
def test_start_in_another_notation_is_rejected(desk, neurologist, day):
    sent = {"patient": builders.a_patient().pk, "clinician": neurologist.pk, "kind": "review", "outside_note": "Agreed"}
    response = desk.post("visits/", {**sent, "starts_at": day})
    assert response.status_code == 400
    assert list(response.json()["errors"]) == ["starts_at"]


@pytest.mark.parametrize("number", ["１２", "\u0661", "1_0", "+1", " 1", "1.0"])
@pytest.mark.parametrize("asked", ["page_size", "patient"])
def test_query_number_in_another_notation_is_rejected(desk, number, asked):
    response = desk.client.get("/api/v1/visits/", {asked: number})
    assert response.status_code == 400
    assert list(response.json()["errors"]) == [asked]


@pytest.mark.parametrize(
    "moment", ["2026-01-01", "2026-01-01T10:00", "0001-01-01T00:00+14:00", "9999-12-31T23:59-14:00"]
)
def test_cursor_with_an_invalid_time_is_rejected(desk, moment):
    cursor = base64.urlsafe_b64encode(json.dumps([moment, 1]).encode()).decode()
    response = desk.client.get("/api/v1/visits/", {"cursor": cursor})
    assert response.status_code == 400
    assert list(response.json()["errors"]) == ["cursor"]


def test_cursor_leads_from_page_to_page(desk):
    visits = [builders.a_visit(day=builders.today() + dt.timedelta(days=days)) for days in (1, 2, 3)]
    first = desk.get("visits/?page_size=2").json()
    second = desk.get(first["next"]).json()
    assert [each["id"] for each in first["results"] + second["results"]] == [visit.pk for visit in visits]


def test_signature_for_old_content_is_a_conflict(api, neurologist):
    session = builders.a_given_session(by=neurologist)
    sent = {"password": builders.PASSWORD, "content_hash": "0" * 64, "see_again": {"weeks": 12}}
    response = api(neurologist).post(f"sessions/{session.pk}/sign/", sent)
    assert response.status_code == 409
    assert response.json()["current"]["id"] == session.pk
    assert response.json()["current"]["state"] == "given"


def test_list_page_matches_its_documentation():
    content = OPERATIONS["muscles_list"].definition["responses"]["200"]["content"]["application/json"]
    results = resolved(resolved(content["schema"])["properties"]["results"])
    assert (results["type"], resolved(results["items"])["type"]) == ("array", "object")


def test_unchanged_score_is_accepted(api, neurologist):
    scores = [(builders.an_instrument("Tsui"), Decimal(9))]
    score = builders.an_assessment(by=neurologist, scores=scores).scores.get()
    response = api(neurologist).patch(f"scores/{score.pk}/", {"version": score.assessment.version})
    assert (response.status_code, response.json()["value"]) == (200, "9")


def test_changed_assessment_returns_complete_findings(api, neurologist):
    assessment = builders.an_assessment(by=neurologist)
    response = api(neurologist).patch(f"assessments/{assessment.pk}/", {"version": 1, "postures": [{"side": "right"}]})
    assert response.status_code == 400
    assert list(response.json()["errors"]) == ["postures.0.posture"]
