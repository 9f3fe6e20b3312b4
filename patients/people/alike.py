"""Which two records may be one person: common typing errors, short forms and omissions at registration."""

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations

from django.db.models import Q

from clinic.records.partial_dates import UNKNOWN, PartialDate
from clinic.records.text import key_in_any_order, keys_alike, pairs_alike, words_of

SIMILAR_NAME = "same birth date, similar name"
EXCHANGED = "same name, day and month exchanged"
OTHER_DIGIT = "same name, one digit of the birth year different"
PARTLY_UNKNOWN = "same name, birth date partly unknown"


# In the order of Identity.
COMPARED = ("person", "family_name", "given_name", "date_of_birth")


@dataclass(frozen=True)
class Identity:
    """The compared fields of a record. `person` is the id of the record on which the person continues."""

    person: int | None
    family_name: str
    given_name: str
    date_of_birth: PartialDate

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
    if one.date_of_birth.can_be(other.date_of_birth):
        return PARTLY_UNKNOWN if one.key == other.key else ""
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
    if _exchanged(one) == other:
        return EXCHANGED
    if one[4:] != other[4:]:
        return ""
    differing = sum(a != b for a, b in zip(one[:4], other[:4], strict=True))
    return OTHER_DIGIT if differing == 1 else ""


def _exchanged(date):
    """The date with its day and month exchanged, which can be one that does not exist; None if one is unknown."""
    return f"{date[:4]}-{date[8:]}-{date[5:7]}" if date.is_complete else None


def born_like(date):
    """A condition for the records whose birth date is easily confused with this one, or can be the same."""
    if date.is_unknown:
        return Q()
    condition = Q(date_of_birth__in=dates_like(date))
    return condition if date.is_complete else condition | Q(date_of_birth__startswith=date)


def dates_like(date):
    years = {date[:place] + digit + date[place + 1 : 4] for place in range(4) for digit in "0123456789"}
    partial = {date[:4], date[:7], UNKNOWN}
    return {year + date[4:] for year in years} | partial | {_exchanged(date) or date}


def lock_keys(patients):
    """Keys of which records that can be similar share one; see clinic.records.locks."""
    for patient in patients:
        yield f"born on {' and '.join(sorted(patient.date_of_birth.split('-')[1:]))}"
        yield f"named {Identity.of(patient).key}"


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
