"""Which two records may be one person: common typing errors, short forms and omissions at registration."""

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations

from clinic.records.text import key_in_any_order, keys_alike, pairs_alike, words_of

SIMILAR_NAME = "same birth date, similar name"
EXCHANGED = "same name, day and month exchanged"
OTHER_DIGIT = "same name, one digit of the birth year different"


# In the order of Identity.
COMPARED = ("person", "family_name", "given_name", "date_of_birth")


@dataclass(frozen=True)
class Identity:
    """The compared fields of a record. `person` is the id of the record on which the person continues."""

    person: int | None
    family_name: str
    given_name: str
    date_of_birth: dt.date

    @classmethod
    def of(cls, patient):
        return cls(patient.person_id, patient.family_name, patient.given_name, patient.date_of_birth)

    @cached_property
    def key(self):
        return key_in_any_order(f"{self.family_name} {self.given_name}")

    @cached_property
    def family_words(self):
        return words_of(self.family_name)

    @cached_property
    def given_words(self):
        return words_of(self.given_name)


def likeness(one, other):
    if one.date_of_birth == other.date_of_birth:
        return SIMILAR_NAME if _names_similar(one, other) else ""
    kind = _dates_confusable(one.date_of_birth, other.date_of_birth)
    return kind if kind and one.key == other.key else ""


def _names_similar(one, other):
    if keys_alike(one.key, other.key):
        return True
    each_shortened = _is_shortened(one.family_words, other.family_words) and _is_shortened(
        one.given_words, other.given_words, by_initials=True
    )
    return each_shortened or _is_shortened(one.family_words + one.given_words, other.family_words + other.given_words)


def _is_shortened(one, other, *, by_initials=False):
    """Whether all words of one name are in the other; an initial matches the word that it begins.

    At least one word must be the same, unless initials are enough.
    """
    few, many = sorted((one, other), key=len)
    left, unmatched = list(many), []
    for word in few:
        if word in left:
            left.remove(word)
        else:
            unmatched.append(word)
    if len(unmatched) == len(few) and not by_initials:
        return False
    for word in unmatched:
        fitting = next((candidate for candidate in left if _is_initial_of(word, candidate)), None)
        if fitting is None:
            return False
        left.remove(fitting)
    return True


def _is_initial_of(one, other):
    shorter, longer = sorted((one, other), key=len)
    return len(shorter) == 1 and longer.startswith(shorter)


def _dates_confusable(one, other):
    if (one.year, one.month, one.day) == (other.year, other.day, other.month):
        return EXCHANGED
    if (one.month, one.day) != (other.month, other.day):
        return ""
    differing = sum(a != b for a, b in zip(f"{one.year:04}", f"{other.year:04}", strict=True))
    return OTHER_DIGIT if differing == 1 else ""


def dates_like(day):
    year = f"{day.year:04}"
    years = {int(year[:place] + digit + year[place + 1 :]) for place in range(4) for digit in "0123456789"}
    found = {_date(other, day.month, day.day) for other in years} | {_date(day.year, day.day, day.month)}
    return found - {None}


def _date(year, month, day):
    try:
        return dt.date(year, month, day)
    except ValueError:
        return None


def lock_key(day):
    """A key that all easily confused dates share; see clinic.records.locks."""
    return "born on {} and {}".format(*sorted((day.day, day.month)))


def pairs_among(identities):
    """The pairs of people with two similar records, each as (lower id, higher id).

    Records are compared if they share a date and a word, or a date and almost the same name, or a name.
    """
    identities = list(identities)
    sharing, of_a_date = defaultdict(list), defaultdict(dict)
    for number, identity in enumerate(identities):
        sharing[identity.key].append(number)
        of_a_date[identity.date_of_birth][number] = identity.key
        for word in set(identity.key.split()):
            sharing[identity.date_of_birth, word].append(number)
    candidates = {pair for numbers in sharing.values() for pair in combinations(numbers, 2)}
    for keys in of_a_date.values():
        candidates |= pairs_alike(keys)
    alike = ((identities[one], identities[other]) for one, other in candidates)
    pairs = {tuple(sorted((one.person, other.person))) for one, other in alike if likeness(one, other)}
    return {(one, other) for one, other in pairs if one != other}
