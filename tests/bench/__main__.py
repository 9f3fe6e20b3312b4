"""`make bench`: seed two PostgreSQL databases, one with ten times the past, and measure the pages of both.

Under gunicorn, each page is opened alternately with its floor: a bare view that does by hand what each page must do.
Then a mixed day of eight clients, a first load, and the processor time of each page are measured, and the table of
goals is printed. DATABASE_URL names the server; the databases are created anew, and removed at the end.
"""

import argparse
import base64
import json
import os
import secrets
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple

from planning.demo.people import MANY, PASSWORD
from tests.bench.asking import Browser, Gunicorn, timed
from tests.bench.cpu import SAVING
from tests.bench.database import Database
from tests.bench.load import compressed_bytes, first_load, pages_a_second
from tests.bench.pages import Page, lists_for_programs, pages
from tests.bench.targets import MOST_GROWTH, MOST_TO_FLOOR, print_targets

ROOT = Path(__file__).resolve().parents[2]
SECONDS_A_PAGE = 1.5
FEWEST = 2_000  # patients; with fewer, the clinic would be too young for a patient with a course


class Served(NamedTuple):
    database: Database
    development: dict
    pages: list[Page]
    port: int

    def user_id(self, username):
        return self.database.ask("SELECT id FROM clinic_user WHERE username = %s", [username])[0][0]


def main():
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument(
        "--patients", type=int, default=MANY, help="in the larger database; the other has a tenth, or 2,000"
    )
    parser.add_argument("--rounds", type=int, default=200, help="how often each page is asked")
    parser.add_argument("--keep", action="store_true", help="leave the databases, and use existing ones")
    options = parser.parse_args()
    sizes = {"smaller": max(options.patients // 10, FEWEST), "larger": max(options.patients, FEWEST)}
    with ExitStack() as stack:
        served = [stack.enter_context(serve(*each, keep=options.keep)) for each in sizes.items()]
        times = measure(served, rounds=options.rounds)
        report(times, **sizes)
        measure_targets(served[-1], times)


@contextmanager
def serve(name, size, *, keep):
    """A database of that many patients, under gunicorn as an installation would run it."""
    database = Database(f"collum_bench_{name}_{size}")
    with tempfile.TemporaryDirectory() as var:
        development = {**os.environ, "DATABASE_URL": database.url, "COLLUM_VAR": var}
        if not (keep and database.exists()):
            database.create()
            manage("migrate", "--verbosity", "0", env=development)
            manage("seed", "--patients", str(size), env=development)
        try:
            production = development | {
                "COLLUM_ENV": "production",
                "SECRET_KEY": secrets.token_urlsafe(60),
                "SECOND_FACTOR_KEYS": base64.b64encode(secrets.token_bytes(32)).decode(),
                "SECOND_FACTOR": "offered",  # its users have none
                "AUDIT_KEYS": f"bench:{secrets.token_urlsafe(60)}",
                "ALLOWED_HOSTS": "collum.example",
                "TRUST_DATABASE_ROLE": "true",
                "BEHIND_TLS_PROXY": "true",
                "LOG_LEVEL": "ERROR",
            }
            manage("collectstatic", "--noinput", "--verbosity", "0", env=production)
            with Gunicorn("tests.bench.wsgi", cwd=ROOT, env=production) as server:
                found = [*pages(database.ask), *lists_for_programs(database.ask)]
                yield Served(database, development, found, server.port)
        finally:
            if not keep:
                database.remove()


def manage(*words, env):
    subprocess.run([sys.executable, "manage.py", *words], cwd=ROOT, env=env, check=True)


def cpu_figures(served):
    """In a process of its own, so that the pages do not share one with what measures them."""
    command = [sys.executable, "-m", "tests.bench.cpu", str(SECONDS_A_PAGE)]
    output = subprocess.run(command, cwd=ROOT, env=served.development, check=True, stdout=subprocess.PIPE).stdout
    return json.loads(output.splitlines()[-1])


def measure(served, *, rounds):
    """By page: its times and its floor's, in the smaller and in the larger database."""
    results = {}
    for opened in zip(*(each.pages for each in served), strict=True):
        name, username = opened[0].name, opened[0].username
        browsers = [Browser(each.port).logged_in(username, PASSWORD) for each in served]
        questions = []
        for each, browser, page in zip(served, browsers, opened, strict=True):
            size = len(browser.open(page.request()).body)
            questions.append((browser, page.request()))
            questions.append((browser, page.floor(user=each.user_id(username), size=size)))
        results[name] = timed(questions, rounds=rounds)
    return results


def measure_targets(larger, times):
    figures = cpu_figures(larger)
    saving = figures.pop(SAVING)
    names = {page.name: page for page in larger.pages}
    browsers = {name: Browser(larger.port).logged_in(name, PASSWORD) for name in ("desk", "neurologist")}
    print_targets(
        figures,
        {name: page.median / smaller.median for name, (smaller, _, page, _) in times.items()},
        {name: compressed_bytes(browsers[names[name].username], names[name]) for name in figures},
        pages_a_second=pages_a_second(larger.port, larger.pages, PASSWORD),
        first_load=first_load(browsers["desk"], names["today"]),
        saving=saving,
    )


def report(results, *, smaller, larger):
    day = time.strftime("%d %b %Y")
    print(f"\n{day}: {larger:,} patients, and {smaller:,}. Milliseconds, median and 95th percentile.")
    print(f"Goal: at most {MOST_TO_FLOOR} × the floor, and {MOST_GROWTH} × the smaller.\n")
    head = ("page", "median", "95th", "floor", "95th", "× floor", "smaller", "its floor", "× smaller")
    print(f"| {' | '.join(head)} |")
    print(f"| --- |{' ---: |' * (len(head) - 1)}")
    for name, (page_of_smaller, floor_of_smaller, page, floor_of_page) in results.items():
        figures = [
            *page.cells(), *floor_of_page.cells(), f"{page.median / floor_of_page.median:.1f}",
            page_of_smaller.cells()[0], floor_of_smaller.cells()[0], f"{page.median / page_of_smaller.median:.2f}",
        ]  # fmt: skip
        print(f"| {' | '.join([name, *figures])} |")


if __name__ == "__main__":
    main()
