"""A database that a release filled is migrated to the present, and still contains the same."""

import contextlib
import gzip
import json
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from tests.extent import POSTGRESQL_FIRST

DUMPS = Path(__file__).with_name("upgrades")
RELEASES = sorted(path.name.removesuffix(".sqlite.sql.gz") for path in DUMPS.glob("*.sqlite.sql.gz"))


def dump_of(release):
    return gzip.decompress((DUMPS / f"{release}.{connection.vendor}.sql.gz").read_bytes()).decode()


@pytest.fixture
def filled(tmp_path, django_db_blocker):
    """`filled(release)` gives the environment of a program that uses a database as that release filled it."""
    with contextlib.ExitStack() as stack:

        def restored(release):
            restore = _restored_on_sqlite if connection.vendor == "sqlite" else _restored_on_postgresql
            return {**os.environ, **stack.enter_context(restore(dump_of(release), tmp_path, django_db_blocker))}

        yield restored


@contextlib.contextmanager
def _restored_on_sqlite(dump, folder, blocker):
    with contextlib.closing(sqlite3.connect(folder / "collum.sqlite3")) as database:
        database.executescript(dump)
    yield {"COLLUM_VAR": str(folder), "DATABASE_URL": ""}


@contextlib.contextmanager
def _restored_on_postgresql(dump, folder, blocker):
    own = connection.settings_dict
    name = f"upgrade_{os.getpid()}"
    statements = "\n".join(line for line in dump.splitlines() if not line.startswith("\\"))
    with blocker.unblock(), connection._nodb_cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {name}")
    try:
        restored = connection.Database.connect(
            dbname=name, user=own["USER"], password=own["PASSWORD"], host=own["HOST"], port=own["PORT"]
        )
        with contextlib.closing(restored), restored, restored.cursor() as cursor:
            cursor.execute(statements)
        yield {"DATABASE_URL": f"postgres://{own['USER']}:{own['PASSWORD']}@{own['HOST']}:{own['PORT']}/{name}"}
    finally:
        with blocker.unblock(), connection._nodb_cursor() as cursor:
            cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")


def run(*arguments, env):
    ended = subprocess.run([sys.executable, *arguments], cwd=settings.BASE_DIR, env=env, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


@pytest.mark.engine
def test_first_release_is_included():
    assert RELEASES[0] == "0.1.0"


@POSTGRESQL_FIRST
@pytest.mark.parametrize("release", RELEASES)
def test_migration_keeps_the_data_of_a_release(release, filled):
    env = filled(release)
    before = json.loads((DUMPS / f"{release}.{connection.vendor}.json").read_text())
    upgraded = json.loads(run("-m", "tests.upgrades.upgrade", env=env))
    after = upgraded["facts"]
    # Tables that came later are not those of the release
    after["rows"] = {table: after["rows"].get(table) for table in before["rows"]}
    before["audit"] = [entry[:2] for entry in before["audit"]]
    assert after.pop("guards_unknown") == []
    assert after == before
    assert before["records"]
    assert after["guards_missing"] == []
    assert after["signed_record_is_kept"]
    assert after["signed_dose_is_kept"]
    assert f"{len(before['audit'])} audit entries: valid" in upgraded["verified"]
