"""docs/safety.md, as text made from tests/safety/hazards.toml."""

import ast
import re
from functools import cache
from pathlib import Path
from typing import NamedTuple

from tests.safety.hazards import HAZARDS, INTENDED_USE

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "safety.md"
RUN = re.compile(
    r"^All (?P<tests>\d+) tests named here passed on (?P<on>.+) \((?P<revision>.+)\), on SQLite\.$", re.MULTILINE
)


class Run(NamedTuple):
    on: str
    revision: str


def test_ids():
    """Each once, in the order of the page."""
    named = [test for hazard in HAZARDS for control in hazard.controls for test in control.tests]
    return list(dict.fromkeys(f"tests/{test}" for test in named))


def missing_tests():
    """The named tests that do not exist."""
    return [test for test in test_ids() if test.partition("::")[2] not in _tests_in(test.partition("::")[0])]


@cache
def _tests_in(path):
    file = ROOT / path
    if not file.is_file():
        return frozenset()
    return frozenset(node.name for node in ast.parse(file.read_text()).body if isinstance(node, ast.FunctionDef))


def last_run():
    """The run that the stored page names."""
    found = RUN.search(PAGE.read_text())
    return Run(found["on"], found["revision"])


def rendered(run):
    parts = [
        "# Safety: intended use, hazards and controls",
        "`make safety` makes this page from `tests/safety/hazards.toml`, if every test named here passes. "
        "To change the page, change that file and run `make safety` again.",
        f"All {len(test_ids())} tests named here passed on {run.on} ({run.revision}), on SQLite.",
        "`make guards` removes the guards behind these controls one at a time, and shows that tests notice it "
        "([how](testing.md#hazards-and-guards)).",
        "## Intended use",
        INTENDED_USE,
        "## Hazards",
        _summary(),
        *(_hazard(number, hazard) for number, hazard in enumerate(HAZARDS, start=1)),
    ]
    return "\n\n".join(parts) + "\n"


def _summary():
    rows = [
        f"| {number} | [{hazard.name}](#{_anchor(number, hazard)}) | {len(hazard.controls)} | {hazard.remains} |"
        for number, hazard in enumerate(HAZARDS, start=1)
    ]
    return "\n".join(["| number | hazard | controls | what remains |", "| --- | --- | --- | --- |", *rows])


def _title(number, hazard):
    return f"{number}. {hazard.name}"


def _anchor(number, hazard):
    """As GitHub makes it from the heading."""
    return re.sub(r"[^\w -]", "", _title(number, hazard).lower()).replace(" ", "-")


def _hazard(number, hazard):
    controls = "\n".join(_control(control) for control in hazard.controls)
    return (
        f"### {_title(number, hazard)}\n\n**Cause.** {hazard.cause}\n\n**Controls.**\n\n{controls}\n\n"
        f"**What remains.** {hazard.remains}"
    )


def _control(control):
    tests = "\n".join(f"  - `{test}`" for test in control.tests)
    return f"- {control.what}\n{tests}"
