"""Whether a letter fits on one A4 page, computed without a browser.

The print has lines of one height, and an empty line between two paragraphs. So lines are counted. A line is broken by
the widths below: each is at least that of the character in the fonts of the print (Arial, Liberation Sans, Helvetica,
and the wider DejaVu Sans and Verdana). Breaking by larger widths never gives fewer lines, so a letter that fits here
fits on paper. `static/planning/letter.css` and the template of the PDF have the same measures.
"""

import unicodedata
from functools import cache
from typing import NamedTuple

# 170 mm of A4, at 10 points, in thousandths of the font size, and 261 mm with lines of 13 points. Both leave some room:
# for rounding, and for a notice above the letter.
WIDTH = 48_000
LINES = 53

_WIDTHS = {
    **dict.fromkeys(" ijl'.,f", 380),
    **dict.fromkeys('tr()[]/-:;!|"IJ`’‘“”°', 520),
    **dict.fromkeys("abcdeghknopqsuvxyz0123456789?*_$–§J", 640),
    **dict.fromkeys("ABCDEFGHKLNOPQRSTUVXYZw&+=<>~#£€{}^\\", 850),
    **dict.fromkeys("mMW@%—", 1080),
}
_OTHER, _NOT_LATIN, _FIRST_NOT_LATIN = 1100, 1500, 0x250
# Marks that make a letter wider: the horn, and the voicing of a Japanese syllable.
_WIDE_MARKS = {"\u031b": 200, "\u3099": 650, "\u309a": 650}


class Room(NamedTuple):
    """The lines that a letter needs, of those that a page has."""

    needed: int
    lines: int = LINES

    @property
    def left(self):
        return self.lines - self.needed

    @property
    def obstacle(self):
        """Why the letter is too long, as a message; None if it fits."""
        if self.left >= 0:
            return None
        return (
            f"The letter is too long for one page: it needs {self.needed} lines, and a page has {self.lines}. "
            f"Shorten it by {-self.left}, save it, and sign it off then."
        )


def room_for(text):
    """For a whole letter, as printed."""
    return Room(sum(_lines_of(line) for line in text.strip().split("\n")))


def width_of(text):
    """At least the width, in thousandths of the font size. Accents have none; what is composed counts by its parts."""
    return sum(map(_width, text))


@cache
def _width(character):
    parts = unicodedata.normalize("NFKD", character)
    if parts[0] == " " and parts != " ":
        return _OTHER  # an accent that is written alone
    return sum(map(_width_of_part, parts))


def _width_of_part(character):
    if unicodedata.combining(character):
        return _WIDE_MARKS.get(character, 0)
    if character in _WIDTHS:
        return _WIDTHS[character]
    return _OTHER if ord(character) < _FIRST_NOT_LATIN else _NOT_LATIN


def _lines_of(text):
    """As a browser breaks it: at spaces, and within a word that is longer than a line."""
    lines, used = 1, 0
    for word in text.split(" "):
        width = width_of(word)
        with_space = used + width_of(" ") + width if used else width
        if with_space <= WIDTH:
            used = with_space
            continue
        lines += bool(used)
        used = 0
        for character in word:
            each = width_of(character)
            if used + each > WIDTH:
                lines, used = lines + 1, 0
            used += each
    return lines
