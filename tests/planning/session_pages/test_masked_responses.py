"""The same session with different doses gets the same responses, except for the numbers themselves.

Anything a response could do with a dose (warn, colour, round, sort, ask again, take longer) would show here.
"""

import re

import pytest
import time_machine
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from planning.models import InjectionSession, SignedRecord
from planning.sessions.doses import sum_of_typed
from tests import builders
from tests.planning.session_pages.sending import FETCH, row_data, row_path, send_details, send_row, signature
from tests.posted_data import shown_version
from tests.rule import faults_in_html

DOSES = ["0", "50", "12345678901234567890.5"]
MORE_DOSES = ["0.0625", "1", "999999"]
PER_REQUEST = {"X-Request-ID", "Content-Length"}
NUMBER = r"[0-9]+(?:\.[0-9]+)?"
MASKS = [
    # The number where it is allowed: in its own field, before its unit, and as the stored value of a conflict.
    (rf'(<input[^>]*_dose"[^>]* value="){NUMBER}"', r'\1‹dose›"'),
    (rf"(?<![\w.]){NUMBER} units", "‹dose› units"),
    (rf"(Stored now: ){NUMBER}\. ", r"\1‹dose›. "),
    (rf'(_dose": {{"label": "\w+", "value": "){NUMBER}"', r'\1‹dose›"'),
    (r"\b[0-9a-f]{64}\b", "‹hash›"),
    (r"\b[A-Za-z0-9]{64}\b", "‹token›"),
    (r"\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", "‹key›"),
    (r"(/|%2F)records\1\d+\1", "/records/‹id›/"),
    (r"follow_up=\d+", "follow_up=‹id›"),
    (r"/follow-ups/\d+/", "/follow-ups/‹id›/"),
]


def masked(body):
    for pattern, mask in MASKS:
        body = re.sub(pattern, mask, body)
    return body


class RolledBack(Exception):  # noqa: N818  (nothing went wrong)
    """Rolls a run back, so that the next one starts with the same data."""


class Run:
    """One way from the plan to the record, with every dose typed as `dose`."""

    def __init__(self, session, *, by, dose):
        self.session, self.by, self.dose = session, by, dose
        self.client = Client()
        self.client.force_login(by)
        self.responses, self.bodies, self.queries = {}, {}, {}

    def keep(self, name, ask):
        with CaptureQueriesContext(connection) as queries:
            response = ask()
        body = response.content.decode()
        headers = {key: masked(value) for key, value in response.headers.items() if key not in PER_REQUEST}
        self.responses[name] = (response.status_code, headers, masked(body))
        self.bodies[name] = body
        self.queries[name] = len(queries)
        return response

    def rows(self):
        return list(self.session.injections.in_order())

    def type_everywhere(self, phase, *, recording):
        field = "given_dose" if recording else "planned_dose"
        first, second = self.rows()
        stale = row_data(first, recording=recording, **{field: "3.33"})
        self.keep(f"{phase}, saved by a script", lambda: send_row(
            self.client, first, recording=recording, headers=FETCH, **{field: self.dose}))  # fmt: skip
        self.keep(f"{phase}, saved again by a script", lambda: send_row(
            self.client, first, recording=recording, headers=FETCH, **{field: self.dose}))  # fmt: skip
        self.keep(f"{phase}, saved by the page", lambda: send_row(
            self.client, second, recording=recording, **{field: self.dose}))  # fmt: skip
        self.keep(f"{phase}, a conflict for a script", lambda: self.client.post(row_path(first), stale, headers=FETCH))
        self.keep(f"{phase}, a conflict on the page", lambda: self.client.post(row_path(first), stale))
        self.keep(f"{phase}, something else cannot be read", lambda: send_row(
            self.client, first, recording=recording, sites="many", **{field: self.dose}))  # fmt: skip

    def look_around(self, phase):
        visit = self.session.visit
        for name, path in {
            "session": self.session.get_absolute_url(),
            "today": "/",
            "to sign": "/to-sign/",
            "visit": visit.get_absolute_url(),
            "patient": visit.patient.get_absolute_url(),
        }.items():
            self.keep(f"{phase}, {name}", lambda path=path: self.client.get(path))

    def go(self):
        one = f"/sessions/{self.session.pk}"
        self.type_everywhere("planning", recording=False)
        self.look_around("planned")
        self.keep(
            "recording begins", lambda: self.client.post(f"{one}/record/", shown_version(self.session), headers=FETCH)
        )
        self.type_everywhere("recording", recording=True)
        self.keep("details", lambda: send_details(self.client, self.session, headers=FETCH, operator=self.by.pk))
        self.look_around("given")
        page = self.keep("read-back", lambda: self.client.get(f"{one}/sign/"))
        wrong = signature(page, password="wrong")
        self.keep("wrong password", lambda: self.client.post(f"{one}/sign/", wrong))
        self.keep("signed", lambda: self.client.post(f"{one}/sign/", signature(page)))
        self.look_around("signed")
        record = SignedRecord.objects.get()
        self.keep("record", lambda: self.client.get(record.get_absolute_url()))
        assert {row["given_dose"] for row in record.content["injections"]} == {self.dose}
        return self


def run_with(dose, session, *, by):
    try:
        with transaction.atomic():
            run = Run(InjectionSession.objects.get(pk=session.pk), by=by, dose=dose).go()
            raise RolledBack
    except RolledBack:
        return run


@pytest.fixture(scope="module", params=[DOSES, pytest.param([*DOSES, *MORE_DOSES], marks=pytest.mark.full)], ids=len)
def runs(request, module_transaction):
    """The same session, at the same time, once with each dose."""
    with time_machine.travel(builders.at(builders.today(), 12), tick=False):
        neurologist = builders.a_person("neurologist", printed_name="Dr A. Morgan")
        session = builders.a_planned_session(by=neurologist)
        return {dose: run_with(dose, session, by=neurologist) for dose in request.param}


def test_every_dose_gets_the_same_responses(runs):
    first, *others = runs.values()
    for run in others:
        assert run.responses.keys() == first.responses.keys()
        for name, response in run.responses.items():
            assert response == first.responses[name], f"{name}, with {run.dose}"
    # And they are the responses that were meant
    assert {name: response[0] for name, response in first.responses.items() if response[0] != 200} == {
        "planning, saved by the page": 302,
        "planning, a conflict for a script": 409,
        "planning, a conflict on the page": 409,
        "planning, something else cannot be read": 422,
        "recording, saved by the page": 302,
        "recording, a conflict for a script": 409,
        "recording, a conflict on the page": 409,
        "recording, something else cannot be read": 422,
        "wrong password": 409,
        "signed": 302,
    }


def test_every_dose_is_shown_as_it_was_typed(runs):
    """The masks hide the dose, and hide nothing if no dose is typed."""
    for dose, run in runs.items():
        written = re.escape(dose)
        for name in ("recording, saved by a script", "given, session", "recording, something else cannot be read"):
            assert re.search(rf'<input[^>]*given_dose"[^>]* value="{written}"', run.bodies[name]), name
        for name in ("read-back", "wrong password", "signed, session", "record"):
            assert run.bodies[name].count(f"{dose} units") >= 4, name
            assert f"{sum_of_typed([dose, dose])} units" in run.bodies[name]
        assert f"Stored now: {dose}. " in run.bodies["recording, a conflict for a script"]
        for name in ("given, today", "given, to sign", "signed, patient", "signed, visit"):
            assert "‹dose›" not in run.responses[name][2]


def test_every_dose_costs_the_same_number_of_queries(runs):
    assert len({tuple(run.queries.items()) for run in runs.values()}) == 1


def test_no_page_of_a_session_suggests_or_limits_a_dose(runs):
    for dose, run in runs.items():
        shown = [dose, sum_of_typed([dose, dose]), "3.33"]
        for name, body in run.bodies.items():
            if "<" in body:
                assert faults_in_html(body, typed=shown) == [], name


def test_difference_is_detected():
    """The masks hide only the number."""
    assert masked("<td>5 units</td>") == masked("<td>7.50 units</td>")
    assert masked('<td class="high">5 units</td>') != masked("<td>7.50 units</td>")
    assert masked("7 units, more than usual") != masked("5 units")
    assert masked("5 units") != masked("5,0 units")
