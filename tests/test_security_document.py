"""docs/security.md names every requirement of levels 1 and 2 of ASVS 5.0.0 once, and only tests that exist."""

import ast
import re
from collections import Counter
from functools import cache

import pytest
from django.conf import settings

from clinic.accounts.passwords import WORDS
from clinic.accounts.permissions import OF_SUPERUSER, ROLES, Permission

STATES = ("met", "not met", "does not apply")
LEVELS = {
    "1": """
        1.2.1 1.2.2 1.2.3 1.2.4 1.2.5 1.3.1 1.3.2 1.5.1 2.1.1 2.2.1 2.2.2 2.3.1 3.2.1 3.2.2 3.3.1 3.4.1 3.4.2 3.5.1
        3.5.2 3.5.3 4.1.1 4.4.1 5.2.1 5.2.2 5.3.1 5.3.2 6.1.1 6.2.1 6.2.2 6.2.3 6.2.4 6.2.5 6.2.6 6.2.7 6.2.8 6.3.1
        6.3.2 6.4.1 6.4.2 7.2.1 7.2.2 7.2.3 7.2.4 7.4.1 7.4.2 8.1.1 8.2.1 8.2.2 8.3.1 9.1.1 9.1.2 9.1.3 9.2.1 10.4.1
        10.4.2 10.4.3 10.4.4 10.4.5 11.3.1 11.3.2 11.4.1 12.1.1 12.2.1 12.2.2 13.4.1 14.2.1 14.3.1 15.1.1 15.2.1
        15.3.1
    """,
    "2": """
        1.1.1 1.1.2 1.2.6 1.2.7 1.2.8 1.2.9 1.3.3 1.3.4 1.3.5 1.3.6 1.3.7 1.3.8 1.3.9 1.3.10 1.3.11 1.4.1 1.4.2
        1.4.3 1.5.2 2.1.2 2.1.3 2.2.3 2.3.2 2.3.3 2.3.4 2.4.1 3.3.2 3.3.3 3.3.4 3.4.3 3.4.4 3.4.5 3.4.6 3.5.4 3.5.5
        3.7.1 3.7.2 4.1.2 4.1.3 4.2.1 4.3.1 4.3.2 4.4.2 4.4.3 4.4.4 5.1.1 5.2.3 5.4.1 5.4.2 5.4.3 6.1.2 6.1.3 6.2.9
        6.2.10 6.2.11 6.2.12 6.3.3 6.3.4 6.4.3 6.4.4 6.5.1 6.5.2 6.5.3 6.5.4 6.5.5 6.6.1 6.6.2 6.6.3 6.8.1 6.8.2
        6.8.3 6.8.4 7.1.1 7.1.2 7.1.3 7.3.1 7.3.2 7.4.3 7.4.4 7.4.5 7.5.1 7.5.2 7.6.1 7.6.2 8.1.2 8.2.3 8.4.1 9.2.2
        9.2.3 9.2.4 10.1.1 10.1.2 10.2.1 10.2.2 10.3.1 10.3.2 10.3.3 10.3.4 10.4.6 10.4.7 10.4.8 10.4.9 10.4.10
        10.4.11 10.5.1 10.5.2 10.5.3 10.5.4 10.5.5 10.6.1 10.6.2 10.7.1 10.7.2 10.7.3 11.1.1 11.1.2 11.2.1 11.2.2
        11.2.3 11.3.3 11.4.2 11.4.3 11.4.4 11.5.1 11.6.1 12.1.2 12.1.3 12.3.1 12.3.2 12.3.3 12.3.4 13.1.1 13.2.1
        13.2.2 13.2.3 13.2.4 13.2.5 13.3.1 13.3.2 13.4.2 13.4.3 13.4.4 13.4.5 14.1.1 14.1.2 14.2.2 14.2.3 14.2.4
        14.3.2 14.3.3 15.1.2 15.1.3 15.2.2 15.2.3 15.3.2 15.3.3 15.3.4 15.3.5 15.3.6 15.3.7 16.1.1 16.2.1 16.2.2
        16.2.3 16.2.4 16.2.5 16.3.1 16.3.2 16.3.3 16.3.4 16.4.1 16.4.2 16.4.3 16.5.1 16.5.2 16.5.3 17.1.1 17.2.1
        17.2.2 17.2.3 17.2.4 17.3.1 17.3.2
    """,
}
TEST = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")


@pytest.fixture(scope="module")
def text():
    return (settings.BASE_DIR / "docs/security.md").read_text()


def cells_of(text, heading):
    """The rows of the first table after the heading, without its title row."""
    lines = f"\n{text}".partition(f"\n{heading}\n")[2].splitlines()
    table = [line for line in lines[: _end(lines)] if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table[:1] + table[2:]]


def _end(lines):
    return next((number for number, line in enumerate(lines) if line.startswith("#")), len(lines))


def requirements(text):
    rows = re.findall(r"^\| (\d+\.\d+\.\d+) \|(.*)\|$", text, re.MULTILINE)
    return [(number, *(cell.strip() for cell in rest.split("|"))) for number, rest in rows]


def test_each_requirement_appears_once_with_its_level(text):
    expected = {number: level for level, numbers in LEVELS.items() for number in numbers.split()}
    assert len(expected) == 253
    found = requirements(text)
    assert not [number for number, times in Counter(row[0] for row in found).items() if times > 1]
    assert {number: level for number, _, level, *_ in found} == expected


def test_each_requirement_has_a_state_and_a_reason(text):
    for number, short, _, state, by_what in requirements(text):
        assert state in STATES, number
        assert short, number
        assert len(by_what) > 5, number


def test_met_requirement_names_a_test_or_says_that_there_is_none(text):
    unproven = [
        number
        for number, _, _, state, by_what in requirements(text)
        if state == "met" and not re.search(r"::test_|[Nn]ot tested|\]\(#|[Pp]ython manages", by_what)
    ]
    assert unproven == []


def test_each_named_test_exists(text):
    named = TEST.findall(text)
    assert len(named) == text.count("::test_") > 100
    missing = {f"{file}::{name}" for file, name in named if name not in functions_in(file)}
    assert not missing


@cache
def functions_in(file):
    path = settings.BASE_DIR / file
    tree = ast.parse(path.read_text()) if path.exists() else ast.Module([], [])
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def test_summary_agrees_with_the_tables(text):
    counted = Counter((level, state) for _, _, level, state, _ in requirements(text))
    rows = [[str(counted[level, state]) for state in STATES] for level in LEVELS]
    both = [str(sum(counted[level, state] for level in LEVELS)) for state in STATES]
    summary = cells_of(text, "# Security")
    assert summary[0] == ["level", *STATES, "all"]
    assert [row[1:-1] for row in summary[1:]] == [*rows, both]
    assert all(int(row[-1]) == sum(map(int, row[1:-1])) for row in summary[1:])


def test_sections_that_rows_link_to_exist(text):
    headings = {heading.lower().replace(" ", "-") for heading in re.findall(r"^#+ (.*)$", text, re.MULTILINE)}
    assert set(re.findall(r"\]\(#([\w-]+)\)", text)) <= headings


def test_roles_are_those_of_the_code(text):
    permissions = {**{name: role.may for name, role in ROLES.items()}, "superuser": OF_SUPERUSER}
    title, *rows = cells_of(text, "## Roles")
    assert title[1:] == list(permissions)
    assert {row[0]: [cell == "yes" for cell in row[1:]] for row in rows} == {
        permission.value: [permission in may for may in permissions.values()]
        for permission in Permission
        if permission is not Permission.LOG_IN
    }


def test_words_not_allowed_in_passwords_are_listed(text):
    listed = re.search(r"or of these: ([\w,\s]+)\.", text)[1]
    assert set(re.split(r",\s+", listed)) == WORDS
