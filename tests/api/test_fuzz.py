"""Generated requests to every operation, as each role: no fault, and no response that breaks the document.

Schemathesis draws them from the document. Such requests alone would hardly ever name a patient that exists, so most
are led to real records, with the version that is stored and with much of an example that is taken.
"""

import os
import random
import sys
import time
from collections import Counter

import pytest
import schemathesis
from django.core.signals import got_request_exception, request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, connection, transaction
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import Unsatisfiable
from schemathesis.checks import CHECKS, load_all_checks
from schemathesis.core.failures import FailureGroup
from schemathesis.generation import GenerationMode

from clinic.accounts.permissions import ROLES
from clinic.api.documents import document
from tests.api.examples import query_of, version_of
from tests.api.operations import OPERATIONS
from tests.extent import some

pytestmark = pytest.mark.fuzz

# For each role, besides one round over all operations.
SECONDS = float(os.environ.get("FUZZ_SECONDS", "0"))
SEED = int(os.environ.get("FUZZ_SEED", "1"))
ASKED = ("not_a_server_error", "status_code_conformance", "content_type_conformance", "response_schema_conformance")
MOST_TOLD = 20
# The doses of the removed row were typed by the neurologist.
# The world's rows are the neurologist's. Only they restore a dose, see a muscle set and withdraw a request for review.
OF_WHO_MADE_IT = {
    "trainee": {
        "sessions_injections_restore", "reviews_withdraw", "muscle_sets_retrieve", "muscle_sets_change",
        "muscle_sets_remove", "muscle_sets_add", "muscle_sets_take",
    }
}  # fmt: skip
BATCH = 4 if SECONDS else 1


@pytest.fixture(scope="module")
def strategies():
    """By operation, cases that fit the document and cases that do not."""
    schema = schemathesis.openapi.from_dict(document())
    schema.app = get_wsgi_application()
    found = {}
    for result in schema.get_all_operations():
        operation = result.ok()
        found[operation.definition.raw["operationId"]] = [operation.as_strategy(mode) for mode in GenerationMode]
    return found


@pytest.fixture(scope="module")
def checks():
    load_all_checks()
    return CHECKS.get_by_names(ASKED)


@pytest.fixture(autouse=True)
def one_connection():
    """In-process requests would close the connection, and so end the transaction around the world."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


class Fuzzer:
    """Asks as one person, and collects what is wrong with the responses."""

    def __init__(self, world, desk, checks):
        self.world, self.checks = world, checks
        self.cookies = {name: morsel.value for name, morsel in desk.client.cookies.items()}
        self.headers = {**desk.headers, "Accept-Encoding": "identity"}
        self.responses, self.faults, self.raised = Counter(), {}, []
        self.examples = world.bodies
        self.random = random.Random(SEED)  # noqa: S311 (drawn again from the same seed)

    def ask(self, name, case):
        self.raised.clear()
        try:
            response = case.call(headers=self.headers, cookies=self.cookies)
            self.responses[name, response.status_code] += 1
            case.validate_response(response, checks=self.checks, headers=self.headers)
        except FailureGroup as group:
            self.faults.setdefault((name, response.status_code), f"{group}\n{self.raised}")

    def noted(self, request, **kwargs):
        """What a view raised, which the response does not show."""
        self.raised.append(repr(sys.exc_info()[1]))

    # Led to what exists

    def lead(self, name, case):
        """Most of the time to a record that is there, and three times of four with most of an example."""
        draw = self.random.random
        if draw() < 0.9:
            case.cookies = {}  # drawn ones would end the login for this request
            self._to_a_record(name, case)
        if isinstance(case.body, dict) and name in self.examples and draw() < 0.75:
            case.body = self._mixed(name, case.body)
        if case.headers and draw() < 0.8:
            case.headers = self._headers_of(name)
        if case.query and draw() < 0.6:
            case.query = self._query_of(name, case.query)

    def as_example(self, name, case):
        self._to_a_record(name, case)
        operation = OPERATIONS[name]
        if operation.body is not None:
            case.body = self._with_version(name, self.examples[name])
        case.headers = self._headers_of(name) if operation.method == "DELETE" else {}
        case.query = dict(pair.split("=") for pair in query_of(name, self.world).lstrip("?").split("&") if pair)

    def _to_a_record(self, name, case):
        names = list(case.path_parameters or {})
        if names:
            ids = [part for part in self.world.path(name, OPERATIONS[name].template).split("/") if part.isdigit()]
            case.path_parameters = dict(zip(self._in_order(name), map(int, ids), strict=True))

    def _in_order(self, name):
        return [part.strip("{}") for part in OPERATIONS[name].template.split("/") if part.startswith("{")]

    def _mixed(self, name, drawn):
        """An example with some fields as drawn, and some left out."""
        body = self._with_version(name, self.examples[name])
        keep = self.random.choice((0, 0.1, 0.3, 0.6))
        body |= {field: value for field, value in drawn.items() if self.random.random() < keep and field != "version"}
        return {field: value for field, value in body.items() if self.random.random() > keep / 4}

    def _with_version(self, name, body):
        if "version" not in OPERATIONS[name].fields:
            return dict(body)
        return {**body, "version": self._version(name)}

    def _version(self, name):
        return version_of(self.world.record_of(name, OPERATIONS[name].template))

    def _headers_of(self, name):
        return {"If-Match": f'"{self._version(name)}"'} if OPERATIONS[name].method == "DELETE" else {}

    def _query_of(self, name, query):
        """One or two of the drawn values: of many together, one is nearly always rejected."""
        some = self.random.sample(sorted(query), k=min(len(query), self.random.choice((0, 1, 1, 2))))
        needed = dict(pair.split("=") for pair in query_of(name, self.world).lstrip("?").split("&") if pair)
        return {**needed, **{each: query[each] for each in some}}


def run(strategy, use, number, many=BATCH):
    """`use` some cases; none where the document allows no invalid request."""

    @seed(number)
    @settings(
        max_examples=many,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def batch(case):
        use(case)

    try:
        batch()
    except Unsatisfiable:
        return False
    return True


# In the short run the two who can do most
@pytest.mark.parametrize(
    "role",
    [pytest.param(role, marks=[] if role == "neurologist" else [pytest.mark.full]) for role in ROLES],
)
def test_generated_requests_find_no_fault(role, world, desks, strategies, checks):
    fuzzer = Fuzzer(world, desks[role], checks)
    may = [name for name, one in OPERATIONS.items() if role in one.roles]
    got_request_exception.connect(fuzzer.noted)
    try:
        for name in may:
            once(fuzzer, name, strategies)
        last, number = time.monotonic() + SECONDS, 0
        while number == 0 or time.monotonic() < last:
            number += 1
            rounds(fuzzer, may, strategies, number, last)
    finally:
        got_request_exception.disconnect(fuzzer.noted)
    connection.check_constraints()
    assert not fuzzer.faults, "\n\n".join(list(fuzzer.faults.values())[:MOST_TOLD])
    assert {name for name, status in fuzzer.responses if status < 300} == set(may) - OF_WHO_MADE_IT.get(role, set())
    assert {name for name, _ in fuzzer.responses} == {*may, *drawn_for()}


def drawn_for():
    """The operations to which generated requests are sent: in the short run a part of them."""
    return list(OPERATIONS) if SECONDS else some(OPERATIONS, one_of=5)


def put_back(call):
    with transaction.atomic():
        call()
        transaction.set_rollback(True)


def once(fuzzer, name, strategies):
    def first(case):
        fuzzer.as_example(name, case)
        put_back(lambda: fuzzer.ask(name, case))

    run(strategies[name][0], first, 0, many=1)


def rounds(fuzzer, may, strategies, number, last):
    def all_of_them():
        names = drawn_for()
        fuzzer.random.shuffle(names)
        for place, name in enumerate(names):
            if number % 5 != 1 and name not in may:
                continue
            if number > 1 and time.monotonic() > last:
                break

            def led(case, name=name):
                fuzzer.lead(name, case)
                fuzzer.ask(name, case)

            # Half of them with what fits the document, half with what does not
            run(strategies[name][place % 2], led, SEED * 10_000 + number)

    put_back(all_of_them)
