"""How each kind of column is written in a backup, and how the engines read and store it.

The text of a value is that of PostgreSQL: COPY in text format, UTF-8, ISO dates, UTC. So PostgreSQL reads and writes it
by itself. SQLite does so by the expressions below. Text is copied byte for byte, and a typed dose is text.
"""

import json
import re

from clinic.backup.errors import BackupError

NULL = r"\N"

INTEGERS = {
    "AutoField", "BigAutoField", "SmallAutoField", "IntegerField", "BigIntegerField", "SmallIntegerField",
    "PositiveIntegerField", "PositiveSmallIntegerField", "PositiveBigIntegerField",
}  # fmt: skip
KINDS = {
    **dict.fromkeys(INTEGERS, "integer"),
    **dict.fromkeys(("CharField", "TextField", "SlugField", "FileField"), "text"),
    "BooleanField": "boolean",
    "DateField": "date",
    "DateTimeField": "datetime",
    "TimeField": "time",
    "UUIDField": "uuid",
    "JSONField": "json",
}


def kind_of(field):
    """`text`, `integer`, `decimal 2` and so on. A new kind of field needs its text here before it can be stored."""
    while field.is_relation:
        field = field.target_field
    name = field.get_internal_type()
    if name == "DecimalField":
        return f"decimal {field.decimal_places}"
    if name not in KINDS:
        raise BackupError(f"Backups cannot contain the column {field.column} yet: {name} has no text for them.")
    return KINDS[name]


# COPY writes these with a backslash.
ESCAPES = {"\\": "\\\\", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\v": "\\v"}
_UNESCAPED = {escape: character for character, escape in ESCAPES.items()}
_ESCAPE = re.compile(r"\\.", re.DOTALL)
_TRANSLATION = str.maketrans(ESCAPES)


def escape(text):
    return text.translate(_TRANSLATION)


def unescape(text):
    return _ESCAPE.sub(lambda match: _UNESCAPED.get(match[0], match[0][1]), text)


def canonical_json(text):
    """PostgreSQL stores JSON without its spaces and order, so neither is part of a backup."""
    if text is None:
        return None
    return json.dumps(json.loads(text), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def escaped_json(text):
    return None if text is None else escape(canonical_json(text))


def on_sqlite(column, kind):
    """SQL for the text of a column, without its NULL."""
    if kind.startswith("decimal"):
        places = kind.split()[1]
        return f"CASE WHEN {column} IS NOT NULL THEN printf('%.{places}f', {column} + 0.0) END"
    return _ON_SQLITE[kind].format(column=column)


def _escaped(sql):
    for character, written in ESCAPES.items():
        sql = f"replace({sql}, char({ord(character)}), '{written}')"
    return sql


# Django stores microseconds in six digits or not at all; PostgreSQL omits zeros at the end.
_SHORT = "CASE WHEN instr({column}, '.') THEN rtrim(rtrim({column}, '0'), '.') ELSE {column} END"
_ON_SQLITE = {
    "integer": "CAST({column} AS TEXT)",
    "text": _escaped("{column}"),
    "boolean": "CASE {column} WHEN 1 THEN 't' WHEN 0 THEN 'f' ELSE CAST({column} AS TEXT) END",
    "date": "{column}",
    "time": _SHORT,
    "datetime": f"{_SHORT} || '+00'",
    "uuid": "substr({column}, 1, 8) || '-' || substr({column}, 9, 4) || '-' || substr({column}, 13, 4) || '-' || "
    "substr({column}, 17, 4) || '-' || substr({column}, 21)",
    "json": "collum_json({column})",
}


def into_sqlite(number, kind):
    """SQL that stores the text given as parameter `number`."""
    return _INTO_SQLITE[kind.split()[0]].format(text=f"?{number}")


_INTO_SQLITE = {
    "integer": "CAST({text} AS INTEGER)",
    "text": "{text}",
    "boolean": "CASE {text} WHEN 't' THEN 1 WHEN 'f' THEN 0 END",
    "date": "{text}",
    "time": "CASE WHEN instr({text}, '.') THEN substr({text} || '000000', 1, 15) ELSE {text} END",
    "datetime": "CASE WHEN instr({text}, '.') THEN substr(substr({text}, 1, length({text}) - 3) || '000000', 1, 26) "
    "ELSE substr({text}, 1, 19) END",
    "uuid": "replace({text}, '-', '')",
    "json": "{text}",
    "decimal": "{text}",
}
