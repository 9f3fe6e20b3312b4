"""What looks like a dose in a file. It is left out: a dose is only typed by a clinician, for a session in Collum."""

import re

from django.core.exceptions import ValidationError

from clinic.records.text import words_of

_WORDS = {
    "dose", "doses", "dosage", "dosis", "dosen", "dosi", "dosaggio", "dosering", "dos", "unit", "units", "einheit",
    "einheiten", "unites", "unite", "unidades", "unidad", "unita", "iu", "ie", "ui", "mu", "ml", "ng", "volume",
    "dilution",
}  # fmt: skip
_JOINED = ("dose", "dosis", "dosage", "units", "einheiten")
_FIGURE_WITH_UNIT = re.compile(
    r"(?<![\w.,])\d+(?:[.,]\d+)?\s*(?:(?i:u|iu|mu|me|ui|ie|units?|einheit(?:en)?|unit[eé]s?|unidad(?:es)?|unità)|E)\b"
)
_FIGURE = re.compile(r"(?<!\w)\d+(?:[.,]\d+)?(?!\w)")


def names_a_dose(heading):
    words = words_of(re.sub(r"(?<=[a-z])(?=[A-Z])", " ", heading))
    return bool(_WORDS.intersection(words)) or any(part in "".join(words) for part in _JOINED)


def require_no_dose(text, *, figures=True):
    """Raises ValidationError for a number with a unit; without `figures`, for any number without a unit."""
    if found := (_FIGURE_WITH_UNIT if figures else _FIGURE).search(text):
        raise ValidationError(
            f"“{found[0]}” looks like a dose. Collum does not import doses: remove it from this cell."
        )
