"""JSON text in which a number is written as it was typed, byte for byte.

FHIR demands a JSON number for a dose. Python's encoder would write 2.50 as 2.5, because it knows only the number. So
this encoder writes texts, whole numbers, truth values, lists and dictionaries, and the text of a NumberAsTyped. It
rejects every other value, also fractions that a program has calculated.
"""

import json

from rest_framework.renderers import BaseRenderer

from clinic.web.operation_outcomes import FHIR_JSON

_quoted = json.JSONEncoder(ensure_ascii=False).encode


class NumberAsTyped:
    """A number as the text that was typed. It has no value for Python, so that no code can change it."""

    __slots__ = ("text",)

    def __init__(self, text):
        if not is_json_number(text):
            raise ValueError("This text is no JSON number.")
        self.text = text


def is_json_number(text):
    """Whether the text is a number as RFC 8259 writes it: `2.50`, but neither `007` nor `2,5`, and no other digits."""
    if not (text.isascii() and text[-1:].isdigit() and (text[0].isdigit() or text[0] == "-")):
        return False
    try:
        return json.loads(text, parse_int=str, parse_float=str) == text
    except ValueError:
        return False


def json_text(value):
    return "".join(_pieces(value))


def _pieces(value):
    if isinstance(value, str):
        yield _quoted(str(value))  # a choice or a date of Collum is a str of its own
    elif isinstance(value, NumberAsTyped):
        yield value.text
    elif isinstance(value, dict):
        yield from _between("{", "}", (_member(name, inner) for name, inner in value.items()))
    elif isinstance(value, list):
        yield from _between("[", "]", map(_pieces, value))
    elif value is True or value is False:
        yield "true" if value else "false"
    elif type(value) is int:
        yield str(value)
    else:
        raise TypeError(f"{type(value).__name__} cannot be written: FHIR has no null, and a fraction is not typed.")


def _member(name, value):
    yield f"{_quoted(str(name))}:"
    yield from _pieces(value)


def _between(opening, closing, members):
    yield opening
    for place, pieces in enumerate(members):
        if place:
            yield ","
        yield from pieces
    yield closing


class FhirRenderer(BaseRenderer):
    media_type = FHIR_JSON
    format = "json"
    charset = "utf-8"

    def render(self, data, accepted_media_type=None, renderer_context=None):
        return b"" if data is None else json_text(data).encode()
