"""What a script gets when it saves a row: that row, the sum and the sign bar, at a known cost."""

import datetime as dt
import re

import pytest
from django.db import connection
from django.test.signals import template_rendered
from django.test.utils import CaptureQueriesContext

from planning.models import Injection
from planning.sessions.actions.injections import change_injection
from tests import builders
from tests.planning.session_pages.sending import FETCH, row_data, row_path, send_row

pytestmark = pytest.mark.django_db

MOST_QUERIES, MOST_RENDERS, MOST_BYTES = 14, 9, 4000


@pytest.fixture
def doctor(client, neurologist):
    client.force_login(neurologist)
    return client


@pytest.fixture
def given(neurologist):
    return given_session(neurologist, days_ago=0)


def given_session(neurologist, *, days_ago, **details):
    visit = a_visit(neurologist, days_ago=days_ago)
    session = builders.a_given_session(by=neurologist, visit=visit, **details)
    builders.a_vial(session=session, by=neurologist)
    return session


def a_visit(neurologist, *, days_ago):
    day = builders.today() - dt.timedelta(days=days_ago)
    return builders.arrive(builders.a_visit(clinician=neurologist, by=neurologist, day=day))


@pytest.fixture
def renders():
    rendered = []

    def note(template, **_):
        rendered.append(template.name)

    template_rendered.connect(note)
    yield rendered
    template_rendered.disconnect(note)


def planned_session(neurologist, *, days_ago):
    return builders.a_planned_session(by=neurologist, visit=a_visit(neurologist, days_ago=days_ago))


def first(session):
    return session.injections.in_order().first()


def versions(body):
    return re.search(r'data-versions="([^"]*)"', body)[1].split()


@pytest.mark.parametrize("recording", [True, False], ids=["recording", "planning"])
def test_saved_row_costs_little(doctor, neurologist, renders, recording):
    build = given_session if recording else planned_session
    session = build(neurologist, days_ago=0)
    row = first(session)
    doctor.get(session.get_absolute_url())
    sent = row_data(row, recording=recording, **{"given_dose" if recording else "planned_dose": "3.33"}, note="deep")
    sent["patient_seen"] = session.visit.patient_id
    renders.clear()

    with CaptureQueriesContext(connection) as queries:
        response = doctor.post(row_path(row), sent, headers=FETCH)

    assert response.status_code == 200
    assert len(queries) <= MOST_QUERIES
    assert len(renders) <= MOST_RENDERS
    ids_of_one_length = re.sub(rb"\d{4,}", b"1234", response.content)
    assert len(ids_of_one_length) <= MOST_BYTES


def test_cost_does_not_grow_with_the_rows(doctor, neurologist):
    few = given_session(neurologist, days_ago=1)
    many = given_session(neurologist, days_ago=2, muscles=(("SCM", "right"), ("SCM", "left"), ("LS", "right")))
    asked = []
    for session in (few, many):
        doctor.get(session.get_absolute_url())
        row = first(session)
        sent = row_data(row, given_dose="3.33")
        with CaptureQueriesContext(connection) as queries:
            doctor.post(row_path(row), sent, headers=FETCH)
        asked.append(len(queries))
    assert asked[0] == asked[1]


def test_response_shows_row_sum_state_and_sign_bar(doctor, given):
    row, other = given.injections.in_order()
    body = send_row(doctor, row, headers=FETCH, given_dose="3.33").content.decode()
    assert set(re.findall(r'<(?:div|tr|section|span) [^>]*?id="([^"]+)"', body)) == {
        "workbench", f"row-{row.pk}", "part-sum", "part-state", "part-signbar",
    }  # fmt: skip
    assert 'value="3.33"' in body
    assert f"row-form-{other.pk}" not in body
    assert "Sum of typed given doses, Botox (2 of 2 injections):" in body
    assert "5.55 units" in body
    assert "Given, not signed" in body
    assert f"/sessions/{given.pk}/sign/" in body


def test_first_given_dose_changes_the_state(doctor, neurologist):
    session = builders.a_given_session(by=neurologist, doses=())
    assert "Planned" in doctor.get(session.get_absolute_url(), headers=FETCH).content.decode()
    body = send_row(doctor, first(session), headers=FETCH, given_dose="1.11").content.decode()
    assert ">Given, not signed<" in body
    body = send_row(doctor, first(session), headers=FETCH, given_dose="").content.decode()
    assert ">Planned<" in body


def test_response_contains_the_versions_of_typed_entries(doctor, given, trainee):
    whole = doctor.get(given.get_absolute_url(), headers=FETCH).content.decode()
    row, other = given.injections.in_order()
    body = send_row(doctor, row, headers=FETCH, given_dose="3.33").content.decode()
    changed = set(versions(body)) - set(versions(whole))
    assert changed == {f"row-{row.pk}:{row.version + 1}"}

    # When another user changes a row, then the next answer differs in that row too
    other.refresh_from_db()
    change_injection(injection=other, product=given.product, by=trainee, version=other.version, note="theirs")
    again = send_row(doctor, row, headers=FETCH, given_dose="4.44").content.decode()
    other = Injection.objects.get(pk=other.pk)
    assert f"row-{other.pk}:{other.version}" in set(versions(again)) - set(versions(body))


def test_row_of_another_session_is_not_found(doctor, given, neurologist):
    other = first(given_session(neurologist, days_ago=1))
    response = doctor.post(f"/sessions/{given.pk}/injections/{other.pk}/", row_data(other), headers=FETCH)
    assert response.status_code == 404


def test_amended_row_leads_on_as_before(doctor, neurologist):
    session = builders.a_given_session(by=neurologist)
    builders.sign(session, by=neurologist)
    builders.an_amendment(session, by=neurologist)
    body = send_row(doctor, first(session), headers=FETCH, given_dose="3.33").content.decode()
    assert "Being amended" in body
    assert "Discard amendment" in body
