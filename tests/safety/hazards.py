"""The hazards of tests/safety/hazards.toml."""

import tomllib
from pathlib import Path
from typing import NamedTuple

SOURCE = Path(__file__).with_suffix(".toml")


class Control(NamedTuple):
    what: str
    tests: tuple[str, ...]


class Hazard(NamedTuple):
    name: str
    cause: str
    remains: str
    controls: tuple[Control, ...]


def _read():
    data = tomllib.loads(SOURCE.read_text())
    hazards = tuple(
        Hazard(
            one["name"],
            one["cause"],
            one["remains"],
            tuple(Control(control["what"], tuple(control["tests"])) for control in one.get("control", ())),
        )
        for one in data["hazard"]
    )
    return data["intended_use"].strip(), hazards


INTENDED_USE, HAZARDS = _read()
