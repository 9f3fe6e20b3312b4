"""The general part of the OpenAPI document: introduction, resources, and error responses."""

from pathlib import Path

from django.conf import settings

from clinic.api.refusals import DESCRIPTIONS
from clinic.api.router import RESOURCES
from clinic.api.schema import text_of

INTRODUCTION = Path(__file__).with_name("introduction.md")
PROBLEM = {"$ref": "#/components/schemas/Problem"}


def completed(result, generator, request, public):
    """The postprocessing hook of drf-spectacular."""
    result["info"]["description"] = INTRODUCTION.read_text(encoding="utf-8").strip()
    result["servers"] = [{"url": settings.SCRIPT_NAME or "/", "description": "The server of this document."}]
    result["tags"] = [
        {"name": prefix.rpartition("/")[2], "description": text_of(resource)} for prefix, resource in RESOURCES.items()
    ]
    _name_refusals(result)
    _tidy(result)
    return result


def _name_refusals(result):
    named = {}
    for operations in result["paths"].values():
        for operation in operations.values():
            for code, response in operation["responses"].items():
                if code in DESCRIPTIONS and _schema_of(response) == PROBLEM:
                    named[f"Problem{code}"] = response
                    operation["responses"][code] = {"$ref": f"#/components/responses/Problem{code}"}
    result["components"]["responses"] = dict(sorted(named.items()))


def _schema_of(response):
    return response["content"]["application/problem+json"]["schema"]


def _tidy(node):
    """Remove the markers that spectacular's own hook uses to name enumerations."""
    if isinstance(node, dict):
        node.pop("x-spec-enum-id", None)
    for inner in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        _tidy(inner)
