"""The policy for typed text, and the search key of a name."""

import re
import unicodedata
from collections import defaultdict
from itertools import combinations

from django import forms
from django.core.exceptions import ValidationError
from django.db import models

# Persian and Indic names need the two joiners; every other format character could hide or reorder text.
ALLOWED_FORMAT_CHARACTERS = {"\u200c", "\u200d"}
LINE_BREAKS_AND_TABS = {"\n", "\t"}
# Of Unicode's Default_Ignorable_Code_Point, those that are not format characters, and the empty Braille pattern.
DEFAULT_IGNORABLE = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180d\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)
# As in Unicode's stream-safe text format. Marks are sorted by comparing each with each, and no script needs this many.
MOST_MARKS = 30

# Letters that Unicode decomposition does not change, with what people type for them; Persian and Arabic keyboards write
# the same yeh and kaf with different letters.
UNDECOMPOSED = str.maketrans(
    {
        "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ħ": "h", "ı": "i", "ŋ": "n",
        "ŧ": "t", "ĸ": "k", "ß": "ss", "ƒ": "f", "ǝ": "e", "ə": "a", "ɓ": "b", "ɗ": "d", "ɖ": "d", "ƙ": "k",
        "ƴ": "y", "ɛ": "e", "ɔ": "o", "ɣ": "g", "ɲ": "n", "ʋ": "v", "ɨ": "i", "ʉ": "u", "ȷ": "j", "ƶ": "z",
        "ǥ": "g", "ƀ": "b", "ی": "ي", "ى": "ي", "ک": "ك", "ـ": "",
    }
)  # fmt: skip
APOSTROPHES = re.compile(r"['’‘ʼ`´ʻʹʾʿ′＇]")


def cleaned(text, *, lines=False):
    """`text` in NFC, trimmed, line breaks as \\n; ValidationError on a control or direction character."""
    if text.isascii() and text.isprintable():
        return text.strip()  # nearly every text, and a hundred times as fast
    _require_few_marks(text)
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    text = "".join(" " if unicodedata.category(character) == "Zs" else character for character in text)
    for place, character in enumerate(text):
        if lines and character in LINE_BREAKS_AND_TABS:
            continue
        if character in ALLOWED_FORMAT_CHARACTERS:
            continue
        if unicodedata.category(character) in {"Cc", "Cf", "Cs", "Zl", "Zp"}:
            raise ValidationError(
                f"{_where(text, place)} there is an invisible character (U+{ord(character):04X}). Delete it there.",
                code="invisible",
            )
    text = text.strip()
    if text and all(_is_blank(character) for character in text):
        raise ValidationError("This text has no visible character. Type it again.", code="blank")
    return text


def printable(text):
    """`text` without characters that cannot be shown, of which some cannot be stored either."""
    return "".join(filter(str.isprintable, text))


def _is_blank(character):
    return character.isspace() or character in ALLOWED_FORMAT_CHARACTERS or bool(DEFAULT_IGNORABLE.match(character))


def _require_few_marks(text):
    marks = 0
    for place, character in enumerate(text):
        marks = marks + 1 if unicodedata.combining(character) else 0
        if marks > MOST_MARKS:
            raise ValidationError(
                f"{_where(text, place - MOST_MARKS)} one letter has more than {MOST_MARKS} marks. Delete some there.",
                code="marks",
            )


def _where(text, place):
    before = "".join(character for character in text[:place] if character.isprintable())[-12:]
    return f"After “{before}”" if before.strip() else "At the beginning"


def search_key(text):
    """Lower case, without accents or apostrophes: *İstanbul* gives `istanbul`, *Łódź* `lodz`, *O’Neill* `oneill`.

    Digits of every script become ASCII digits.
    """
    folded = APOSTROPHES.sub("", text.casefold())
    if folded.isascii():
        return folded
    # Decomposition can restore capitals (“℡” becomes “TEL”), so the case is folded once more.
    folded = unicodedata.normalize("NFKD", folded).casefold()
    return "".join(_bare(character) for character in folded).translate(UNDECOMPOSED)


def _bare(character):
    if unicodedata.combining(character):
        return ""
    return str(unicodedata.decimal(character, character))


def words_of(text):
    return "".join(character if _is_of_a_word(character) else " " for character in search_key(text)).split()


def _is_of_a_word(character):
    # The vowel signs of Indic and other scripts are marks, not letters, and occur inside words.
    return character.isalnum() or unicodedata.category(character) in {"Mc", "Mn"}


def counted(number, noun):
    """*1 dose*, *2 doses*."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def key_in_any_order(name):
    return " ".join(sorted(words_of(name)))


def keys_alike(one, other):
    """Whether two names are easily confused: equal keys, or one letter apart."""
    return one == other or (min(len(one), len(other)) >= 4 and _one_edit_apart(one, other))


def pairs_alike(keys):
    """The pairs of similar names; `keys` contains the key of each owner.

    Two keys that are one letter apart are equal once a letter is left out of each, or of one. So only keys with a
    common remainder are compared.
    """
    sharing = defaultdict(set)
    for owner, key in keys.items():
        for remainder in {key, *(key[:place] + key[place + 1 :] for place in range(len(key)))}:
            sharing[remainder].add(owner)
    candidates = {pair for owners in sharing.values() for pair in combinations(sorted(owners), 2)}
    return {(one, other) for one, other in candidates if keys_alike(keys[one], keys[other])}


def _one_edit_apart(one, other):
    shorter, longer = sorted((one, other), key=len)
    if len(longer) - len(shorter) > 1:
        return False
    same = next((i for i, pair in enumerate(zip(shorter, longer, strict=False)) if pair[0] != pair[1]), len(shorter))
    rest = shorter[same + 1 :] if len(shorter) == len(longer) else shorter[same:]
    return rest == longer[same + 1 :]


class _LineFormField(forms.CharField):
    lines = False

    def to_python(self, value):
        value = super().to_python(value)
        return value if value in self.empty_values else cleaned(value, lines=self.lines)


class _LinesFormField(_LineFormField):
    lines = True
    widget = forms.Textarea(attrs={"rows": 3})


class _Policed:
    """Applies the text policy to a model field and its form field."""

    form_field = _LineFormField
    lines = False

    def to_python(self, value):
        value = super().to_python(value)
        return cleaned(value, lines=self.lines) if isinstance(value, str) else value

    def formfield(self, **kwargs):
        return super().formfield(**{"form_class": self.form_field, **kwargs})


class Line(_Policed, models.CharField):
    """One line of text under the text policy."""


class Lines(_Policed, models.TextField):
    """Several lines of text under the text policy."""

    form_field = _LinesFormField
    lines = True

    def formfield(self, **kwargs):
        return super().formfield(**{"widget": forms.Textarea(attrs={"rows": 3}), **kwargs})
