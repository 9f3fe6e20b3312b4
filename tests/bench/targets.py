"""What the pages should reach, and a table that marks what misses it."""

import json
from pathlib import Path

BEFORE = json.loads(Path(__file__).with_name("figures.json").read_text())["before"]
NOT_MEASURED = "not measured"
MISSES = " ✗"

MOST_TO_FLOOR = 3
MOST_TO_BEFORE, MOST_TO_BEFORE_OF_THE_SLOWEST = 0.35, 0.3
SLOWEST = {"patient", "session", "diary, week"}
MOST_GROWTH = 1.1
MOST_QUERIES_WITH_A_PATIENT = 14
MOST_QUERIES_OF_AN_EMPTY_PAGE = 4  # and its audit entry
MOST_MS_OF_AN_EMPTY_PAGE = 3.5
MOST_BYTES_OF_HTML = 15_000
MOST_AT_FIRST = 8, 60_000  # requests, bytes
FEWEST_PAGES_A_SECOND = 100
HEAD = (
    "page", "ms CPU", "floor", "× floor", "former floor", "× former floor", "× before", "queries", "× smaller",
    "bytes of HTML", "compressed",
)  # fmt: skip


def at_most(value, limit, form="{:.2f}"):
    return form.format(value) + (MISSES if value > limit else "")


def page_cells(name, figures, growth, wire):
    """`figures` are those of cpu.py, `wire` the number of compressed bytes, or None."""
    to_before = figures["to_bare"] / BEFORE[name]["to_bare"] if name in BEFORE else None
    most_to_before = MOST_TO_BEFORE_OF_THE_SLOWEST if name in SLOWEST else MOST_TO_BEFORE
    most_queries = MOST_QUERIES_OF_AN_EMPTY_PAGE if name == "empty" else MOST_QUERIES_WITH_A_PATIENT
    return (
        name,
        at_most(figures["cpu"], MOST_MS_OF_AN_EMPTY_PAGE if name == "empty" else float("inf"), "{:.1f}"),
        f"{figures['floor']:.2f}",
        at_most(figures["to_floor"], MOST_TO_FLOOR, "{:.1f}"),
        f"{figures['bare']:.2f}",
        f"{figures['to_bare']:.1f}",
        NOT_MEASURED if to_before is None else at_most(to_before, most_to_before),
        at_most(figures["queries"], most_queries, "{}"),
        at_most(growth, MOST_GROWTH),
        f"{figures['bytes']:,}",
        NOT_MEASURED if wire is None else at_most(wire, MOST_BYTES_OF_HTML, "{:,}"),
    )


def print_targets(figures, growth, wire, *, pages_a_second, first_load, saving):
    print("\nProcessor time of one process, and the goals. ✗ misses its goal.\n")
    print(f"| {' | '.join(HEAD)} |")
    print(f"| --- |{' ---: |' * (len(HEAD) - 1)}")
    for name, page in figures.items():
        print(f"| {' | '.join(page_cells(name, page, growth[name], wire[name]))} |")
    requests, size = (at_most(*each, "{:,}") for each in zip(first_load, MOST_AT_FIRST, strict=True))
    too_few = MISSES if pages_a_second < FEWEST_PAGES_A_SECOND else ""
    print("\n| of the clinic | goal | measured |\n| --- | ---: | ---: |")
    print(f"| pages per second, 8 clients | ≥ {FEWEST_PAGES_A_SECOND} | {pages_a_second:.1f}{too_few} |")
    print(f"| saving a row × its floor | ≤ {MOST_TO_FLOOR} | {at_most(saving['to_floor'], MOST_TO_FLOOR, '{:.1f}')} |")
    print(f"| queries of saving a row | | {saving['queries']} |")
    print(f"| requests of a first load | ≤ {MOST_AT_FIRST[0]} | {requests} |")
    print(f"| bytes of a first load | ≤ {MOST_AT_FIRST[1]:,} | {size} |")
    print(
        f"\nGoals: at most {MOST_TO_FLOOR} × the floor, {MOST_TO_BEFORE} × before ({', '.join(sorted(SLOWEST))}: "
        f"{MOST_TO_BEFORE_OF_THE_SLOWEST}), {MOST_GROWTH} × the smaller database, "
        f"{MOST_QUERIES_WITH_A_PATIENT} queries (an empty page: {MOST_QUERIES_OF_AN_EMPTY_PAGE}, and "
        f"{MOST_MS_OF_AN_EMPTY_PAGE} ms CPU), {MOST_BYTES_OF_HTML:,} bytes of compressed HTML."
    )
