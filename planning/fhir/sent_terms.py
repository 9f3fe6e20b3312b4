"""What a program sends with a search: which terms it may contain, and how many resources a page has."""

from typing import NamedTuple

from django.core.exceptions import ValidationError as ModelError
from rest_framework.exceptions import NotAcceptable

from clinic.records.numbers import whole_number
from clinic.records.text import cleaned
from planning.fhir.pages_of_rows import MOST
from planning.fhir.search_parameters import invalid

LONGEST = 1500  # they are repeated in the URL of the next page
FORMATS = ("json", "application/json", "application/fhir+json", "text/json")
IN_A_BODY = "Send this term in the body of a POST to {kind}/_search: it is about a patient, and servers log URLs."


class SearchTerms(NamedTuple):
    terms: list
    size: int
    cursor: str


def sent_terms(params, *, in_url, known):
    """Reads a QueryDict. `known` are the search parameters by name. Raises ValidationError."""
    terms, others = [], {}
    for name in params:
        values = params.getlist(name)
        if name not in known:
            others[name] = _once(name, values)
            continue
        if in_url and known[name].private:
            raise invalid(name, IN_A_BODY.format(kind="Patient"))
        each = values if known[name].repeats else [_once(name, values)]
        terms += [(name, _cleaned(name, text)) for text in each]
    if sum(len(text) for _, text in terms) > LONGEST:
        raise invalid(terms[0][0], f"Send at most {LONGEST} characters in one search.")
    return _sent(terms, others)


def _once(name, values):
    if len(values) > 1:
        raise invalid(name, "This parameter is sent twice. Send it once.")
    return values[0]


def _cleaned(name, text):
    try:
        return cleaned(text)
    except ModelError as error:
        raise invalid(name, error.messages[0]) from error


def _sent(terms, others):
    require_json(others.pop("_format", FORMATS[0]))
    size, cursor = _size(others.pop("_count", str(MOST))), others.pop("_cursor", "")
    if others:
        raise invalid(next(iter(others)), "This parameter is not supported. Leave it out.")
    if cursor and terms:
        raise invalid("_cursor", "Follow the link to the next page unchanged.")
    return SearchTerms(terms, size, cursor)


def require_json(text):
    if text not in FORMATS:
        raise NotAcceptable("Only JSON is available. Leave out _format.")


def _size(text):
    size = whole_number(text)
    if not size:
        raise invalid("_count", f"Send a whole number from 1 to {MOST}.")
    return min(size, MOST)
