"""The OpenAPI document as a person reads it: sections, operations and tables of fields, in words."""

import re
from typing import NamedTuple

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

NO_SHAPE = ""
TYPES = {
    "string": "text",
    "integer": "whole number",
    "number": "number",
    "boolean": "true or false",
    "object": "object",
}
FORMATS = {"date": "day", "date-time": "moment", "uri": "address", "email": "email address"}
FAR_AWAY = 2**31 - 1  # a limit that says how numbers are stored, and nothing about what they mean
_MARKS = re.compile(r"(`[^`]+`|\*[^*]+\*)")


class Choice(NamedTuple):
    value: str
    meaning: str


class Field(NamedTuple):
    """One row of a table. `shape` names what it is made of, where that has fields of its own."""

    name: str
    kind: str
    shape: str
    needed: bool
    meaning: SafeString
    choices: list[Choice]
    place: str = ""


class Shape(NamedTuple):
    """What is sent or answered, by its name in the document."""

    name: str
    meaning: SafeString
    fields: list[Field]


class Answer(NamedTuple):
    code: str
    meaning: SafeString
    kind: str
    shape: str
    headers: list[Field]


class Operation(NamedTuple):
    id: str
    method: str
    path: str
    summary: SafeString
    meaning: SafeString
    by_token: bool
    parameters: list[Field]
    body: Shape | None
    answers: list[Answer]
    refusals: list[Answer]


class Section(NamedTuple):
    """A resource: what can be asked of it, and the shapes that no section before it has shown."""

    name: str
    meaning: SafeString
    operations: list[Operation]
    shapes: list[Shape]


class Chapter(NamedTuple):
    heading: str
    paragraphs: list[SafeString]


def marked(text):
    """`code` and *words* of a text as HTML, and everything else escaped."""
    parts = _MARKS.split(text or "")
    return format_html_join("", "{}", ((_element(part),) for part in parts))


def _element(part):
    if not _MARKS.fullmatch(part):
        return part
    return format_html("<code>{}</code>" if part.startswith("`") else "<em>{}</em>", part[1:-1])


class Reading:
    """Reads one document. Each shape is shown once, in the first section that needs it."""

    def __init__(self, document):
        self.document = document
        self._shapes = document["components"]["schemas"]
        self._shown = {"Problem"}

    def introduction(self):
        """Chapters by their headings; the first has none."""
        said = re.split(r"^## (.+)$", self.document["info"]["description"], flags=re.MULTILINE)
        headed = zip(["", *said[1::2]], said[::2], strict=True)
        return [Chapter(heading, [marked(one) for one in _paragraphs(text)]) for heading, text in headed]

    def sections(self):
        return [self._section(tag) for tag in self.document["tags"]]

    def refusals(self):
        """Those that are the same everywhere, by their codes."""
        answers = self.document["components"]["responses"]
        return [self._answer(name.removeprefix("Problem"), answer) for name, answer in sorted(answers.items())]

    def problem(self):
        return self._shape("Problem")

    def _section(self, tag):
        operations = [
            self._operation(path, method, operation)
            for path, methods in self.document["paths"].items()
            for method, operation in methods.items()
            if tag["name"] in operation["tags"]
        ]
        needed = [name for operation in operations for name in _needed_by(operation)]
        return Section(tag["name"], marked(tag["description"]), operations, self._not_shown_yet(needed))

    def _not_shown_yet(self, names):
        """The shapes of these names, and those that they are made of."""
        found = []
        for name in names:
            if name and name not in self._shown:
                self._shown.add(name)
                shape = self._shape(name)
                found += [shape, *self._not_shown_yet(field.shape for field in shape.fields)]
        return found

    def _operation(self, path, method, operation):
        body = operation.get("requestBody", {}).get("content", {}).get("application/json")
        answers = [self._answer(code, self._found(answer)) for code, answer in sorted(operation["responses"].items())]
        return Operation(
            id=operation["operationId"],
            method=method.upper(),
            path=path,
            summary=marked(f"{operation['summary']}."),
            meaning=marked(" ".join(_paragraphs(operation["description"]))),
            by_token=any("token" in way for way in operation["security"]),
            parameters=[
                self._field(one["name"], one["schema"], one.get("required", False), one.get("description"), one["in"])
                for one in operation.get("parameters", ())
            ],
            body=self._shape(_ref_of(body["schema"])) if body else None,
            answers=[answer for answer in answers if answer.code < "400"],
            refusals=[answer for answer in answers if answer.code >= "400"],
        )

    def _answer(self, code, answer):
        content = next(iter(answer.get("content", {}).values()), {})
        kind, shape = self._kind_of(content["schema"]) if content else ("nothing", NO_SHAPE)
        headers = [
            self._field(name, header["schema"], False, header.get("description"))
            for name, header in sorted(answer.get("headers", {}).items())
        ]
        return Answer(code, marked(answer["description"]), kind, shape, headers)

    def _found(self, node):
        """The node, or the component that it refers to."""
        if "$ref" not in node:
            return node
        found = self.document
        for name in node["$ref"].removeprefix("#/").split("/"):
            found = found[name]
        return found

    def _shape(self, name):
        schema = self._shapes[name]
        needed = schema.get("required", ())
        fields = [self._field(field, inner, field in needed) for field, inner in schema.get("properties", {}).items()]
        return Shape(name, marked(schema.get("description")), fields)

    def _field(self, name, schema, needed, meaning=None, place=""):
        kind, shape = self._kind_of(schema)
        said = meaning or schema.get("description") or schema.get("title") or ""
        return Field(name, kind, shape, needed, marked(said), _choices(schema.get("items", schema)), place)

    def _kind_of(self, schema):
        """(the kind in words, the name of the shape that it is made of)."""
        if shape := _ref_of(schema):
            return self._kind_of_shape(shape)
        schema = {**schema, **schema.get("oneOf", [{}])[0]}  # the other one is its emptiness
        if schema.get("type") == "array":
            inner, shape = self._kind_of(schema["items"])
            return f"list of {inner}s" if inner else "list of", shape
        kind = FORMATS.get(schema.get("format")) or TYPES.get(schema.get("type"), "anything")
        return f"{kind}{_limits(schema)}{' or null' if schema.get('nullable') else ''}", NO_SHAPE

    def _kind_of_shape(self, name):
        properties = self._shapes[name].get("properties", {})
        if name.startswith("Paginated"):
            return "page of", _ref_of(properties["results"]["items"])
        return "", name


def _paragraphs(text):
    return [" ".join(one.split()) for one in text.split("\n\n") if one.strip()]


def _ref_of(schema):
    """The name of the shape that a schema refers to; empty where it is described in place."""
    refers = (schema.get("allOf") or [schema])[0]
    return refers.get("$ref", NO_SHAPE).rpartition("/")[2]


def _needed_by(operation):
    """Names of the shapes that an operation's tables lead to."""
    inside = operation.body.fields if operation.body else ()
    return [one.shape for one in (*inside, *operation.answers, *operation.refusals)]


def _choices(schema):
    values = schema.get("enum", ())
    meanings = schema.get("x-enum-descriptions") or values
    return [
        Choice("null" if value is None else str(value), "" if meaning == value else meaning)
        for value, meaning in zip(values, meanings, strict=True)
    ]


def _limits(schema):
    if "maxLength" in schema:
        return f", up to {schema['maxLength']} characters"
    lowest, highest = schema.get("minimum"), schema.get("maximum", FAR_AWAY)
    if lowest is not None and highest < FAR_AWAY:
        return f", {lowest} to {highest}"
    return ""
