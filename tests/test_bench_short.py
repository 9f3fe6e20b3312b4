"""When `make bench-short` fails, and what the floor writes."""

import json

import pytest

from tests.bench import short
from tests.bench.cpu import SAVING, calls_of, typical
from tests.bench.floor import page_of
from tests.bench.targets import print_targets

STORED = {
    "today": {"to_floor": 20.0, "queries": 9, "calls": 60_000},
    "visit": {"to_floor": 40.0, "queries": 19, "calls": 20_000},
}


def figures(today=20.0, visit=40.0, queries=9, calls=60_000):
    return {
        "today": {"cpu": 80.0, "floor": 4.0, "to_floor": today, "queries": queries, "calls": calls},
        "visit": {"cpu": 60.0, "floor": 1.5, "to_floor": visit, "queries": 19, "calls": 20_000},
    }


def faults(*runs):
    """Of a run that measures again as often as it is asked to."""
    found, *again = runs
    rest = iter(again)
    return short.faults_of(found, STORED, lambda: next(rest))


def test_stored_figures_are_reached():
    assert faults(figures(today=39.9, visit=79.9, calls=68_999)) == []


def test_slower_page_is_reported():
    slow = figures(today=40.1)
    assert faults(slow, slow, slow) == ["today: 40.1 times its floor instead of 20.0"]


@pytest.mark.parametrize("again", [[figures()], [figures(today=50.0), figures()]])
def test_page_delayed_by_other_programs_is_not_reported(again):
    assert faults(figures(today=50.0), *again) == []


def test_additional_query_is_reported():
    assert faults(figures(queries=10)) == ["today: 10 queries instead of 9"]


def test_more_calls_are_reported():
    assert faults(figures(calls=69_001)) == ["today: 69,001 calls instead of 60,000"]


def test_calls_of_a_function_are_counted():
    assert calls_of(lambda: [len("a") for _ in range(100)]) - calls_of(lambda: [len("a") for _ in range(10)]) == 90


def test_every_page_has_stored_figures():
    stored = json.loads(short.STORED.read_text())
    assert set(stored["pages"]) == {*short.PAGES, SAVING}
    assert set(short.PAGES) <= set(stored["before"])


def test_slowest_quarter_is_left_out():
    assert typical([1.0, 3.0, 2.0, 90.0]) == 2.0


@pytest.mark.parametrize("rows", [[], [(1, "<b>&", None)], [(number, "x" * 50) for number in range(100)]])
def test_floor_is_as_long_as_the_page(rows):
    page = page_of(rows, 20_000)
    assert 20_000 <= len(page) < 20_100
    assert b"<b>" not in page


def test_floor_shows_all_rows_of_a_small_page():
    assert page_of([(number,) for number in range(100)], 10).count(b"<tr>") == 100


def test_missed_goals_are_marked(capsys):
    page = {"cpu": 9.0, "floor": 1.0, "bare": 0.5, "to_floor": 9.0, "to_bare": 18.0, "queries": 15, "bytes": 40_000}
    print_targets(
        {"today": page, "empty": page | {"cpu": 3.0, "to_floor": 2.9, "queries": 4}}, {"today": 1.2, "empty": 1.0},
        {"today": 15_001, "empty": None},
        pages_a_second=30, first_load=(8, 60_001), saving={"to_floor": 3.1, "queries": 9},
    )  # fmt: skip
    lines = {line.split(" | ")[0].strip("| "): line for line in capsys.readouterr().out.splitlines()}
    assert [lines["today"].count("✗"), lines["empty"].count("✗")] == [5, 1]
    assert lines["saving a row × its floor"].endswith("3.1 ✗ |")
    assert lines["bytes of a first load"].endswith("60,001 ✗ |")
    assert "✗" not in lines["requests of a first load"]
