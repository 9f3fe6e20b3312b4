"""Programs that ask: with a person's login, or with a token of theirs."""

import json
from urllib.parse import quote

import pytest
from django.middleware.csrf import _get_new_csrf_string
from django.test import Client

from clinic.accounts.permissions import READING, ROLES, WRITING, may
from tests import builders
from tests.api.examples import ApiWorld
from tests.api.operations import OPERATIONS


class Program:
    """A client of the API that speaks JSON. `response.status_code`, `response.json()`."""

    def __init__(self, client, headers=None):
        self.client, self.headers = client, headers or {}

    def ask(self, method, path, body=None, *, raw=None, content_type="application/json", **headers):
        data = raw if raw is not None else b"" if body is None else json.dumps(body).encode()
        path = path if path.startswith(("/", "http")) else f"/api/v1/{path}"
        sent = {**self.headers, **{name.replace("_", "-"): value for name, value in headers.items()}}
        response = self.client.generic(method, path, data, content_type=content_type, headers=sent)
        assert response["Cache-Control"] == "no-store", (method, path)  # of every response
        return response

    def get(self, path, **headers):
        return self.ask("GET", path, **headers)

    def post(self, path, body=None, **headers):
        return self.ask("POST", path, {} if body is None else body, **headers)

    def patch(self, path, body=None, **headers):
        return self.ask("PATCH", path, {} if body is None else body, **headers)

    def delete(self, path, **headers):
        return self.ask("DELETE", path, **headers)


@pytest.fixture
def api():
    """`api(person)` asks with the person's own login session, which is the same until the password changes."""
    programs = {}

    def of(person):
        login = person.pk, person.password
        if login not in programs:
            programs[login] = Program(Client())
            programs[login].client.force_login(person)
        return programs[login]

    return of


def a_token(person, permissions=None, **details):
    """By default with every permission that this person can give."""
    if permissions is None:
        permissions = {permission for permission in READING | WRITING if may(person, permission)}
    return builders.a_token(by=person, permissions=permissions, **details)


@pytest.fixture
def program():
    """`program(person)` sends requests with a token of that person with every permission of tokens."""

    def of(person, permissions=None):
        token = a_token(person, permissions)
        return Program(Client(), {"Authorization": f"Bearer {token.secret}"})

    return of


@pytest.fixture(scope="module")
def made_world(module_transaction):
    return ApiWorld()


@pytest.fixture(scope="module")
def people(made_world):
    """By role; the neurologist is the one whose patients they are."""
    return {role: made_world.clinician if role == "neurologist" else builders.a_person(role) for role in ROLES}


@pytest.fixture(scope="module")
def desks(people):
    """By role, a program that asks by its person's login, with the CSRF token."""
    return {role: at_a_desk(person) for role, person in people.items()}


def at_a_desk(person):
    client, token = Client(enforce_csrf_checks=True, raise_request_exception=False), _get_new_csrf_string()
    client.force_login(person)
    client.cookies["csrftoken"] = token
    return Program(client, {"X-CSRFToken": token})


@pytest.fixture(scope="module")
def asker(desks):
    """`asker(operation)` sends requests as a user with its permission."""
    return lambda name: desks[OPERATIONS[name].roles[0]]


@pytest.fixture
def found(api, neurologist, auditor):
    """`found("visits", day=…)` is the list of ids; `found("patients/search", search=…)` that of a search."""

    def ids(what, by=None, **asked):
        person = by or (auditor if what.startswith("audit") else neurologist)
        words = "&".join(f"{name.removesuffix('_')}={quote(str(value))}" for name, value in asked.items())
        is_search = what.endswith("/search")
        response = api(person).post(f"{what}/", asked) if is_search else api(person).get(f"{what}/?{words}")
        assert response.status_code == 200, response.json()
        assert response.json()["next_cursor" if is_search else "next"] is None
        return [row.get("id", row.get("session")) for row in response.json()["results"]]

    return ids
