"""The tool behind `make guards`: it finds guards of every kind, removes them cleanly, and notices a removal."""

import ast
from collections import Counter

import pytest

from tests.guards import registry
from tests.guards.guard import KINDS, ROOT
from tests.guards.trial import Tree
from tests.guards.untyped import UNTYPED


@pytest.fixture(scope="module")
def guards():
    return list(registry.guards())


def test_guards_of_every_kind_are_found(guards):
    counts = Counter(guard.kind for guard in guards)
    assert counts.keys() == KINDS.keys()
    assert counts.total() >= 200
    # A finder that no longer finds what it looks for
    assert {kind: number for kind, number in counts.items() if number < 10} == {}


def test_each_removal_is_valid_python_and_changes_something(guards):
    texts = {guard.edit.path: (ROOT / guard.edit.path).read_text() for guard in guards if guard.edit}
    for guard in guards:
        if guard.edit:
            before = texts[guard.edit.path]
            assert guard.edit.applied(before) != before, guard
            ast.parse(guard.edit.applied(before))
        else:
            assert guard.without, guard


def test_each_guard_has_tests_that_exist(guards):
    named = {test for guard in guards for stage in guard.stages for test in stage}
    assert [str(guard) for guard in guards if not guard.stages or not all(guard.stages)] == []
    assert [test for test in named if not _exists(*test.partition("::")[::2])] == []


def test_each_escape_of_untyped_text_exists():
    unknown = [
        (path, part) for path, parts in UNTYPED.items() for part in parts if part not in (ROOT / path).read_text()
    ]
    assert unknown == []


def _exists(path, name):
    there = ROOT / path
    return there.exists() and (not name or f"def {name.partition('[')[0]}(" in there.read_text())


@pytest.mark.full
@pytest.mark.parametrize(
    ("kind", "place", "what"),
    [
        ("special", "planning/sessions/doses.py", "a dose has ASCII digits only"),
        ("trigger", "planning_injection_muscle_and_side_do_not_change__update", ""),
        ("constraint", "planning_signedrecord_number_is_unique", ""),
    ],
)
def test_removal_of_a_guard_is_detected(kind, place, what, guards, tmp_path):
    guard = next(
        guard for guard in guards if guard.kind == kind and guard.place.startswith(place) and what in guard.what
    )
    tree = Tree(tmp_path / "tree")
    tree.prepare()
    trial = tree.try_without(guard)
    assert trial.outcome == "detected", trial.said
    # And the tree is as before, so the same tests pass
    assert tree.try_without(guard._replace(edit=None, without="")).outcome == "survived"
