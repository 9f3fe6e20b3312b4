"""What turns the OpenAPI document into a page, and the page."""

import re
from collections import Counter

import pytest

from clinic.rest.documents import document
from clinic.rest.reading import Choice, Reading, marked
from tests import rule


def a_document(**schemas):
    """One operation that is sent `Sent`, and what else is named."""
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/Sent"}}}
    operation = {
        "operationId": "things_create",
        "summary": "Make a thing",
        "description": "Once.\n\nFor the role auditor.",
        "tags": ["things"],
        "security": [{"login": []}],
        "requestBody": {"content": content},
        "responses": {
            "201": {"description": "It is made.", "content": content},
            "400": {"$ref": "#/components/responses/Problem400"},
        },
    }
    problem = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {
        "info": {"description": "First.\n\n## Then\nSecond,\nstill second.\n\nThird `code`."},
        "tags": [{"name": "things", "description": "Things."}],
        "paths": {"/things/": {"post": operation}},
        "components": {
            "schemas": {"Problem": {"type": "object", "properties": {}}, **schemas},
            "responses": {"Problem400": {"description": "No.", "content": problem}},
        },
    }


def field(schema, *, required=False):
    """The row of a field that is described so."""
    sent = {"type": "object", "properties": {"it": schema}, "required": ["it"] if required else []}
    inner = {"type": "object", "properties": {}, "description": "Inside."}
    [section] = Reading(a_document(Sent=sent, Inner=inner)).sections()
    return section.operations[0].body.fields[0]


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ({"type": "string"}, "text"),
        ({"type": "string", "maxLength": 30}, "text, up to 30 characters"),
        ({"type": "string", "nullable": True}, "text or null"),
        ({"type": "string", "format": "date"}, "day"),
        ({"type": "string", "format": "date-time"}, "moment"),
        ({"type": "integer", "minimum": 1, "maximum": 9}, "whole number, 1 to 9"),
        ({"type": "integer", "minimum": 1, "maximum": 2**63 - 1, "format": "int64"}, "whole number"),
        ({"type": "boolean"}, "true or false"),
        ({"type": "array", "items": {"type": "integer"}}, "list of whole numbers"),
        ({"oneOf": [{"type": "string", "format": "email"}, {"type": "string", "maxLength": 0}]}, "email address"),
        ({}, "anything"),
    ],
)
def test_a_type_is_said_in_words(schema, words):
    assert field(schema).kind == words


def test_a_field_says_whether_it_is_required_and_what_it_means():
    assert field({"type": "string", "description": "A `word`."}, required=True).needed
    assert not field({"type": "string"}).needed
    assert field({"type": "string", "description": "A `word`."}).meaning == "A <code>word</code>."
    assert field({"type": "string", "title": "Its title"}).meaning == "Its title"


def test_the_words_of_a_list_stand_with_what_they_mean():
    schema = {"type": "string", "enum": ["no_show", "id", "", None], "x-enum-descriptions": ["No-show", "id", "–", "–"]}
    assert field(schema).choices == [
        Choice("no_show", "No-show"),
        Choice("id", ""),
        Choice("", "–"),
        Choice("null", "–"),
    ]
    assert field({"type": "string", "enum": ["id"]}).choices == [Choice("id", "")]


@pytest.mark.parametrize(
    "schema",
    [
        {"$ref": "#/components/schemas/Inner"},
        {"allOf": [{"$ref": "#/components/schemas/Inner"}], "description": "Nested."},
        {"type": "array", "items": {"$ref": "#/components/schemas/Inner"}},
    ],
)
def test_a_field_that_has_fields_leads_to_them(schema):
    assert field(schema).shape == "Inner"


def test_an_operation_is_read_as_it_is_described():
    [section] = Reading(a_document(Sent={"type": "object", "properties": {}})).sections()
    [operation] = section.operations
    assert (operation.method, operation.path, operation.summary) == ("POST", "/things/", "Make a thing.")
    assert operation.meaning == "Once. For the role auditor."
    assert not operation.by_token
    assert [(one.code, one.shape) for one in operation.answers] == [("201", "Sent")]
    assert [(one.code, one.meaning) for one in operation.refusals] == [("400", "No.")]


def test_a_shape_is_shown_once_though_it_holds_itself():
    sent = {"type": "object", "properties": {"inner": {"$ref": "#/components/schemas/Sent"}}}
    [section] = Reading(a_document(Sent=sent)).sections()
    assert [shape.name for shape in section.shapes] == ["Sent"]


def test_the_introduction_is_read_by_its_headings():
    first, then = Reading(a_document(Sent={})).introduction()
    assert (first.heading, first.paragraphs) == ("", ["First."])
    assert (then.heading, then.paragraphs) == ("Then", ["Second, still second.", "Third <code>code</code>."])


def test_text_of_the_document_is_no_html():
    assert marked("<b> `<i>` *<u>*") == "&lt;b&gt; <code>&lt;i&gt;</code> <em>&lt;u&gt;</em>"


# The page


@pytest.fixture
def page(api, auditor):
    answer = api(auditor).get("docs/")
    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("text/html")
    return answer.content.decode()


def test_the_page_shows_every_operation_once(page):
    for path, methods in document()["paths"].items():
        for method, operation in methods.items():
            assert page.count(f'id="{operation["operationId"]}"') == 1
            assert f'<span class="method">{method.upper()}</span> <code>{path}</code>' in page


def test_every_link_within_the_page_leads_somewhere_and_no_two_places_have_one_name(page):
    ids = Counter(re.findall(r'\bid="([^"]+)"', page))
    assert [name for name, times in ids.items() if times > 1] == []
    links = set(re.findall(r'href="#([^"]+)"', page))
    assert len(links) > 40
    assert links - ids.keys() == set()


def test_the_page_says_what_a_token_never_does(page):
    signing = page.partition('id="sessions_sign"')[2].partition("</article>")[0]
    assert "login only" in signing
    assert "For the role neurologist." in signing
    assert "login only" not in page.partition('id="sessions_list"')[2].partition("</article>")[0]


def test_the_page_suggests_no_dose(page):
    assert rule.faults_in_html(page) == []


def test_nobody_reads_the_page_without_a_login(client, db):
    assert client.get("/api/v1/docs/").status_code == 401


def test_the_page_of_tokens_leads_there(login, auditor):
    assert 'href="/api/v1/docs/"' in login(auditor).get("/account/tokens/").content.decode()
