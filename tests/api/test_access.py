"""Each operation has the access of the table, for a login and a token of each role, with every method."""

from types import SimpleNamespace

import pytest
from django.test import Client

from clinic.accounts.permissions import ROLES, ActionPermissions, Permission
from tests import access, builders
from tests.api.conftest import Program, a_token
from tests.api_table import OPERATIONS
from tests.extent import IS_WHOLE, first_of_each, in_turn, some
from tests.world import SECRETS

pytestmark = pytest.mark.django_db

URLS = {url.name: url for url in access.urls() if url.is_api}
PERSON = {
    "api:letter-sign-off": "A person signs a letter off.",
    "api:review-answer": "A person answers a review.",
    "api:review-send-back": "A person answers a review.",
    "api:session-entered-in-error": "A person marks a session as entered in error.",
    "api:session-undo-entered-in-error": "A person undoes “entered in error”.",
    "api:vial-list": "A token cannot record what was given. A person records it in Collum.",
    "api:vial-detail": "A token cannot record what was given. A person records it in Collum.",
}


@pytest.fixture(scope="module")
def secrets(people_by_letter):
    """By letter, of a token with every permission that its owner can give."""
    return {letter: a_token(people_by_letter[letter]).secret for letter in access.ROLE_OF}


@pytest.fixture
def token_of(secrets):
    """A program with such a token."""
    return lambda letter: Program(Client(), {"Authorization": f"Bearer {secrets[letter]}"})


def test_access_table_lists_exactly_the_operations_of_the_code():
    code = {
        name: {method.upper() for method in url.view.actions} | ({"HEAD"} if "get" in url.view.actions else set())
        for name, url in URLS.items()
    }
    assert code == {name: set(ways) for name, ways in OPERATIONS.items()}


def test_operation_missing_from_the_table_is_reported(monkeypatch):
    monkeypatch.delitem(OPERATIONS, "api:visit-move")
    with pytest.raises(AssertionError):
        test_access_table_lists_exactly_the_operations_of_the_code()


def test_operation_without_a_permission_is_denied(neurologist):
    view = SimpleNamespace(action="list", permissions={"retrieve": Permission.LOG_IN}, person_only={})
    request = SimpleNamespace(user=neurologist)
    assert not ActionPermissions().has_permission(request, view)
    view.action = "retrieve"
    assert ActionPermissions().has_permission(request, view)


@pytest.mark.parametrize("name", OPERATIONS)
def test_operation_declares_the_access_of_the_table(name):
    view = URLS[name].view
    for method, action in view.actions.items():
        permission = view.cls.permissions[action]
        letters = OPERATIONS[name][method.upper()]
        granted = {letter for letter, role in access.ROLE_OF.items() if permission in ROLES[role].may}
        if permission is Permission.LOG_IN:
            granted = set(access.PEOPLE) - {"-"}
        assert set(letters.replace("!", "").split()) == granted
        assert ("!" in letters) == (action in view.cls.person_only)


@pytest.mark.parametrize("name", OPERATIONS)
def test_token_of_each_role_has_the_access_of_the_table(name, world, token_of, people_by_letter):
    url, wrong = URLS[name], []
    for method, letters in asked_of(name):
        for letter in asked_as(name, letters.split()):
            world.belongs_to(people_by_letter[letter])
            response = token_of(letter).ask(method, world.fill(url.route))
            if message := _judged(name, method, letter, letters.split(), response):
                wrong.append(f"{method} {letter}: {message}")
    assert wrong == []


def each_resource(names):
    """In the short run one operation of each resource: the permissions of the others are in the same table."""
    return first_of_each(names, lambda name: URLS[name].view.cls)


def asked_as(name, letters):
    """In the short run one who may not, others for each operation; one who may only without a token; and one who may.

    The test above compares the declared permission with the whole table, and tests/api/test_fuzz.py asks each operation
    as one who may. So one who may asks here one operation of each resource.
    """
    if IS_WHOLE:
        return "NTSCA"
    place = list(OPERATIONS).index(name)
    may = [letter for letter in "NTSCA" if letter in letters] if name in each_resource(OPERATIONS) else []
    never = [letter for letter in "NTSCA" if not {letter, f"{letter}!"} & {*letters}]
    login_only = [letter[0] for letter in letters if letter.endswith("!")]
    return [letter for group in (may, never, login_only) for letter in in_turn(group, place)]


def asked_of(name):
    """HEAD, which is the same action as GET, of a part of the operations."""
    is_asked = name in some(OPERATIONS, one_of=10)
    return [(method, letters) for method, letters in OPERATIONS[name].items() if method != "HEAD" or is_asked]


def _judged(name, method, letter, letters, response):
    """What is wrong with it; None where it matches the table."""
    if letter in letters:
        if response.status_code == 403 and response.json()["detail"] == (
            "A token cannot record what was given. A person records it in Collum."
        ):
            return None  # the session of the world is being recorded, which a token cannot change
        is_wrong = response.status_code in {401, 403, 404, 405} or response.status_code >= 500
        return f"may, and got {response.status_code}" if is_wrong else None
    if response.status_code != 403:
        return f"may not, and got {response.status_code}"
    if f"{letter}!" in letters and response.json()["detail"] != PERSON.get(
        name, ("A token cannot write doses. A person types them in Collum.")
    ):
        return f"read {response.json()['detail']}"
    found = [secret for secret in [*SECRETS.values(), "RN-88001122"] if secret in response.content.decode()]
    return f"may not, and read {found}" if found else None


@pytest.fixture(scope="module")
def narrow_secrets(people_by_letter):
    """(secret, scope) of tokens with one permission; their owners have more."""
    scopes = {"N": {Permission.SEE_CATALOGUE}, "C": {Permission.SEE_CATALOGUE}, "A": {Permission.SEE_AUDIT}}
    return [(a_token(people_by_letter[letter], scope).secret, scope) for letter, scope in scopes.items()]


@pytest.mark.parametrize("name", each_resource(OPERATIONS))
def test_token_has_no_access_beyond_its_scope(name, world, narrow_secrets):
    """A token that can read only the catalogue reads only that, for every owner."""
    url = URLS[name]
    for secret, scope in in_turn(narrow_secrets, list(OPERATIONS).index(name)):
        program = Program(Client(), {"Authorization": f"Bearer {secret}"})
        for method, action in list(url.view.actions.items()):
            response = program.ask(method.upper(), world.fill(url.route))
            is_open = url.view.cls.permissions[action] in {*scope, Permission.LOG_IN}
            assert (response.status_code == 403) != is_open


def test_write_only_token_does_not_receive_what_it_cannot_read(world, neurologist):
    # Given one whose scope no page would give
    token = a_token(neurologist, {Permission.SEE_PATIENTS, Permission.CHANGE_PATIENTS})
    token.permissions = {Permission.CHANGE_PATIENTS}
    token.save()
    program = Program(Client(), {"Authorization": f"Bearer {token.secret}"})
    response = program.patch(f"patients/{world.patient.pk}/", {"version": world.patient.version})
    assert (response.status_code, response.json()["detail"]) == (403, "You do not have permission to do this.")


@pytest.mark.parametrize("name", each_resource(name for name in OPERATIONS if "<int:pk>" in URLS[name].route))
def test_denied_access_does_not_reveal_whether_a_record_exists(name, world, token_of, api, staff):
    """The same answer for what exists and for what does not."""
    url = URLS[name]
    there = world.fill(url.route)
    nowhere = "/".join("999999" if part.isdigit() else part for part in there.split("/"))
    for method in some(OPERATIONS[name], one_of=2):
        for program in in_turn((api(staff), token_of("A"), Program(Client())), list(OPERATIONS).index(name)):
            one, other = program.ask(method, there), program.ask(method, nowhere)
            if one.status_code in {401, 403}:
                assert (one.status_code, _masked(one)) == (other.status_code, _masked(other))


def _masked(response):
    body = response.json() if response.content else None
    return body and {name: value for name, value in body.items() if name != "request_id"}


# Children belong to the parent in the path


@pytest.mark.parametrize("what", ["coverage", "therapies"])
def test_nested_record_is_found_only_under_its_own_patient(what, world, api):
    record = {"coverage": world.coverage, "therapies": world.therapy}[what]
    for method, tail in (("GET", ""), ("PATCH", ""), ("POST", "entered-in-error/")):
        path = f"patients/{world.same.pk}/{what}/{record.pk}/{tail}"
        assert api(world.clinician).ask(method, path, None if method == "GET" else {"version": 1}).status_code == 404


@pytest.mark.parametrize("what", ["injections", "vials"])
def test_nested_record_is_found_only_under_its_own_session(what, world, api, neurologist):
    elsewhere = builders.a_given_session(by=neurologist, muscles=(("SCAL", "left"),), doses=("3.33",))
    row = world.row if what == "injections" else world.vial
    for method in ("GET", "PATCH", "DELETE"):
        path = f"sessions/{elsewhere.pk}/{what}/{row.pk}/"
        sent = None if method != "PATCH" else {"note": "x", "version": row.version}
        assert api(world.clinician).ask(method, path, sent, If_Match='"1"').status_code == 404


def test_vial_of_another_session_is_rejected(world, api, neurologist):
    elsewhere = builders.a_given_session(by=neurologist, muscles=(("SCAL", "left"),), doses=("3.33",))
    other = builders.a_vial(session=elsewhere, by=neurologist)
    world.row.refresh_from_db()
    path = f"sessions/{world.session.pk}/injections/{world.row.pk}/"
    response = api(world.clinician).patch(
        path, {"vial": other.pk, "version": world.row.version, "product": world.session.product_id}
    )
    assert (response.status_code, list(response.json()["errors"])) == (409, ["vial"])
    world.row.refresh_from_db()
    assert world.row.vial_id is None
