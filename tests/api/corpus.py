"""Invalid requests written by hand: shapes, types, texts, numbers, dates, URLs and headers."""

import base64
import copy
import json

from tests.api.operations import alternatives, resolved

DEEP, DIGITS, MUCH = 5_000, 5_000, 1_000_001
LARGEST_ID = 2**63 - 1


class Raw(str):
    """JSON that no Python value is written as."""

    __slots__ = ()


def as_json(value):
    """`value` as JSON, with each Raw in it as it is."""
    if isinstance(value, Raw):
        return str(value)
    if isinstance(value, dict):
        return "{" + ",".join(f"{json.dumps(name)}:{as_json(inner)}" for name, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(as_json(inner) for inner in value) + "]"
    return json.dumps(value)


NESTED = {
    "arrays": "[" * DEEP + "]" * DEEP,
    "objects": '{"a":' * DEEP + "1" + "}" * DEEP,
    "both": '[{"a":' * DEEP + "1" + "}]" * DEEP,
    "arrays never closed": "[" * DEEP,
}


def shapes(body):
    """(what it is, bytes, content type) of bodies that are not what an operation takes, around a body that is."""
    good = as_json(body).encode()
    kind = "application/json"
    first = next(iter(body), "a")
    twice = good[:-1] + (b"," if body else b"") + f'"{first}":1,"{first}":1'.encode() + b"}"
    yield from ((f"JSON nested in {name}", text.encode(), kind) for name, text in NESTED.items())
    yield from (
        (f"a field nested in {name}", as_json({**body, first: Raw(text)}).encode(), kind)
        for name, text in NESTED.items()
    )
    for text in ("[]", f"[{as_json(body)}]", '"text"', "7", "null", "true", "NaN", "Infinity", "1" * DIGITS, "{", "}"):
        yield f"{text[:20]} as the body", text.encode(), kind
    yield "a name twice in one object", twice, kind
    yield "a name that is not known", as_json({**body, "unheard_of": 1}).encode(), kind
    yield "a name of the server’s", as_json({**body, "id": 1, "signed_at": "2026-01-01T00:00Z"}).encode(), kind
    yield "more names than anyone reads", as_json({**body, **{f"n{i}": i for i in range(5000)}}).encode(), kind
    yield "a comment", good + b"// said", kind
    yield "two bodies", good + good, kind
    yield "half a body", good[: len(good) // 2], kind
    yield "broken UTF-8", good.replace(b"}", b"\xff\xfe}"), kind
    yield "a surrogate in UTF-8", good.replace(b"{", b'{"\xed\xa0\x80":1,', 1), kind
    yield "UTF-16", good.decode().encode("utf-16"), kind
    yield "UTF-16 without a mark", good.decode().encode("utf-16-le"), kind
    yield "UTF-32", good.decode().encode("utf-32"), kind
    yield "a byte order mark", b"\xef\xbb\xbf" + good, kind
    yield "NUL bytes", b"\0" * 100, kind
    yield "more than a megabyte", good + b" " * MUCH, kind
    yield "a text of more than a megabyte", as_json({**body, first: "x" * MUCH}).encode(), kind
    yield "a form", b"a=1&b=2", "application/x-www-form-urlencoded"
    yield "a form in parts", b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--x--', PARTS
    yield "a form in broken parts", b"--x\r\nContent-Disposition", PARTS
    yield "a form without a boundary", b"--x", "multipart/form-data"
    yield "a form of more than a megabyte", b"a=" + b"x" * MUCH, "application/x-www-form-urlencoded"
    yield "a form of too many fields", b"&".join(b"a=1" for _ in range(1_001)), "application/x-www-form-urlencoded"
    yield "XML", b"<a/>", "application/xml"
    for other in ("text/plain", "text/json", "application/merge-patch+json", "application/jsonx", "*/*", "/", "ü"):
        yield f"JSON said to be {other}", good, other
    yield "JSON said to be nothing", good, ""


PARTS = "multipart/form-data; boundary=x"
LENGTHS = ("0", "5", "-1", "abc", "", "1e3", "9" * 30, str(MUCH + 10_000))

WRONG_VALUES = [
    None, True, 7, -7, 0, 1.5, Raw("1e400"), Raw("NaN"), Raw("1" * DIGITS), 10**40, -(10**40), 2**63, "x", "", "7", [],
    [1], [{}], {}, {"a": 1}, [[[]]], Raw(NESTED["arrays"]),
]  # fmt: skip
JSON_TYPES = (
    (bool, "boolean"),
    (int, "integer"),
    (float, "number"),
    (str, "string"),
    (list, "array"),
    (dict, "object"),
)


def type_of(value):
    if isinstance(value, Raw):
        return "number"
    return next((name for kind, name in JSON_TYPES if isinstance(value, kind)), "null")


def may_be(schema, value):
    """Whether the document leaves it open that a field takes a value."""
    return any(_may_be(one, value) for one in alternatives(schema))


def _may_be(schema, value):
    if value is None:
        return schema.get("nullable", False)
    if "enum" in schema:
        return value in schema["enum"] and not isinstance(value, bool)
    if type_of(value) != schema.get("type"):
        return False
    if isinstance(value, str) and schema.get("format") in {"date", "date-time"}:
        return False
    if isinstance(value, int) and not isinstance(value, bool):
        return schema.get("minimum", value) <= value <= min(schema.get("maximum", value), LARGEST_ID)
    return type_of(value) not in {"array", "object"} or not value


def places(fields, body, path=()):
    """(path, schema) of each field, in what is nested too."""
    for name, schema in fields.items():
        schema = resolved(schema)
        yield (*path, name), schema
        inner = body.get(name)
        if isinstance(inner, dict):
            yield from places(schema.get("properties", {}), inner, (*path, name))
        elif isinstance(inner, list) and inner and isinstance(inner[0], dict):
            yield from places(resolved(schema["items"]).get("properties", {}), inner[0], (*path, name, 0))


def with_values(body, values):
    """`body` with `values`, by path."""
    changed = copy.deepcopy(body)
    for path, value in values.items():
        inner = changed
        for step in path[:-1]:
            inner = inner[step]
        inner[path[-1]] = value
    return changed


HIDDEN = {
    "NUL": "\0", "BEL": "\a", "DEL": "\x7f", "C1": "\x85", "U+202E": "\u202e", "U+200B": "\u200b", "U+2028": "\u2028",
    "a byte order mark": "\ufeff", "a tag": "\U000e0041",
}  # fmt: skip
HALVES = {"a high surrogate": Raw(r'"a\ud800b"'), "a low surrogate": Raw(r'"a\udc00b"'), "two": Raw(r'"\udc00\ud800"')}


def is_text(schema):
    return any(
        one.get("type") == "string" and "enum" not in one and one.get("format") not in {"date", "date-time"}
        for one in alternatives(schema)
    )


NO_DAYS = ("0000-00-00", "2026-02-30", "2026-13-01", "10000-01-01", "-1-01-01", "2026-01-01T00:00:00", "today", "20 26")
FAR_DAYS = ("0001-01-01", "9999-12-31", "1899-12-31", "2100-01-01")
NO_MOMENTS = (
    "0000-00-00T00:00:00Z", "10000-01-01T00:00:00Z", "2026-01-01T25:00:00Z", "2026-01-01T10:00:00+24:00",
    "2026-01-01T10:00:61Z", "2026-02-30T10:00:00Z", "now", "1700000000", "",
)  # fmt: skip
A_DAY = "2026-01-01"
FAR_MOMENTS = (
    "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00", "9999-12-31T23:59:59",
    "1582-10-10T10:00:00Z", "2026-01-01T10:00:00", "2026-01-01T10:00:00+23:59", "2026-01-01T10:00:00.123456789Z",
)  # fmt: skip
# The clinic's clock skips the first and shows the second twice.
CLOCK_CHANGES = ("2026-03-29T01:30:00", "2026-10-25T01:30:00", "2027-03-28T01:30:00")

NO_NUMBERS = (
    "-1", "0", "1.5", "1e3", "x", "", " ", "1 2", "１２", "\u0661", "1_0", "0x1", "+1", "NaN", "true", "null", "1,2",
    "\0", "-" + "9" * DIGITS, "[1]", "²",
)  # fmt: skip
LARGE_NUMBERS = (str(2**63), str(10**40), "9" * DIGITS)
# 404, although the database could not store a number of so many digits.
NO_IDS = (
    "-1", "0", "1.0", "1e3", "x", "１２", "\u0661", "1_0", "0x1", "+1", " 1", "%00", "1%2F2", "%2E%2E", "²", str(2**63),
    str(2**63 - 1), str(10**40), "9" * DIGITS,
)  # fmt: skip
NO_ORDERINGS = ("name", "-", "", "id,-id", "--id", "password", "patient__family_name", "?", "pk", "ID", "id\0")


def cursor_of(place):
    text = place if isinstance(place, str) else json.dumps(place)
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


NO_CURSORS = (
    "", "x", "!!!", "a" * 401, "é", "AAAA", "\0", cursor_of("[1"), cursor_of([]), cursor_of({}), cursor_of([1]),
    cursor_of([1, 2, 3]), cursor_of([None, 1]), cursor_of([1, "1"]), cursor_of([1, 1.5]), cursor_of([1, True]),
    cursor_of([1, None]), cursor_of("[" * 290), cursor_of("[" + "1" * 280 + ",x]"),
)  # fmt: skip
# Of another list or ordering, or changed by hand: accepted or rejected.
FOREIGN_CURSORS = tuple(
    cursor_of([value, pk])
    for value in (
        1, -1, 1.5, "x", "", "2026-01-01", "2026-01-01T10:00:00", "2026-01-01T10:00:00+00:00", "9999-12-31",
        "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", 10**30, -(10**30), True, [],
        {}, "\0", "\ud800", "NaN",
    )
    for pk in ((-1, 10**30) if value == "x" else (1,))
) + tuple(map(cursor_of, ('["x", NaN]', "[NaN, 1]", "[1e400, 1]", f"[{'9' * 280},1]")))  # fmt: skip

NO_ETAGS = (
    "", " ", "*", "1", '""', '"x"', 'W/"1"', '"1", "2"', '"-1"', '"1.0"', '"１"', '"1"x', '"\x01"', '"1\x7f"', "é",
    f'"{"9" * 10}"', f'"{"9" * 10_000}"', "x" * 10_000, '"01234567890"',
)  # fmt: skip
NO_KEYS = ("", " ", '""', "é", "\x01", "a\x7fb", "x" * 201, "x" * 10_000)
NO_AUTHORISATION = (
    "Bearer", "Bearer ", "Bearer x", "Bearer x y", "Bearer \x01", "Bearer é", "Token x", f"Bearer {'x' * 10_000}",
)  # fmt: skip
ACCEPTED_OR_NOT = ("", f"application/xml;q=é,{'x' * 10_000}")
OTHER_METHODS = ("PUT", "OPTIONS", "TRACE", "CONNECT", "BREW", "PROPFIND", "X" * 1_000)
