"""`make bench-short`: compare the pages' queries, calls of functions and processor time with those stored.

Queries and calls are the same on every machine. Processor time is a multiple of that of the page's floor, and fails a
run only if it is far above what is stored.

A database of invented patients on a fixed date is filled once, and kept as a template until a migration or the
invented patients change. `make bench-short STORE=1` stores the figures of this run.
"""

import argparse
import hashlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import time_machine

from tests.bench.database import Database

ROOT = Path(__file__).resolve().parents[2]
STORED = Path(__file__).with_name("figures.json")
TODAY = "2026-03-04T10:00:00+00:00"
PATIENTS = 3_000  # a clinic as busy as one with more patients, and just old enough for courses that have ended
PAGES = (
    "empty", "search", "today", "patient", "visit", "session", "sign page", "signed record", "diary, day",
    "diary, week", "follow-ups", "overview",
)  # fmt: skip
SECONDS_A_PAGE = 0.3
MOST_MORE_CALLS = 1.15
MOST_MORE_CPU = 2  # another program can make a page 1.5 times as slow as its floor
MOST_ATTEMPTS = 3  # a page must be slower in each of them
TEMPLATE = "collum_bench_template"


def main():
    parser = argparse.ArgumentParser(prog="make bench-short", description=__doc__)
    parser.add_argument("--store", action="store_true", help="store the figures of this run")
    parser.add_argument("--fill", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.fill:
        fill()
        return
    stored = json.loads(STORED.read_text())
    database = Database(f"collum_bench_short_{os.getpid()}")
    template = ready_template()
    with tempfile.TemporaryDirectory() as var:
        os.environ |= {"COLLUM_VAR": var, "DATABASE_URL": database.url, "LOG_LEVEL": "ERROR"}
        database.create(template)
        try:
            measure = measuring()
            found = measure()
            if options.store:
                store(stored, [found, measure(), measure()])
            elif faults := faults_of(found, stored["pages"], measure):
                sys.exit("\n".join(["", *faults, "If this is intended: make bench-short STORE=1"]))
        finally:
            database.remove()


def ready_template():
    name = f"{TEMPLATE}_{fingerprint()}"
    if not Database(name).exists():
        for (old,) in Database("postgres").ask(
            "SELECT datname FROM pg_database WHERE datname LIKE %s", [f"{TEMPLATE}%"]
        ):
            Database(old).remove()
        # Under another name until it is complete.
        unfinished = Database(f"{name}_{os.getpid()}")
        unfinished.create()
        environment = {**os.environ, "DATABASE_URL": unfinished.url}
        subprocess.run([sys.executable, "-m", "tests.bench.short", "--fill"], cwd=ROOT, env=environment, check=True)
        unfinished.rename(name)
    return name


def fingerprint():
    """Of all that decides what the database contains."""
    files = [*ROOT.glob("*/migrations/*.py"), *ROOT.glob("planning/demo/*.py"), *ROOT.glob("planning/*/content.py")]
    files.append(ROOT / "planning/management/commands/seed.py")
    contents = [f"{TODAY} {PATIENTS}".encode(), *(file.read_bytes() for file in sorted(files))]
    return hashlib.sha256(b"".join(contents)).hexdigest()[:12]


def fill():
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clinic.settings")
    with time_machine.travel(TODAY, tick=True):
        import django
        from django.core.management import call_command

        django.setup()
        call_command("migrate", verbosity=0)
        call_command("seed", patients=PATIENTS)


def measuring():
    from tests.bench.cpu import ask, measured
    from tests.bench.pages import pages
    from tests.bench.wsgi import application  # noqa: F401  (sets up Django)

    def measure():
        with time_machine.travel(TODAY, tick=True):
            chosen = [page for page in pages(ask) if page.name in PAGES]
            return measured(chosen, seconds=SECONDS_A_PAGE)

    return measure


def faults_of(found, stored, measure):
    """More queries or calls, or far more processor time in each of several attempts."""
    print_table(found, stored)
    faults = [
        f"{name}: {page[what]:,} {what} instead of {stored[name][what]:,}"
        for what, most in (("queries", 1), ("calls", MOST_MORE_CALLS))
        for name, page in found.items()
        if page[what] > stored[name][what] * most
    ]
    best = {name: page["to_floor"] for name, page in found.items()}
    for _ in range(MOST_ATTEMPTS - 1):
        if not slower(best, stored):
            break
        print(f"\nMeasured again, because this is slower: {', '.join(slower(best, stored))}.")
        found = measure()
        print_table(found, stored)
        best = {name: min(ratio, found[name]["to_floor"]) for name, ratio in best.items()}
    return faults + [
        f"{name}: {best[name]:.1f} times its floor instead of {stored[name]['to_floor']:.1f}"
        for name in slower(best, stored)
    ]


def slower(ratios, stored):
    return [name for name, ratio in ratios.items() if ratio > stored[name]["to_floor"] * MOST_MORE_CPU]


def print_table(found, stored):
    head = ("queries", "stored", "calls", "stored", "ms CPU", "floor", "× floor", "stored")
    print(f"\n{'page':14}" + "".join(f"{each:>9}" for each in head))
    for name, page in found.items():
        known = stored.get(name, page)  # a page that was never measured is equal to itself
        print(
            f"{name:14}{page['queries']:9}{known['queries']:9}{page['calls']:9,}{known['calls']:9,}"
            f"{page['cpu']:9.1f}{page['floor']:9.2f}{page['to_floor']:9.1f}{known['to_floor']:9.1f}"
        )


def store(stored, runs):
    """For each page the middle one of its multiples, and the fewest queries and calls."""
    stored["pages"] = {
        name: {
            "to_floor": round(statistics.median(run[name]["to_floor"] for run in runs), 1),
            **{what: min(run[name][what] for run in runs) for what in ("queries", "calls")},
        }
        for name in runs[0]
    }
    STORED.write_text(json.dumps(stored, indent=2) + "\n")
    for run in runs:
        print_table(run, stored["pages"])


if __name__ == "__main__":
    main()
