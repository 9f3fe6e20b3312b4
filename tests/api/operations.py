"""What the committed OpenAPI document lists: each operation, its request, and its possible responses."""

import json
from dataclasses import dataclass

import clinic.urls  # noqa: F401 (registers the resources of the API)
from clinic.management.commands.openapi import DOCUMENT as FILE

# Each process that collects tests reads it. Creating it would take seconds; `test_document` compares the two.
DOCUMENT = json.loads(FILE.read_text(encoding="utf-8"))
METHODS = ("get", "post", "patch", "delete")


@dataclass(frozen=True)
class Operation:
    """One method of one address, as the document describes it."""

    method: str
    template: str
    definition: dict

    @property
    def name(self):
        return self.definition["operationId"]

    @property
    def roles(self):
        return self.definition["x-roles"]

    @property
    def statuses(self):
        return {int(code) for code in self.definition["responses"]}

    @property
    def body(self):
        """The schema of the body; None where the document has none."""
        content = self.definition.get("requestBody", {}).get("content", {})
        return resolved(content["application/json"]["schema"]) if content else None

    @property
    def fields(self):
        return {name: resolved(schema) for name, schema in (self.body or {}).get("properties", {}).items()}

    @property
    def schemas(self):
        """Of its fields, and of what is nested in them."""
        return list(_with_nested(self.fields))

    @property
    def required(self):
        return set((self.body or {}).get("required", ()))

    def parameters(self, where):
        """The schemas of its parameters by name; `where` is *path*, *query* or *header*."""
        definition = self.definition.get("parameters", [])
        return {each["name"]: resolved(each["schema"]) for each in definition if each["in"] == where}


def resolved(schema):
    """The schema, with what it refers to in its place."""
    while True:
        one = schema.get("allOf", [schema])[0] if len(schema.get("allOf", ())) == 1 else schema
        if "$ref" not in one:
            return one
        schema = DOCUMENT["components"]["schemas"][one["$ref"].rpartition("/")[2]]


def _with_nested(fields):
    for schema in map(resolved, fields.values()):
        yield schema
        yield from _with_nested(resolved(schema.get("items", schema)).get("properties", {}))


def alternatives(schema):
    """The schemas of which one must apply."""
    schema = resolved(schema)
    return [one for each in schema["oneOf"] for one in alternatives(each)] if "oneOf" in schema else [schema]


OPERATIONS = {
    definition["operationId"]: Operation(method.upper(), template, definition)
    for template, methods in DOCUMENT["paths"].items()
    for method, definition in methods.items()
    if method in METHODS
}
WRITES = {name: operation for name, operation in OPERATIONS.items() if operation.body is not None}
