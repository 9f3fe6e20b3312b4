"""`make bench`: seed two PostgreSQL databases, one with ten times the past, and time the pages of both under gunicorn.

Each page is asked alternately with its floor: a bare view of the same gunicorn that runs one statement and writes as
many rows as minimal HTML. DATABASE_URL names the server; the databases are made anew, and removed at the end.
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
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlencode

import environ
import psycopg2

from planning.demo.people import MANY, PASSWORD
from tests.bench.asking import Browser, Gunicorn, timed

ROOT = Path(__file__).resolve().parents[2]
SERVER = "postgres://postgres@127.0.0.1:5432/postgres"
ROWS_OF_A_PAGE = 100
MOST_TIMES_THE_FLOOR, MOST_TIMES_AT_TEN_TIMES_THE_DATA = 3, 1.2


def main():
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--patients", type=int, default=MANY, help="in the larger database; the other has a tenth")
    parser.add_argument("--rounds", type=int, default=200, help="how often each page is asked")
    parser.add_argument("--keep", action="store_true", help="leave the databases, and take those that stand")
    options = parser.parse_args()
    with ExitStack() as stack:
        served = [
            stack.enter_context(serve(size, keep=options.keep)) for size in (options.patients // 10, options.patients)
        ]
        report(measure(served, rounds=options.rounds), patients=options.patients)


@contextmanager
def serve(size, *, keep):
    """A database of that many patients, under gunicorn as an installation would run it: (its pages, its port)."""
    database = Database(f"collum_bench_{size}")
    with tempfile.TemporaryDirectory() as var:
        development = {**os.environ, "DATABASE_URL": database.url, "COLLUM_VAR": var}
        if not (keep and database.stands()):
            database.make()
            manage("migrate", "--verbosity", "0", env=development)
            manage("seed", "--patients", str(size), env=development)
        try:
            production = development | {
                "COLLUM_ENV": "production",
                "SECRET_KEY": secrets.token_urlsafe(60),
                "ALLOWED_HOSTS": "collum.example",
                "BEHIND_TLS_PROXY": "true",
                "LOG_LEVEL": "ERROR",
            }
            manage("collectstatic", "--noinput", "--verbosity", "0", env=production)
            with Gunicorn("tests.bench.wsgi", cwd=ROOT, env=production) as server:
                yield pages(database), server.port
        finally:
            if not keep:
                database.remove()


def manage(*words, env):
    subprocess.run([sys.executable, "manage.py", *words], cwd=ROOT, env=env, check=True)


class Database:
    """One of the server's databases, by name."""

    def __init__(self, name):
        self.name = name
        self.server = os.environ.get("DATABASE_URL") or SERVER
        self.url = self.server.rsplit("/", 1)[0] + f"/{name}"

    def ask(self, statement, parameters=(), *, url=None):
        settings = environ.Env.db_url_config(url or self.url)
        connection = psycopg2.connect(
            dbname=settings["NAME"], user=settings["USER"] or None, password=settings["PASSWORD"] or None,
            host=settings["HOST"] or None, port=settings["PORT"] or None,
        )  # fmt: skip
        connection.autocommit = True
        try:
            with connection.cursor() as cursor:
                cursor.execute(statement, parameters)
                return cursor.fetchall() if cursor.description else []
        finally:
            connection.close()

    def stands(self):
        return bool(self.ask("SELECT 1 FROM pg_database WHERE datname = %s", [self.name], url=self.server))

    def make(self):
        self.remove()
        self.ask(f"CREATE DATABASE {self.name}", url=self.server)

    def remove(self):
        self.ask(f"DROP DATABASE IF EXISTS {self.name} WITH (FORCE)", url=self.server)


def pages(database):
    """(name, who asks, path, floor's path) of what is measured; the same rows in both databases."""
    session, visit, patient, clinician, record_number, family_name, born = database.ask(
        "SELECT s.id, v.id, p.id, v.clinician_id, p.record_number, p.family_name, p.date_of_birth "
        "FROM planning_injectionsession s JOIN patients_visit v ON v.id = s.visit_id "
        "JOIN patients_patient p ON p.id = v.patient_id JOIN clinic_user u ON u.id = v.clinician_id "
        "WHERE v.state = 'arrived' AND u.username = 'neurologist' ORDER BY s.id LIMIT 1"
    )[0]
    signed = database.ask(
        "SELECT s.id FROM planning_injectionsession s JOIN patients_visit v ON v.id = s.visit_id "
        "WHERE v.patient_id = %s AND s.signed_at IS NOT NULL ORDER BY v.starts_at DESC LIMIT 1",
        [patient],
    )[0][0]
    (day,) = database.ask("SELECT starts_at::date FROM patients_visit WHERE id = %s", [visit])[0]
    the_day = {"from": f"{day}T00:00Z", "to": f"{day + timedelta(days=1)}T00:00Z"}
    who = {"word": family_name.lower(), "other": f"{born:%Y%m%d}"}
    return [
        ("search, a beginning that many have", "desk", ("/patients/", {"q": "test"}), floor("search", word="test")),
        ("search, a record number", "desk", ("/patients/", {"q": record_number}),
         floor("search", word=record_number.replace("-", "").lower())),
        ("search, a name and a birth date", "desk", ("/patients/", {"q": f"{family_name} {born}"}),
         floor("search-two-words", **who)),
        ("today, everybody’s", "desk", f"/?day={day}", floor("today", **the_day, clinician=0)),
        ("today, a neurologist’s own", "neurologist", f"/?day={day}", floor("today", **the_day, clinician=clinician)),
        ("patient", "neurologist", f"/patients/{patient}/", floor("patient", patient=patient)),
        ("session, what was given", "neurologist", f"/sessions/{session}/", floor("session", session=session)),
        ("session, signed", "neurologist", f"/sessions/{signed}/", floor("record", session=signed)),
        ("diary, a day", "desk", f"/visits/?day={day}", floor("day", **the_day, clinician=0)),
        ("follow-ups, the first fifty", "desk", "/follow-ups/", floor("follow-ups")),
        ("patients with no follow-up", "desk", "/follow-ups/unattended/", floor("unattended")),
        *visits_for_programs(database),
    ]  # fmt: skip


def visits_for_programs(database):
    """The first hundred visits and the thousandth: a list does not slow with its depth."""
    found = []
    for number in (1, 1000):
        starts_at, pk = database.ask(
            "SELECT starts_at, id FROM patients_visit ORDER BY starts_at, id OFFSET "
            "least(%s, (SELECT count(*) - 101 FROM patients_visit)) LIMIT 1",
            [number * ROWS_OF_A_PAGE - ROWS_OF_A_PAGE],
        )[0]
        cursor = base64.urlsafe_b64encode(json.dumps([starts_at.isoformat(), pk]).encode()).decode().rstrip("=")
        after = floor("visits", starts_at=starts_at.isoformat(), id=pk)
        found.append((f"API: visits, page {number:,}", "desk", f"/api/v1/visits/?cursor={cursor}", after))
    return found


def floor(name, **parameters):
    return f"/floor/{name}/?{urlencode(parameters)}"


def measure(served, *, rounds):
    """By page: its times and its floor's, in the smaller and in the larger database."""
    results = {}
    for asked in zip(*(pages for pages, port in served), strict=True):
        name, who = asked[0][:2]
        browsers = [Browser(port).logged_in(who, PASSWORD) for pages, port in served]
        questions = [(browser, path) for browser, (_, _, *paths) in zip(browsers, asked, strict=True) for path in paths]
        results[name] = timed(questions, rounds=rounds)
    return results


def report(results, *, patients):
    day = time.strftime("%d %b %Y")
    print(f"\n{day}: {patients:,} patients, and {patients // 10:,}. Milliseconds, median and 95th percentile.")
    print(f"Goal: at most {MOST_TIMES_THE_FLOOR} × the floor, and {MOST_TIMES_AT_TEN_TIMES_THE_DATA} × the smaller.\n")
    head = ("page", "median", "95th", "floor", "95th", "× floor", "smaller", "its floor", "× smaller")
    print(f"| {' | '.join(head)} |")
    print(f"| --- |{' ---: |' * (len(head) - 1)}")
    for name, (smaller, floor_of_smaller, page, floor_of_page) in results.items():
        figures = [
            *page.cells(), *floor_of_page.cells(), f"{page.median / floor_of_page.median:.1f}",
            smaller.cells()[0], floor_of_smaller.cells()[0], f"{page.median / smaller.median:.2f}",
        ]  # fmt: skip
        print(f"| {' | '.join([name, *figures])} |")


if __name__ == "__main__":
    main()
