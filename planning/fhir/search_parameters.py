"""The parameters of a search: how each narrows the rows, and which of them can be in a URL."""

import datetime as dt
import re
from functools import reduce
from operator import or_

from django.db.models import Q
from rest_framework.exceptions import ValidationError

from clinic.records.numbers import whole_number
from patients.models import Patient, PatientIdentifier
from patients.people import search
from planning.fhir.date_ranges import date_range
from planning.fhir.demographics import RECORD_NUMBER
from planning.sessions.models.corrections import Amendment

_REFERENCE = re.compile(r"(?:(?:https?://[^\s,|]+/)?([A-Za-z]+)/)?([A-Za-z0-9-]{1,64})")


class Parameter:
    """`kind` is its type in FHIR. A `private` one contains text about a patient, and is never in a URL."""

    kind = "token"
    private = False
    repeats = False

    def __init__(self, path=""):
        self.path = path

    def narrowed(self, rows, text):
        """Raises ValueError with a message if the text is not valid."""
        return rows

    def matches(self, resource, text):
        """Whether a resource belongs to the result, if the rows cannot be narrowed."""
        return True


class IdIs(Parameter):
    """Applied by Search, because one kind of resource can have several sources."""


class LastChanged(Parameter):
    """Applied by Search to what is shown."""

    kind, repeats = "date", True


class PatientIs(Parameter):
    """Includes the other records of the same person."""

    kind = "reference"

    def narrowed(self, rows, text):
        return rows.filter(**{f"{self.path}__in": people(text)})


class RefersTo(Parameter):
    kind = "reference"

    def __init__(self, path, *kinds):
        super().__init__(path)
        self.kinds = kinds

    def narrowed(self, rows, text):
        return rows.filter(**{f"{self.path}__in": numbers_of(text, *self.kinds)})


class StatusIn(Parameter):
    """`states` is a condition for each code."""

    def __init__(self, states):
        super().__init__()
        self.states = states

    def narrowed(self, rows, text):
        return rows.filter(reduce(or_, (self.states[code] for code in codes_in(text, self.states))))


class StatusShown(Parameter):
    """For a status that only the signed content shows."""

    def __init__(self, *codes):
        super().__init__()
        self.codes = codes

    def narrowed(self, rows, text):
        codes_in(text, self.codes)
        return rows

    def matches(self, resource, text):
        return resource["status"] in text.split(",")


class On(Parameter):
    kind, repeats = "date", True

    def narrowed(self, rows, text):
        return rows.filter(_range_in(text).condition(self.path))


class SignedDay(On):
    """The date of the injections as it was signed: an open amendment can have changed that of the session.

    `session` is the path from a row to its session.
    """

    def __init__(self, path, element, *, session):
        super().__init__(path)
        self.element, self.session = element, session

    def narrowed(self, rows, text):
        opened = Amendment.objects.open().order_by().values("session")
        return rows.filter(_range_in(text).days().condition(self.path) | Q(**{f"{self.session}__in": opened}))

    def matches(self, resource, text):
        shown = resource.get(self.element)
        return shown is None or _range_in(text).days().contains(dt.date.fromisoformat(shown))


class ShownDay(On):
    """A date that is calculated for what is shown."""

    def __init__(self, element):
        super().__init__()
        self.element = element

    def narrowed(self, rows, text):
        _range_in(text)
        return rows

    def matches(self, resource, text):
        shown = resource.get(self.element)
        return shown is not None and _range_in(text).days().contains(dt.date.fromisoformat(shown))


class BornOn(On):
    """A birth date of which a part is unknown is found by the parts that are known."""

    private = True

    def narrowed(self, rows, text):
        dates = _range_in(text)
        if dates.prefix != "eq" or "T" in text:
            raise ValueError("Send a birth date, a month or a year, without a prefix.")
        return rows.filter(**{f"{self.path}__startswith": text.removeprefix("eq")})


class IdentifierIs(Parameter):
    """The record number, or a number of another system as it was imported."""

    private = True

    def narrowed(self, rows, text):
        system, _, value = text.rpartition("|")
        others = PatientIdentifier.objects.with_value(value)
        if system:
            others = others.filter(system=system)
        found = rows.filter(pk__in=others.values("patient"))
        return found | rows.with_record_number(value) if system in ("", RECORD_NUMBER) else found


class NameIs(Parameter):
    kind, private = "string", True

    def narrowed(self, rows, text):
        if not search.is_long_enough(text):
            raise ValueError("Send at least two letters.")
        found = Patient.objects.found_by(text, however_many=True)
        return rows.filter(pk__in=found.order_by().values("pk"))


class EntryAbout(Parameter):
    """Entries about the records of a person, each once."""

    kind = "reference"

    def narrowed(self, rows, text):
        return rows.about(people(text))


def people(text):
    """The ids of all records of the people that a parameter names."""
    return [one for pk in numbers_of(text, "Patient") for one in Patient.objects.same_person_ids(pk)]


def numbers_of(text, *kinds):
    """The ids of `7`, `Patient/7,Patient/8` or the whole URL. Another kind of record has none of these."""
    found = []
    for part in text.split(","):
        match = _REFERENCE.fullmatch(part)
        if match is None or (match[1] and match[1] not in kinds):
            raise ValueError(f"Send the id of the record, such as {kinds[0]}/1.")
        found.append(number_of(match[2]))
    return found


def number_of(text):
    """The key that an id states; 0, which no record has, if it states none."""
    number = whole_number(text)
    return number if str(number) == text else 0


def codes_in(text, known):
    codes = text.split(",")
    if not set(codes) <= set(known):
        raise ValueError(f"Send one or more of these: {', '.join(known)}.")
    return codes


def _range_in(text):
    try:
        return date_range(text)
    except (ValueError, OverflowError) as error:
        raise ValueError("Send a date such as 2026-03-01 or ge2026-03, or a time with its UTC offset.") from error


def invalid(name, message):
    return ValidationError({name: [message]})
