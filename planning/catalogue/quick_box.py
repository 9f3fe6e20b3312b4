"""The quick box: *scm r*, *lev sca left*, *scal both*, *r levator*."""

import re
from dataclasses import dataclass, field

from clinic.records.exceptions import Refused
from clinic.records.text import words_of
from planning.catalogue.models.muscle import MUSCULUS, Muscle, Side, is_musculus

SIDE_WORDS = {
    "r": [Side.RIGHT],
    "right": [Side.RIGHT],
    "l": [Side.LEFT],
    "left": [Side.LEFT],
    "m": [Side.MIDLINE],
    "midline": [Side.MIDLINE],
    "b": [Side.RIGHT, Side.LEFT],
    "both": [Side.RIGHT, Side.LEFT],
    "bilateral": [Side.RIGHT, Side.LEFT],
}
LONGEST = 100


@dataclass(frozen=True)
class Typed:
    """The possible meanings of the text: muscles, and the sides that were named ([] if none)."""

    muscles: list[Muscle]
    sides: list[Side] = field(default_factory=list)
    words: str = ""


def read(text, muscles):
    """The possible meanings of the typed text among `muscles`; never raises."""
    text = text[:LONGEST]
    words = words_of(text)
    sides = []
    for place in (-1, 0):
        # The side is the first or last word; a single word is always a muscle, and *m.* is *musculus*.
        if len(words) > 1 and words[place] in SIDE_WORDS and not (place == 0 and is_musculus(words[0], text)):
            sides = SIDE_WORDS[words.pop(place)]
            break
    return Typed(muscles=_meant_by(words, muscles), sides=sides, words=" ".join(words))


def _meant_by(words, muscles):
    """Muscles that match the words, with or without a leading *musculus*: *m scal* may be either."""
    found = _fitting(words, muscles)
    if len(words) > 1 and words[0] in MUSCULUS:
        found += [muscle for muscle in _fitting(words[1:], muscles) if muscle not in found]
    return found


def _fitting(words, muscles):
    """An exact name wins; otherwise each word must be the beginning of a word in one of the names."""
    if not words:
        return []
    spoken, together = " ".join(words), "".join(words)
    names = {muscle: muscle.keys() for muscle in muscles}
    exact = [muscle for muscle in muscles if spoken in names[muscle] or together in _joined(names[muscle])]
    return exact or [muscle for muscle in muscles if any(_begins(words, name) for name in names[muscle])]


def _joined(names):
    return {re.sub(r"\W", "", name) for name in names}


def _begins(words, key):
    left = key.split()
    for word in sorted(words, key=len, reverse=True):
        fitting = next((candidate for candidate in left if candidate.startswith(word)), None)
        if fitting is None:
            return False
        left.remove(fitting)
    return True


def meant(text, muscles):
    """The one muscle and the sides that the text names. Raises Refused if something is missing or ambiguous."""
    typed = read(text, muscles)
    if not typed.words:
        raise Refused("Type a muscle and a side, for example its short name and r.", field="typed")
    if not typed.muscles:
        raise Refused(
            f"The catalogue has no muscle called “{typed.words}”. Ask a catalogue manager to add it.", field="typed"
        )
    if len(typed.muscles) > 1:
        names = "; ".join(muscle.name for muscle in typed.muscles[:4])
        raise Refused(f"“{typed.words}” fits several: {names}. Type more of the name.", field="typed")
    muscle = typed.muscles[0]
    allowed = muscle.allowed_sides()
    sides = typed.sides or (allowed if len(allowed) == 1 else [])
    if not sides:
        raise Refused(f"Which side of {muscle.name}? Add r, l or both.", field="typed")
    return muscle, sides
