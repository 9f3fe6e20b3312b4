"""A clinic moves from SQLite to PostgreSQL and back, and from an earlier release to this one, and nothing changes."""

import json
import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest
from django.conf import settings
from django.db import connection

from tests.clinic.backup.databases import of_the_first_release, on_sqlite, on_this_engine
from tests.test_upgrades import DUMPS

# Each step is a process that migrates: half a minute of processor time on each engine.
pytestmark = [pytest.mark.engine, pytest.mark.full]

TEXT = "Zażółć 漢字 😀\t\\N \\. 'a' \"b\" %s {}\r\nline\u00a0two \\"
# Written as they are typed; as numbers, some of them would be equal.
DOSES = ["1.11", "1.110", "01.11", "2.22", "1.1100000000000000000000000000"]


@pytest.fixture(scope="module")
def moved(tmp_path_factory, django_db_setup, django_db_blocker):
    """The databases through which one clinic moves; `digests` of each, and the files."""
    folder = tmp_path_factory.mktemp("moves")
    earlier, current = of_the_first_release(folder / "earlier"), on_sqlite(folder / "a")
    with on_this_engine(folder / "b", django_db_blocker) as other:
        earlier.manage("backup", folder / "earlier.collum")
        current.manage("restore", folder / "earlier.collum")
        with closing(sqlite3.connect(folder / "a" / "collum.sqlite3")) as opened, opened:
            write_difficult_rows(opened)
        steps = {"current": current.digests()}
        current.manage("backup", folder / "a.collum")
        other.manage("restore", folder / "a.collum", "--as-is")
        steps["other"] = other.digests()
        last = folder / "b"
        if connection.vendor == "postgresql":
            last, back = folder / "c", on_sqlite(folder / "c")
            other.manage("backup", folder / "b.collum")
            back.manage("restore", folder / "b.collum", "--as-is")
            steps["back"] = back.digests()
        yield {"folder": folder, "last": last / "collum.sqlite3", "digests": steps, "current": current, "other": other}


def write_difficult_rows(database):
    """As if they had been typed: the triggers of unsigned sessions let doses be changed, and those of patients all."""
    triggers = database.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
    for name, _ in triggers:
        database.execute(f"DROP TRIGGER {name}")
    database.execute("UPDATE patients_patient SET family_name = ?, note = ? WHERE id = 1", [TEXT, TEXT])
    for number, dose in enumerate(DOSES, start=1):
        database.execute("UPDATE planning_injection SET given_dose = ? WHERE id = ?", [dose, number])
    for _, sql in triggers:
        database.execute(sql)


def test_digests_are_equal_on_each_engine(moved):
    current, *others = moved["digests"].values()
    assert len(current) > 80
    assert others == [current] * (2 if connection.vendor == "postgresql" else 1)


def rows(moved, query):
    with closing(sqlite3.connect(moved["last"])) as database:
        return database.execute(query).fetchall()


def test_doses_come_back_as_they_were_typed(moved):
    found = rows(moved, f"SELECT given_dose, typeof(given_dose) FROM planning_injection WHERE id <= {len(DOSES)}")
    assert found == [(dose, "text") for dose in DOSES]


def test_text_comes_back_as_it_was_typed(moved):
    assert rows(moved, "SELECT family_name, note FROM patients_patient WHERE id = 1") == [(TEXT, TEXT)]


def test_columns_of_sqlite_are_stored_as_django_stores_them(moved):
    first = sqlite3.connect(moved["folder"] / "a" / "collum.sqlite3")
    last = sqlite3.connect(moved["last"])
    with closing(first), closing(last):
        # Each database records its own backups.
        for table in moved["digests"]["current"].keys() - {"clinic_auditentry", "clinic_backuprun"}:
            stored = [one.execute(f'SELECT * FROM "{table}" ORDER BY 1').fetchall() for one in (first, last)]
            assert stored[0] == stored[1], table


def test_earlier_release_is_restored_and_migrated(moved):
    before = json.loads((DUMPS / "0.1.0.sqlite.json").read_text())
    command = [sys.executable, "-m", "tests.upgrades.facts"]
    environment = moved["current"].environment
    ended = subprocess.run(command, cwd=settings.BASE_DIR, env=environment, capture_output=True, check=True)
    after = json.loads(ended.stdout)
    assert after["records"] == before["records"]
    entries = [entry[:2] for entry in before["audit"]]  # without the columns that later releases removed
    assert after["audit"][: len(entries)] == entries
    assert (after["guards_missing"], after["signed_record_is_kept"], after["signed_dose_is_kept"]) == ([], True, True)
    # The restore adds its own entry.
    assert after["audit"][len(entries)][1] == "restored a backup"


def test_restored_database_works_and_is_not_overwritten(moved):
    other = moved["other"]
    assert "missing" not in other.manage("check", "--database", "default")
    before = other.digests()
    message = other.manage("restore", moved["folder"] / "a.collum", fails=True)
    assert "CommandError: The database is not empty" in message
    assert other.digests() == before


def test_earlier_release_is_restored_into_a_migrated_database(moved, tmp_path):
    database = on_sqlite(tmp_path / "migrated")
    database.manage("migrate")
    database.manage("restore", moved["folder"] / "earlier.collum", "--as-is")
    assert database.manage("migrate", "--check") is not None
    assert "missing" not in database.manage("check", "--database", "default")
    found, before = database.digests(), moved["digests"]["current"]
    assert found["planning_signedrecord"] == before["planning_signedrecord"]
