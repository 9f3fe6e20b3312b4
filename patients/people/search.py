"""The search keys of a patient, and the meaning of a typed query.

Both are words in lower case without accents; a patient matches if each word of the query is the beginning of one of
their keys.
"""

import itertools
import re

from clinic.records.text import APOSTROPHES, search_key, words_of
from clinic.records.typed_dates import (
    SPELLED_DATES,
    SPELLED_MONTHS,
    numeric_dates,
    partial_date,
    spelled_dates,
    spelled_month,
)

UNKNOWN_DIGIT = "x"  # 1932xxxx, 193203xx
AFTER_ALL = "\U0010ffff"  # greater than any character that follows a prefix
LONGEST_KEY = 100
SHORTEST_QUERY, LONGEST_QUERY, MOST_WORDS = 2, 300, 20
SHORTEST_PHONE_END = 2
SHORTEST_NATIONAL_NUMBER = 6
WHOLE = "#"  # is in no word, and before all letters and digits, so that a whole identifier is the first key found
TELLING_PHONE_END = 9  # without country code and trunk zero

# Adjacent numbers: a birth date, a phone number in groups, a record number.
_NUMBERS = re.compile(r"(?<!\w)(\+\(?)?\d+(?:[\s()./-]+\d+)*(?!\w)")


def keys_of(patient):
    return {
        key[:LONGEST_KEY]
        for key in (
            *_joined_from_each(_parts_of(f"{patient.family_name} {patient.given_name}")),
            *_record_number_keys(patient.record_number),
            *_birth_date_keys(patient.date_of_birth),
            *_phone_keys(patient.phone),
        )
        if key
    }


def whole_key(text):
    """The key of an identifier, which is found only if all of it was typed."""
    return f"{WHOLE}{''.join(words_of(text))}{WHOLE}"[:LONGEST_KEY]


def _parts_of(name):
    return words_of(APOSTROPHES.sub(" ", name))


def _joined_from_each(words):
    """Each word joined with all that follow it, because people write *van den Berg* and *Vandenberg*, *李 娜* and
    *李娜*.
    """
    for start in range(len(words)):
        yield "".join(words[start:])


def _record_number_keys(number):
    words = words_of(number)
    yield from _joined_from_each(words)
    yield from _joined_from_each([word.lstrip("0") for word in words])


def _birth_date_keys(date):
    if not date.is_unknown:
        yield date.replace("-", "").ljust(8, UNKNOWN_DIGIT)


def phone_end(phone):
    digits = "".join(_groups(search_key(phone or "")))
    return digits[-TELLING_PHONE_END:] if len(digits) >= SHORTEST_NATIONAL_NUMBER else ""


def _phone_keys(phone):
    """The digits and all their endings, because people write numbers with and without prefixes."""
    digits = "".join(_groups(search_key(phone)))
    yield digits
    for start in range(1, len(digits) - SHORTEST_PHONE_END + 1):
        yield digits[start:]


def _groups(text):
    """The numbers in `text`, without the zero of +44 (0)20, which is not dialled."""
    return re.findall(r"\d+", text.replace("(0)", " "))


def is_long_enough(query):
    return sum(len(word) for word in words_of(query[:LONGEST_QUERY])) >= SHORTEST_QUERY


def prefixes(query):
    """For each word of the query the prefixes that match it; [] if the query is too short or too long."""
    text = query.strip()
    if len(text) > LONGEST_QUERY or not is_long_enough(text):
        return []
    words = []

    def take(read):
        def taken(match):
            if found := read(match):
                words.extend(found)
                return " ; "  # separates its neighbours
            return match.group()

        return taken

    text = search_key(text)
    for pattern, order in SPELLED_DATES:
        text = pattern.sub(take(lambda match, order=order: _spelled_date(match, order)), text)
    for pattern, order in SPELLED_MONTHS:
        text = pattern.sub(take(lambda match, order=order: _spelled_month(match, order)), text)
    text = _NUMBERS.sub(take(_numbers), text)
    words += [[word] for word in words_of(text)]
    return _without_repetition([[prefix[:LONGEST_KEY] for prefix in sorted(set(word))] for word in words])


def _without_repetition(words):
    return [word for word, _ in itertools.groupby(sorted(words))]


def _spelled_date(match, order):
    days = _as_keys(spelled_dates(match, order))
    return [days] if days else []


def _spelled_month(match, order):
    """*April 1969* can be a name and a year too."""
    found = spelled_month(match, order)
    return found and [[word, *_keys_of_month(found)] for word in match.groups()]


def _keys_of_month(date):
    year, month = date.split("-")
    return [f"{year}{month}", f"{year}{UNKNOWN_DIGIT * 4}"]


def _as_keys(dates):
    """The dates, and those of which a part is unknown."""
    return [
        key
        for date in dates
        for key in (f"{date:%Y%m%d}", f"{date:%Y%m}{UNKNOWN_DIGIT * 2}", f"{date:%Y}{UNKNOWN_DIGIT * 4}")
    ]


def _numbers(match):
    groups = _groups(match.group())
    phone = _phone_numbers(groups, international=bool(match.group(1)) or groups[0].startswith("00"))
    words, place = [], 0
    while place < len(groups):
        three = groups[place : place + 3]
        month = _keys_of_month(found) if (found := _month_and_year(*three[:2])) else []
        if len(three) == 3 and (days := _as_keys(numeric_dates(*three))):
            words.append([*days, "".join(three), *phone])
            place += 3
        else:
            words.append([three[0], *_eight_digits(three[0]), *phone, *month])
            place += 1
    return words


def _phone_numbers(groups, *, international):
    """The groups as one number, with and without prefixes: *+44 20 7946 0018* is *020 7946 0018*."""
    digits = "".join(groups)
    numbers = [digits] if len(groups) > 1 else []
    national = [digits.lstrip("0")]
    if international:
        national += [national[0][country:] for country in (1, 2, 3)]
    return numbers + [number for number in national if len(number) >= SHORTEST_NATIONAL_NUMBER]


def _month_and_year(one, two=""):
    """Of *3/1969* and *1969-03*."""
    year, month = (one, two) if len(one) == 4 else (two, one)
    return partial_date(year, month) if len(year) == 4 and len(month) in (1, 2) else None


def _eight_digits(number):
    """14031969 and 03141969; 19690314 is a key itself."""
    return _as_keys(numeric_dates(number[:2], number[2:4], number[4:])) if len(number) == 8 else []
