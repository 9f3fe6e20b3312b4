"""Invalid requests to every operation: rejected with a problem document, and not stored."""

import hashlib
import io
import logging
from urllib.parse import quote, urlencode

import pytest
from django.apps import apps
from django.db import connection, transaction
from django.test import Client

from clinic.models import LoginFailures
from clinic.web.problem_documents import MEDIA_TYPE
from tests.api import corpus
from tests.api.examples import example_of, query_of
from tests.api.operations import OPERATIONS, WRITES
from tests.extent import some
from tests.written_tables import written_tables

# What even a rejected request stores.
TRACKS = {"clinic_auditentry", "clinic_auditedpatient", "django_session", "clinic_cache", "clinic_loginfailures"}
MEMBERS = {"type", "title", "status", "detail", "errors", "request_id"}


def _resource_and_method(operation):
    return operation.template.split("/")[3], operation.method


def _resource(operation):
    return operation.template.split("/")[3]


def _method_and_headers(operation):
    return operation.method, *operation.parameters("header")


def each(condition, *, kind=_resource_and_method):
    """Each operation for which `condition` is true. The short run takes one of each kind."""
    seen, names = set(), []
    for name, operation in OPERATIONS.items():
        if condition(operation):
            marks = [pytest.mark.full] if kind(operation) in seen else []
            names.append(pytest.param(name, marks=marks))
            seen.add(kind(operation))
    return pytest.mark.parametrize("name", names)


each_write = each(lambda one: one.body is not None)
# What is read before the operation is known is the same code for all.
each_method = each(lambda one: True, kind=_method_and_headers)
each_method_with_body = each(lambda one: one.body is not None, kind=_method_and_headers)


TABLES = {
    model._meta.db_table: model
    for model in apps.get_models(include_auto_created=True)
    if model._meta.db_table not in TRACKS
}


def digest_of(table):
    rows = TABLES[table]._base_manager.order_by("pk").values_list()
    return hashlib.sha256(repr(list(rows)).encode()).digest()


@pytest.fixture(autouse=True)
def quiet():
    """Thousands of rejected requests need no line each in the log."""
    logger = logging.getLogger("django.request")
    before = logger.level
    logger.setLevel(logging.CRITICAL)
    yield
    logger.setLevel(before)


@pytest.fixture(scope="module")
def stored_before(asker):
    return {table: digest_of(table) for table in TABLES}


@pytest.fixture
def sending(name, world, asker, stored_before):
    """Sends requests to one operation. At the end every response must be right, and nothing stored."""
    one = Sending(name, example_of(name, world), asker(name))
    with written_tables() as written:
        yield one
    written &= TABLES.keys()
    if written:
        connection.check_constraints()
    changed = [table for table in written if stored_before[table] != digest_of(table)]
    assert one.responses
    assert one.wrong == []
    assert changed == []


class Sending:
    """Collects wrong responses, so that one run reports all of them."""

    def __init__(self, name, example, program):
        self.operation, self.example, self.program = OPERATIONS[name], example, program
        self.wrong, self.responses = [], 0

    @property
    def without_version(self):
        return {name: value for name, value in (self.example.body or {}).items() if name != "version"}

    def refused(self, what, *, though_known=True, **sent):
        """The response, which must be an error; and one about the request, unless it is about its sender."""
        response = self._ask(sent)
        if response.status_code < 400 or (though_known and response.status_code in {401, 403}):
            self.wrong.append((what, response.status_code, response.content[:200]))
        else:
            self._judge(what, response)
        return response

    def survived(self, what, **sent):
        """The response, which may be an error or not; what it stored is rolled back."""
        with transaction.atomic():
            response = self._ask(sent)
            transaction.set_rollback(True)
        if response.status_code >= 400:
            self._judge(what, response)
        return response

    def _ask(self, sent):
        self.responses += 1
        if self.operation.name == "sessions_sign":
            LoginFailures.objects.all().delete()  # or else the tenth wrong password would be the last that is checked
        method, path = sent.pop("method", self.operation.method), sent.pop("path", self.example.path)
        if "raw" not in sent and "body" not in sent:
            sent["body"] = self.example.body
        raw = sent.pop("raw", None)
        if raw is None and sent["body"] is not None:
            raw = corpus.as_json(sent["body"]).encode()
        sent.pop("body", None)
        environ, headers = sent.pop("environ", {}), sent.pop("headers", self.example.headers)
        kind = sent.pop("content_type", "application/json")
        client = sent.pop("client", self.program.client)
        return client.generic(
            method, path, raw or b"", content_type=kind, headers={**self.program.headers, **headers}, **environ
        )

    def _judge(self, what, response):
        fault = self._fault(response)
        if fault:
            self.wrong.append((what, fault, response.status_code, response.content[:300]))

    def _fault(self, response):
        if response.status_code >= 500:
            return f"a fault: {response.exc_info and response.exc_info[1]!r}"
        if response.request["REQUEST_METHOD"] == "HEAD":
            return None
        if response["Content-Type"] != MEDIA_TYPE:
            return f"said to be {response['Content-Type']}"
        if response.status_code not in self.operation.statuses | {400, 404}:
            return "no documented status"
        problem = response.json()
        if not (problem.keys() >= MEMBERS and problem["status"] == response.status_code and problem["detail"]):
            return "no problem document"
        return None

    def refused_in(self, values, what):
        """Each of the values, by path of its field, is rejected: first together, then alone where no error named it."""
        response = self.refused(f"{what} in {list(values)}", body=corpus.with_values(self.example.body, values))
        named = _errors_of(response)
        for path, value in values.items():
            if len(values) > 1 and not any(f"{one}.".startswith(_dotted(path)) for one in named):
                self.refused(f"{what} in {path}", body=corpus.with_values(self.example.body, {path: value}))

    def places(self, wanted):
        """Paths of the fields whose schema is `wanted`, by depth."""
        found = [path for path, schema in corpus.places(self.operation.fields, self.example.body) if wanted(schema)]
        return [[path for path in found if len(path) == depth] for depth in sorted({len(path) for path in found})]


def _errors_of(response):
    try:
        return response.json()["errors"]
    except (ValueError, KeyError):
        return {}


def _dotted(path):
    return "".join(f"{step}." for step in path)


def value_at(body, path):
    for step in path:
        body = body.get(step) if isinstance(body, dict) else body[step]
    return body


@each(lambda one: True)
def test_operation_accepts_its_example(name, sending):
    """Otherwise what is rejected below would be the example itself. `test_fuzz` sends that of each operation."""
    response = sending.survived("its example")
    assert response.status_code in {200, 201, 204} & sending.operation.statuses, response.content


# Bodies


@each_method_with_body
def test_body_of_wrong_shape_is_rejected(name, sending):
    for what, raw, kind in corpus.shapes(sending.example.body):
        sending.refused(what, raw=raw, content_type=kind)


@each_method_with_body
def test_body_of_wrong_length_causes_no_server_error(name, sending):
    good = corpus.as_json(sending.example.body).encode()
    for length in corpus.LENGTHS:
        environ = {"CONTENT_LENGTH": length, "wsgi.input": io.BytesIO(good + b" " * corpus.MUCH)}
        sending.survived(f"a megabyte said to be {length}", environ=environ)
    environ = {"CONTENT_LENGTH": str(corpus.MUCH), "wsgi.input": io.BytesIO(good)}
    sending.survived(f"{len(good)} bytes said to be a megabyte", environ=environ)


@each_write
def test_empty_body_is_rejected_when_a_body_is_required(name, sending):
    ask = sending.refused if sending.operation.required or "version" in sending.operation.fields else sending.survived
    for raw in (b"", b"{}"):
        ask(f"{raw} as the body", raw=raw)
    for raw in (b" ", b"\n"):
        sending.refused(f"{raw} as the body", raw=raw)


# A score is text, and a whole number is taken for one.
SCORES = {"lowest", "highest", "value"}


@each(lambda one: one.fields, kind=_resource)
def test_value_of_wrong_type_is_rejected(name, sending):
    for value in some(corpus.WRONG_VALUES, one_of=2):
        for paths in sending.places(lambda schema, value=value: not corpus.may_be(schema, value)):
            values = {path: value for path in paths if not (path[-1] in SCORES and corpus.type_of(value) == "integer")}
            if values:
                sending.refused_in(values, f"{corpus.as_json(value)[:20]}")


@each(lambda one: any(map(corpus.is_text, one.schemas)), kind=_resource)
def test_text_with_hidden_characters_is_rejected(name, sending):
    for paths in sending.places(corpus.is_text):
        for what, character in some(corpus.HIDDEN.items(), one_of=3):
            texts = {path: str(value_at(sending.example.body, path) or "ab") for path in paths}
            sending.refused_in({path: f"{text[:1]}{character}{text[1:]}x" for path, text in texts.items()}, what)
        for what, raw in corpus.HALVES.items():
            for path in paths:
                sending.refused(what, body=corpus.with_values(sending.example.body, {path: raw}))


@each(lambda one: any(schema.get("format") in {"date", "date-time"} for schema in one.schemas), kind=_resource)
def test_invalid_date_is_rejected(name, sending):
    def of_format(name):
        return lambda schema: schema.get("format") == name

    for form, none, far in (
        ("date", corpus.NO_DAYS, corpus.FAR_DAYS),
        ("date-time", (*corpus.NO_MOMENTS, *corpus.CLOCK_CHANGES, corpus.A_DAY), corpus.FAR_MOMENTS),
    ):
        for paths in sending.places(of_format(form)):
            for value in none:
                sending.refused_in(dict.fromkeys(paths, value), value)
            for path in paths:
                for value in far:
                    body = corpus.with_values(sending.example.body, {path: value})
                    sending.survived(f"{value} in {path}", body=body)


# Addresses


@each(lambda one: one.parameters("path"), kind=_resource)
def test_invalid_id_is_not_found(name, sending):
    parts = sending.operation.template.split("/")
    for place, part in enumerate(parts):
        if part.startswith("{"):
            for value in corpus.NO_IDS:
                path = sending.example.path.split("/")
                path[place] = value if "%" in value else quote(value)
                sending.refused(f"{value[:20]} as {part}", path="/".join(path))


@each_method
def test_unknown_query_parameter_is_rejected(name, sending):
    path, _, query = sending.example.path.partition("?")
    known = list(sending.operation.parameters("query"))
    for more in ("unheard_of=1", "=1", "%00=1", "a=1&a=2", "format=xml", "a" * 10_000, "&".join(["a=1"] * 1_001)):
        sending.refused(f"?{more[:20]}", path=f"{path}?{query}&{more}")
    for parameter in known:
        sending.refused(f"{parameter} twice", path=f"{path}?{parameter}=1&{parameter}=1")
    sending.survived("a query that is no text", path=f"{path}?{query}&%ff%fe=%ed%a0%80")


VALUES_OF = {
    "ordering": (corpus.NO_ORDERINGS, ()),
    "cursor": (corpus.NO_CURSORS, corpus.FOREIGN_CURSORS),
    "page_size": (corpus.NO_NUMBERS, corpus.LARGE_NUMBERS),
}


def values_of(parameter, schema):
    """(values that are rejected, values that only must not cause a server error) for a query parameter."""
    if parameter in VALUES_OF:
        return VALUES_OF[parameter]
    if schema["type"] == "integer":
        return corpus.NO_NUMBERS + corpus.LARGE_NUMBERS, ("007",)
    if schema["type"] == "boolean":
        return ("maybe", "2", "\0"), ("", "null", "True", "0")
    if "enum" in schema:
        return ("x", "0", "\0", "é"), ("",)
    if schema.get("format") == "date":
        return corpus.NO_DAYS, corpus.FAR_DAYS
    if schema.get("format") == "date-time":
        return corpus.NO_MOMENTS, corpus.FAR_MOMENTS + corpus.CLOCK_CHANGES + (corpus.A_DAY,)
    return ("\0", "x" * 1_000), ("", " ", "\u202e", "%", "_", "'", "\\", "é" * 20, "1" * 30, "-", "\U0001f600")


def each_query_parameter():
    """The short run takes one of each kind: what all lists share is the same code."""
    seen = set()
    for name, operation in OPERATIONS.items():
        for parameter, schema in operation.parameters("query").items():
            kind = parameter if parameter in VALUES_OF else (schema["type"], schema.get("format"), "enum" in schema)
            yield pytest.param(name, parameter, marks=[pytest.mark.full] if kind in seen else [])
            seen.add(kind)


@pytest.mark.parametrize(("name", "parameter"), each_query_parameter())
def test_invalid_query_value_is_rejected(name, parameter, sending):
    path, _, query = sending.example.path.partition("?")
    rest = "&".join(part for part in query.split("&") if part and not part.startswith(f"{parameter}="))
    refused, survived = values_of(parameter, sending.operation.parameters("query")[parameter])
    for values, ask in ((refused, sending.refused), (survived, sending.survived)):
        for value in values:
            ask(f"{parameter}={value[:30]!r}", path=f"{path}?{rest}&{urlencode({parameter: value})}")


# Headers and methods


@each_method
def test_invalid_header_is_rejected(name, sending):
    headers = sending.operation.parameters("header")
    if "If-Match" in headers:
        body = sending.without_version if sending.operation.body else None
        for value in corpus.NO_ETAGS:
            sending.refused(f"If-Match: {value[:20]}", headers={"If-Match": value}, body=body)
    if "Idempotency-Key" in headers:
        for value in corpus.NO_KEYS:
            sending.refused(f"Idempotency-Key: {value[:20]}", headers={"Idempotency-Key": value})
    for value in corpus.ACCEPTED_OR_NOT:
        response = sending.survived(f"Accept: {value[:20]}", headers={**sending.example.headers, "Accept": value})
        if response.status_code >= 400:
            sending.wrong.append((f"Accept: {value[:20]}", response.status_code))


@each_method
def test_invalid_authorization_causes_no_server_error(name, sending):
    for value in corpus.NO_AUTHORISATION:
        headers = {**sending.example.headers, "Authorization": value}
        sending.refused(f"Authorization: {value[:20]}", headers=headers, though_known=False)
    if sending.operation.method != "GET":
        for value in ("", "x", "x" * 10_000, "é", "\x01"):
            headers = {**sending.example.headers, "X-CSRFToken": value}
            sending.refused(f"X-CSRFToken: {value[:20]}", headers=headers, though_known=False)
    for value in ("sessionid=x", "sessionid=\x01", "é", "x" * 10_000, f"sessionid={'x' * 5_000}"):
        nobody = Client(raise_request_exception=False)
        sending.refused(f"Cookie: {value[:20]}", client=nobody, environ={"HTTP_COOKIE": value}, though_known=False)
    sending.refused("another host", environ={"HTTP_HOST": "elsewhere.example"})


TEMPLATES = {one.template: name for name, one in OPERATIONS.items()}


@each(lambda one: TEMPLATES[one.template] == one.name, kind=_resource)
def test_unsupported_method_is_rejected(name, sending, world):
    known = {one.method for one in OPERATIONS.values() if one.template == sending.operation.template}
    others = some(corpus.OTHER_METHODS, one_of=4)
    for method in (*others, *({"GET", "HEAD", "POST", "PATCH", "DELETE"} - known - _head(known))):
        response = sending.refused(method[:20], method=method, though_known=False)
        if response.status_code != 405:
            sending.wrong.append((method[:20], response.status_code))
    if "GET" in known:
        # Without a query: what is asked of a removal is not known to a read.
        path = sending.example.path.partition("?")[0] + query_of(read_name(sending.operation.template), world)
        response = sending.survived("HEAD", method="HEAD", raw=b"", path=path)
        if (response.status_code, response.content) != (200, b""):
            sending.wrong.append(("HEAD", response.status_code, response.content))


def read_name(template):
    return next(name for name, one in OPERATIONS.items() if (one.template, one.method) == (template, "GET"))


def _head(known):
    return {"HEAD"} if "GET" in known else set()


def test_corpus_covers_every_operation():
    """It is made from the document, and would pass where that were empty."""
    assert len(OPERATIONS) > 60
    assert len(WRITES) > 30
