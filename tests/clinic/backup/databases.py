"""Databases of their own, used by the commands as an administrator runs them: each in a process."""

import contextlib
import gzip
import os
import sqlite3
import subprocess
import sys

from django.conf import settings
from django.db import connection

from tests.test_upgrades import DUMPS


class OwnDatabase:
    """Named by the environment of the commands."""

    def __init__(self, **environment):
        self.environment = {**os.environ, **environment}

    def manage(self, *words, fails=False, **more):
        command = [sys.executable, "manage.py", *map(str, words)]
        environment = {**self.environment, **more}
        ended = subprocess.run(command, cwd=settings.BASE_DIR, env=environment, capture_output=True, text=True)
        assert bool(ended.returncode) == fails, ended.stderr
        return ended.stderr if fails else ended.stdout

    def digests(self):
        return dict(line.split()[::-2] for line in self.manage("backup", "--digests").splitlines())


def on_sqlite(folder):
    folder.mkdir()
    return OwnDatabase(COLLUM_VAR=str(folder), DATABASE_URL="")


def of_the_first_release(folder):
    """An SQLite database as release 0.1.0 filled it."""
    database = on_sqlite(folder)
    dump = gzip.decompress((DUMPS / "0.1.0.sqlite.sql.gz").read_bytes()).decode()
    with contextlib.closing(sqlite3.connect(folder / "collum.sqlite3")) as opened:
        opened.executescript(dump)
    return database


@contextlib.contextmanager
def on_this_engine(folder, blocker):
    """Without tables, on the engine that runs the tests."""
    if connection.vendor == "sqlite":
        yield on_sqlite(folder)
        return
    own, name = connection.settings_dict, f"backup_{os.getpid()}"
    with blocker.unblock(), connection._nodb_cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {name}")
    try:
        server = f"postgres://{own['USER']}:{own['PASSWORD']}@{own['HOST']}:{own['PORT']}"
        yield OwnDatabase(DATABASE_URL=f"{server}/{name}")
    finally:
        with blocker.unblock(), connection._nodb_cursor() as cursor:
            cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")
