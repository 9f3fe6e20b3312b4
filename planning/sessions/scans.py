"""Reads the lot, the expiry and the product code (GTIN) from a scanned code of a vial, and nothing else."""

import re
import unicodedata
from dataclasses import dataclass, field

import biip
from biip.gs1_messages import GS1Message
from biip.symbology import GS1Symbology

GTIN, LOT, EXPIRY = "01", "10", "17"
# FNC1, which ends an element of variable length. The text policy rejects it, so it is never stored.
SEPARATOR = "\x1d"
LONGEST_SCAN = 500
_WITH_BRACKETS = re.compile(r"(\([0-9]{2,4}\)[^()]+)+")
_SYMBOLOGY = re.compile(r"\][A-Za-z][0-9]")


@dataclass(frozen=True)
class Scan:
    lot: str
    expiry: str = ""
    # For the catalogue manager only: a scan never chooses the product.
    gtin: str = field(default="", compare=False)

    def __str__(self):
        return f"lot {self.lot}, expiry {self.expiry}" if self.expiry else f"lot {self.lot}, no expiry"


def read_scan(typed):
    """The Scan of a typed or scanned GS1 code; None for any other text, and for a code with an error."""
    text = unicodedata.normalize("NFKC", typed).strip() if isinstance(typed, str) else ""
    if not 0 < len(text) <= LONGEST_SCAN:
        return None
    elements = _elements(text)
    lots = {element.value for element in elements if element.ai.ai == LOT}
    days = {element.date for element in elements if element.ai.ai == EXPIRY}
    if len(lots) != 1 or len(days) > 1:
        return None
    # Day 00 means the last of the month, which biip returns.
    return Scan(lots.pop(), days.pop().isoformat() if days else "", _gtin(elements))


def _gtin(elements):
    """With 14 digits; empty if the code names none, or several."""
    found = {element.gtin.as_gtin_14() for element in elements if element.ai.ai == GTIN and element.gtin}
    return found.pop() if len(found) == 1 else ""


def _elements(text):
    """Empty if the text is not a GS1 code. For some texts biip raises errors that are not its own."""
    try:
        elements = _message(text)
    except (biip.ParseError, IndexError, ValueError):
        return []
    return [] if any(element.gtin_error or element.sscc_error for element in elements) else elements


def _message(text):
    bare = _SYMBOLOGY.sub("", text, count=1) if _SYMBOLOGY.match(text) else text
    if _WITH_BRACKETS.fullmatch(bare.replace(SEPARATOR, "")):
        return GS1Message.parse_hri(bare.replace(SEPARATOR, "")).element_strings
    result = biip.parse(text)
    elements = result.gs1_message.element_strings if result.gs1_message else []
    return elements if _is_surely_a_code(result, bare, elements) else []


def _is_surely_a_code(result, bare, elements):
    """Without brackets, almost any text that begins with digits could be read as a code: *10ABC* as the lot *ABC*."""
    if result.symbology_identifier is not None:
        return result.symbology_identifier.gs1_symbology in GS1Symbology.with_gs1_messages()
    return SEPARATOR in bare or any(element.gtin for element in elements)
