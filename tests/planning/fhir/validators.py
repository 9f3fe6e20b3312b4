"""A validator from outside: the models of fhir.resources for R4B."""

import importlib

R4B = "fhir.resources.R4B"


def validate(resource):
    """Raises pydantic's ValidationError."""
    kind = resource["resourceType"]
    return getattr(importlib.import_module(f"{R4B}.{kind.lower()}"), kind).model_validate(resource)
