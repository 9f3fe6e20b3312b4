"""The labels of the audit trail: what each entry says, instead of the names of URLs and records that it stores.

Each package registers the labels of its own pages, actions and records, as it registers its database guards.
"""

import re
from typing import NamedTuple

from django.utils.text import capfirst

READ, EXPORTED = "read", "exported"
ATTEMPTS = ("refused", "not found")
# A page that only shows something. Opening any other page does not yet do what the page is for.
_READING = {
    "open": "opened",
    "list": "listed",
    "print": "printed",
    "search": "searched",
    "look": "looked",
    "download": "downloaded",
}
_API_OPERATIONS = {
    "list": "list|add {many}",
    "detail": "open|change {one}",
    "search": "search {many}",
    "entered-in-error": "mark {one} as entered in error",
    "undo-entered-in-error": "undo the error mark of {one}",
    "retire": "retire {one}",
    "restore": "restore {one}",
}
_FHIR_OPERATIONS = {"list": "list {many}", "detail": "open {one}", "search": "search {many}"}
_ADMIN_OPERATIONS = {
    "changelist": "list {many}",
    "add": "add {one}",
    "change": "open|change {one}",
    "delete": "delete {one}",
    "history": "open the changes of {one}",
    "simple_history": "open an earlier state of {one}",
    "import": "import {many}",
    "export": "download {many}",
    "export_xlsx": "download {many}",
    "template": "download an empty list of {many}",
}
_ADMIN_PAGE = re.compile(r"admin:[a-z]+_(?P<model>[a-z]+?)_(?P<operation>[a-z_]+)")
_UNNAMED = "open an unknown page"


class Noun(NamedTuple):
    one: str
    many: str


_pages, _api, _actions, _nouns = {}, {}, {}, {}


def register(*, pages, api, actions, nouns):
    """`pages`: what each URL name is for, beginning with its verbs, as in `open|change the visit`.

    `api`: the Noun of each resource of the API and of FHIR, or what an operation is for. `actions`: what each action
    did, with `{}` for the record; `nouns`: the Noun of each model, by its label.
    """
    _pages.update(pages)
    _api.update(api)
    _actions.update(actions)
    _nouns.update(nouns)


def entry_label(entry):
    """What an entry says, such as *opened the patient’s page*."""
    if entry.action == READ or (entry.action == EXPORTED and entry.route):
        return read_label(entry.route)
    if entry.action in ATTEMPTS:
        ending = "" if entry.action == "refused" else ", which does not exist"
        return f"tried to {_attempt(entry.route)}{ending}"
    message = _actions.get(entry.action, f"{entry.action} {{}}" if entry.object_type else entry.action)
    noun = _nouns.get(entry.object_type)
    return _filled(message, noun.one if noun else "")


def action_label(action):
    """An action without its record, for a choice of actions."""
    return capfirst(_filled(_actions[action], ""))


def read_label(route):
    verbs, rest = _split(route)
    past = _READING.get(verbs[0])
    return f"{past} {rest}" if past else f"opened the page to {_attempt(route)}"


def pages_read():
    """The URL names by what opening them is called, for a choice of pages: without the API and the admin site."""
    by_label = {}
    for route in _pages:
        if not route.startswith("admin:") and _split(route)[0][0] in _READING:
            by_label.setdefault(read_label(route), []).append(route)
    return by_label


def pages_that(verb):
    return [route for route, purpose in _pages.items() if purpose.startswith(f"{verb} ")]


def actions():
    return list(_actions)


def routes():
    return list(_pages)


def _filled(message, noun):
    return " ".join(message.format(noun).split())


def _attempt(route):
    verbs, rest = _split(route)
    return f"{' or '.join(verbs)} {rest}"


def _split(route):
    verbs, _, rest = (_purpose(route) or _UNNAMED).partition(" ")
    return verbs.split("|"), rest


def _purpose(route):
    if route in _pages:
        return _pages[route]
    if route.startswith("api:"):
        return _purpose_of_api(route.removeprefix("api:"), _API_OPERATIONS, "through the API")
    if route.startswith("fhir:"):
        return _purpose_of_api(route.removeprefix("fhir:"), _FHIR_OPERATIONS, "through FHIR")
    if found := _ADMIN_PAGE.fullmatch(route):
        nouns = {label.rpartition(".")[2]: noun for label, noun in _nouns.items()}
        noun, purpose = nouns.get(found["model"]), _ADMIN_OPERATIONS.get(found["operation"])
        return purpose.format(**noun._asdict()) if noun and purpose else None
    return None


def _purpose_of_api(name, operations, how):
    if isinstance(_api.get(name), str):
        return f"{_api[name]} {how}"
    for operation, purpose in operations.items():
        noun = _api.get(name.removesuffix(f"-{operation}"))
        if name.endswith(f"-{operation}") and isinstance(noun, Noun):
            return f"{purpose.format(**noun._asdict())} {how}"
    return None
