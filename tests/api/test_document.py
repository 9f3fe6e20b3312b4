"""The OpenAPI document: as committed, as the code has it, and worth a client’s trust."""

import json
import re

import pytest
from django.core.management import call_command
from drf_spectacular import drainage
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.validation import validate_schema

from clinic.accounts.permissions import READING, ROLES, WRITING, Permission
from clinic.api.documents import as_text, document
from clinic.api.router import RESOURCES
from clinic.api.schema import noun_of
from clinic.management.commands import openapi
from tests import rule

HOW = "The committed document is not what the code says. Write it anew: python manage.py openapi"
OPERATIONS = {
    operation["operationId"]: operation for methods in document()["paths"].values() for operation in methods.values()
}
each_operation = pytest.mark.parametrize("operation", OPERATIONS.values(), ids=OPERATIONS)


def nodes(node, path=""):
    """(where, node) of everything in a document."""
    yield path, node
    inner = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for name, below in inner:
        yield from nodes(below, f"{path}/{name}")


def found(reference):
    """What a `$ref` leads to; None where it leads nowhere."""
    place = document()
    for name in reference.removeprefix("#/").split("/"):
        place = place.get(name, {})
    return place or None


def references():
    return {node["$ref"] for _, node in nodes(document()) if isinstance(node, dict) and "$ref" in node}


def answer_of(operation, code):
    response = operation["responses"][code]
    return found(response["$ref"]) if "$ref" in response else response


# As it is committed


def test_committed_document_matches_the_code():
    assert openapi.DOCUMENT.read_text(encoding="utf-8") == as_text(), HOW


def test_command_writes_sorted_json_with_a_final_newline(tmp_path, monkeypatch, settings):
    settings.BASE_DIR = tmp_path
    monkeypatch.setattr(openapi, "DOCUMENT", tmp_path / "openapi.json")
    call_command("openapi", verbosity=0)
    text = openapi.DOCUMENT.read_text(encoding="utf-8")
    assert text.endswith("}\n")
    assert json.dumps(json.loads(text), indent=2, sort_keys=True, ensure_ascii=False) + "\n" == text


def test_server_returns_the_same_document_to_every_role(api, program, neurologist, superuser):
    responses = [asker.get("schema/") for asker in (api(superuser), api(neurologist), program(neurologist))]
    assert {response.status_code for response in responses} == {200}
    assert all(response.json() == json.loads(as_text()) for response in responses)


def test_document_needs_a_login(api, client, db):
    assert client.get("/api/v1/schema/").status_code == 401


# As documents go


def test_document_is_valid_openapi():
    validate_schema(document())


def test_schema_generation_emits_no_warning():
    drainage.reset_generator_stats()
    SchemaGenerator().get_schema(request=None, public=True)
    complaints = {**drainage.GENERATOR_STATS._warn_cache, **drainage.GENERATOR_STATS._error_cache}
    assert complaints == {}


def test_every_reference_resolves():
    assert len(references()) > 50
    assert [one for one in references() if found(one) is None] == []


def test_every_component_is_used():
    components = document()["components"]
    named = {f"#/components/{kind}/{name}" for kind in ("schemas", "responses") for name in components[kind]}
    assert named - references() == set()


def test_document_names_the_server_and_no_contact():
    assert document()["servers"][0]["url"] == "/"
    assert "contact" not in document()["info"]


def test_document_names_the_path_of_collum_as_its_server(settings):
    """The paths of the document begin with `/api/`, also under a path."""
    settings.SCRIPT_NAME = "/collum"
    under_a_path = SchemaGenerator().get_schema(request=None, public=True)
    assert [server["url"] for server in under_a_path["servers"]] == ["/collum"]
    assert all(path.startswith("/api/v1/") for path in under_a_path["paths"])


def test_every_resource_is_described():
    described = {tag["name"]: tag["description"] for tag in document()["tags"]}
    assert {tag for operation in OPERATIONS.values() for tag in operation["tags"]} == set(described)
    assert [name for name, text in described.items() if not text] == []


# Operations


def test_operation_ids_are_unique():
    assert len(OPERATIONS) == sum(len(methods) for methods in document()["paths"].values())


@each_operation
def test_operation_has_a_one_line_summary(operation):
    assert 5 < len(operation["summary"]) <= 120
    assert operation["summary"][0].isupper()
    assert operation["description"]


@each_operation
def test_operation_names_the_roles_of_the_access_table(operation):
    permission = Permission(operation["x-permission"])
    granted = [name for name, role in ROLES.items() if permission is Permission.LOG_IN or permission in role.may]
    assert operation["x-roles"] == granted
    assert all(role in operation["description"] for role in granted) or permission is Permission.LOG_IN


@each_operation
def test_operation_documents_its_error_responses(operation):
    for code in ("401", "403"):
        response = answer_of(operation, code)
        assert response["description"]
        assert response["content"]["application/problem+json"]["schema"] == {"$ref": "#/components/schemas/Problem"}


@each_operation
def test_operation_describes_its_paths_and_headers(operation):
    for parameter in operation.get("parameters", ()):
        if parameter["in"] in {"path", "header"}:
            assert parameter["description"]


@each_operation
def test_response_is_described_and_records_have_a_version(operation):
    code = min(operation["responses"])
    response = answer_of(operation, code)
    assert response["description"]
    shape = response.get("content", {}).get("application/json", {}).get("schema", {})
    fields = (found(shape["$ref"]) if "$ref" in shape else shape).get("properties", {})
    assert ("ETag" in response.get("headers", {})) == ("version" in fields)
    if code == "201":
        assert "Location" in response["headers"]


@each_operation
def test_list_page_contains_records(operation):
    shape = answer_of(operation, min(operation["responses"])).get("content", {}).get("application/json", {})
    fields = found(shape["schema"]["$ref"])["properties"] if "$ref" in shape.get("schema", {}) else {}
    if "results" in fields:
        assert list(fields["results"]["items"]) == ["$ref"]
        assert fields.get("next", fields.get("next_cursor"))["nullable"]


def test_operation_for_people_only_has_no_token_scheme():
    in_person = {
        name
        for name, operation in OPERATIONS.items()
        if operation["security"] == [{"login": []}] and "never with a token" in operation["description"]
    }
    assert {"sessions_sign", "sessions_amend", "sessions_discard_amendment", "sessions_vials_create"} <= in_person
    assert len(in_person) == sum(len(resource.person_only) for resource in RESOURCES.values())
    others = [operation for name, operation in OPERATIONS.items() if name not in in_person]
    assert all({"token": []} in operation["security"] for operation in others)
    given = {Permission.LOG_IN} | READING | WRITING
    assert all(Permission(operation["x-permission"]) in given for operation in others)


def test_create_takes_a_key_and_change_takes_a_version():
    def headers(name):
        return {one["name"] for one in OPERATIONS[name]["parameters"] if one["in"] == "header"}

    assert headers("patients_create") == {"Idempotency-Key", "X-CSRFToken"}
    assert headers("patients_change") == {"If-Match", "X-CSRFToken"}
    assert headers("visits_move") == {"Idempotency-Key", "If-Match", "X-CSRFToken"}
    assert set(OPERATIONS["patients_change"]["responses"]) > {"409", "428"}
    assert "422" in OPERATIONS["patients_create"]["responses"]


def test_problem_type_documents_its_own_fields():
    conflict = OPERATIONS["patients_create"]["responses"]["409"]["content"]["application/problem+json"]["schema"]
    assert "alike" in found(conflict["$ref"])["properties"]
    conflict = OPERATIONS["visits_create"]["responses"]["409"]["content"]["application/problem+json"]["schema"]
    assert "nearest" in found(conflict["$ref"])["properties"]
    assert "Retry-After" in answer_of(OPERATIONS["me_list"], "429")["headers"]


def test_unknown_fields_are_documented_as_rejected():
    bodies = [
        found(operation["requestBody"]["content"]["application/json"]["schema"]["$ref"])
        for operation in OPERATIONS.values()
        if "requestBody" in operation
    ]
    assert len(bodies) > 20
    assert all(body["additionalProperties"] is False for body in bodies)


def test_schema_has_its_own_description():
    texts = [shape.get("description", "") for shape in document()["components"]["schemas"].values()]
    assert not [text for text in texts if "nothing of it is sent back" in text or "dropped in silence" in text]


def test_enum_value_has_a_description():
    guidance = document()["components"]["schemas"]["InjectionAdded"]["properties"]["guidance"]
    meanings = dict(zip(guidance["enum"], guidance["x-enum-descriptions"], strict=True))
    assert meanings["emg_and_ultrasound"] == "EMG and ultrasound"
    assert meanings[""] == "empty"


def test_resource_names_are_written_as_words():
    assert noun_of("adverse-event") == "adverse event"
    assert noun_of("follow-ups") == "follow-ups"


def test_nullable_has_a_type_next_to_it():
    """In OpenAPI 3.0, it has no meaning next to `allOf`."""
    schemas = [(path, node) for path, node in nodes(document()) if isinstance(node, dict) and "nullable" in node]
    assert [path for path, node in schemas if "type" not in node and not path.endswith("/properties")] == []


def test_every_object_is_described():
    """The document of the API itself is the only one that is not."""
    free = {
        path
        for path, node in nodes(document())
        if isinstance(node, dict) and node.get("type") == "object" and not {"properties", "enum"} & node.keys()
        if node.get("additionalProperties", {}) == {}
    }
    assert {path.split("/paths//api/v1/")[-1].partition("/")[0] for path in free} == {"schema"}


def test_writes_name_the_csrf_token():
    for operation in document()["paths"].values():
        for method, described in operation.items():
            names = {one["name"] for one in described.get("parameters", ())}
            assert ("X-CSRFToken" in names) == (method != "get")


# The rule


def doses():
    for path, node in nodes(document()):
        if isinstance(node, dict) and path.rpartition("/")[2].endswith("_dose"):
            yield path, node


def test_dose_is_a_string_without_limits():
    found_doses = dict(doses())
    assert len(found_doses) >= 4
    allowed = {"type": "string", "nullable": True, "description": "As typed. Null if no dose was typed."}
    for path, schema in found_doses.items():
        assert {name: value for name, value in schema.items() if name != "readOnly"} == allowed, path


def test_document_has_no_figure_with_a_unit_and_no_example():
    assert rule.faults_in_text(as_text()) == []
    proposing = {"example", "examples", "default", "x-example"}
    # A field can have that name, but a schema cannot have that keyword.
    proposed = [
        path
        for path, node in nodes(document())
        if isinstance(node, dict) and proposing & node.keys() and not path.endswith("/properties")
    ]
    assert proposed == []


def test_descriptions_of_doses_contain_no_figure():
    texts = [node for _, node in nodes(document()) if isinstance(node, str)]
    messages = [one for text in texts for one in re.split(r"(?<=[.:;!?])\s", text) if rule.speaks_of_a_dose(one)]
    assert messages
    assert [one for one in messages if re.search(r"\d", one)] == []
