"""A JSON parser with a limit of depth that rejects duplicate names."""

import json
import re

from rest_framework.exceptions import ParseError
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import BaseParser

DEEPEST = 20
# A string, or a character that opens or closes a level. A string without an end matches all the rest: searching again
# from each of its quotation marks would take hours for a million bytes.
_LEVELS = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"?|[\[\]{}]', re.DOTALL)


class BoundedJSONParser(BaseParser):
    """DRF's own parser fails on deeply nested bodies. The size is limited by BodyLimitMiddleware."""

    media_type = "application/json"

    def parse(self, stream, media_type=None, parser_context=None):
        text = _decoded(stream.read())
        if _depth_of(text) > DEEPEST:
            raise ParseError(f"This is nested too deeply. Send at most {DEEPEST} levels.")
        try:
            sent = json.loads(text, object_pairs_hook=_once_each, parse_constant=_no_number)
        except ValueError as error:
            raise ParseError(f"This cannot be read as JSON: {error}.") from error
        _require_whole_characters(sent)
        return sent


def _decoded(body):
    try:
        return body.decode()
    except UnicodeDecodeError as error:
        raise ParseError("This cannot be read as text in UTF-8.") from error


def _depth_of(text):
    depth = deepest = 0
    for match in _LEVELS.finditer(text):
        if match[0] in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif match[0] in "]}":
            depth -= 1
    return deepest


def _once_each(pairs):
    """Rejects duplicate names, of which only one value would be used."""
    sent = dict(pairs)
    if len(sent) < len(pairs):
        raise ValueError("a name appears twice in one object")
    return sent


def _no_number(text):
    raise ValueError(f"{text} is not a number")


def _require_whole_characters(sent):
    """Rejects half of a surrogate pair: JSON can escape it, but it cannot be stored or sent back."""
    try:
        json.dumps(sent, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        raise ParseError("This contains half of a character (a lone surrogate).") from error


class OnlyJson(BaseContentNegotiation):
    """The response is always JSON, regardless of what the client accepts."""

    def select_parser(self, request, parsers):
        sent = request.content_type.partition(";")[0].strip().lower()
        return next((one for one in parsers if sent == one.media_type), None)

    def select_renderer(self, request, renderers, format_suffix=None):
        return renderers[0], renderers[0].media_type
