"""vCards, versions 2.1 to 4.0: one person each."""

import quopri
import re

from clinic.records.exceptions import Refused
from patients.imports.files.delimited import decoded
from patients.imports.files.people_columns import PEOPLE_COLUMNS, cells_of
from patients.imports.files.source_table import SourceRow, SourceTable

READ = {"BEGIN", "END", "VERSION", "UID", "N", "FN", "BDAY", "GENDER", "TEL", "EMAIL", "ADR", "LANG", "NOTE"}
TECHNICAL = {"PRODID", "REV"}
_PROPERTY = re.compile(r'([\w.-]+)((?:;(?:"[^"]*"|[^":])*)?):(.*)', re.DOTALL)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_COMPACT_DATE = re.compile(r"(\d{4})(\d\d)(\d\d)(?:T.*)?")


def read_vcards(content):
    text, _ = decoded(content)
    cards = _cards_of(text)
    unread = sorted({name for _, card in cards for name in card} - READ - TECHNICAL)
    rows = (_row(number, card) for number, card in enumerate((card for _, card in cards), start=1))
    return SourceTable(list(PEOPLE_COLUMNS), rows, "vCards", unread[:40])


def _cards_of(text):
    """(number of its first line, {property: [(parameters, value)]}) of each card."""
    cards, card = [], None
    for number, line in _lines_of(text):
        match = _PROPERTY.fullmatch(line)
        if match is None:
            raise Refused(f"Line {number}: this is no line of a vCard.")
        name, parameters, value = match[1].rpartition(".")[2].upper(), match[2].upper(), match[3]
        if name == "BEGIN":
            card = {}
        elif name == "END" and card is not None:
            cards.append((number, card))
            card = None
        elif card is not None:
            card.setdefault(name, []).append((parameters, _decoded(parameters, value)))
    if card is not None:
        raise Refused("The last vCard has no end. Export the cards again.")
    return cards


def _lines_of(text):
    """Long values continue on lines that begin with a space; quoted-printable ones after a final equals sign."""
    begun, whole = 0, ""
    for number, line in enumerate(text.splitlines(), start=1):
        if whole and line[:1] in (" ", "\t"):
            whole += line[1:]
        elif whole.endswith("=") and "QUOTED-PRINTABLE" in whole.upper().partition(":")[0]:
            whole = whole[:-1] + line
        else:
            if whole.strip():
                yield begun, whole
            begun, whole = number, line
    if whole.strip():
        yield begun, whole


def _decoded(parameters, value):
    if "QUOTED-PRINTABLE" not in parameters:
        return value
    content = quopri.decodestring(value.encode("utf-8", "replace"))
    return content.decode("utf-8" if "UTF-8" in parameters else "cp1252", "replace")


def _row(number, card):
    names = _parts(card, "N", 5)
    facts = {
        "ID": _first(card, "UID").removeprefix("urn:uuid:"),
        "Family name": names[0] or ("" if names[1] else _plain(_first(card, "FN"))),
        "Given names": " ".join(filter(None, names[1:3])),
        "Birth date": _birth_date(_first(card, "BDAY")),
        "Sex": _first(card, "GENDER").partition(";")[0],
        "Phone": _plain(_first(card, "TEL").removeprefix("tel:")),
        "Email": _plain(_first(card, "EMAIL")),
        "Address": "\n".join(filter(None, _parts(card, "ADR", 7))),
        "Language": _plain(_first(card, "LANG")),
        "Note": _plain(_first(card, "NOTE")),
    }
    return SourceRow(number, cells_of(facts))


def _first(card, name):
    return card.get(name, [("", "")])[0][1].strip()


def _parts(card, name, count):
    """The components of a structured value, of which each can have several values."""
    parts = [re.sub(r"(?<!\\),", ", ", part) for part in re.split(r"(?<!\\);", _first(card, name))]
    parts = list(map(_plain, parts))
    return [*parts, *[""] * count][:count]


def _plain(text):
    return _ESCAPED.sub(lambda match: "\n" if match[1] in "nN" else match[1], text).strip()


def _birth_date(text):
    """19660305 is in the order of ISO 8601 in every vCard."""
    match = _COMPACT_DATE.fullmatch(text)
    return "-".join(match.groups()) if match else text
