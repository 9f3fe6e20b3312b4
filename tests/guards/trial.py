"""One trial: a guard is removed in a copy of the tree, and the tests that must notice run there.

Each worker has a copy of its own, in which only the file of the guard differs, with a test database that was
prepared once.
"""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

from tests.guards.guard import ROOT, Guard

COPIED = ("clinic", "patients", "planning", "templates", "tests", "docs", "manage.py", "pyproject.toml")
ALSO_READ = ("CHANGELOG.md", "README.md", "Makefile", "requirements.txt", "requirements.lock", "deploy", ".env.example")
SECONDS = 600  # of one stage; removing a guard can make a test wait for ever
PASSED, FAILED = 0, 1  # of pytest; any other code says that no test was run


class Trial(NamedTuple):
    guard: Guard
    outcome: str  # detected, survived, or broken: the tests could not run
    seconds: float = 0.0
    said: str = ""


class Tree:
    """A copy of the tree, and its test database."""

    def __init__(self, folder, *, database_url=""):
        self.folder, self.database_url, self.changes = Path(folder), database_url, 0
        self.folder.mkdir(parents=True)
        for name in (*COPIED, *ALSO_READ):
            source, copy = ROOT / name, self.folder / name
            if source.is_dir():
                shutil.copytree(source, copy)
            elif source.exists():
                shutil.copy2(source, copy)
        self.var = self.folder / "var"
        self.var.mkdir()

    def prepare(self, other=None):
        """Make the test database, or copy that of another tree."""
        if other and not self.database_url:
            for database in other.var.glob("test-*.sqlite3"):
                shutil.copy2(database, self.var)
            return
        done = self.pytest("--create-db", "tests/clinic/records/test_triggers.py")
        if done.returncode != PASSED:
            raise SystemExit(f"The test database was not prepared:\n{done.stdout[-3000:]}")

    def require_green(self, tests):
        """A test that fails without any change would prove nothing."""
        done = self.pytest(*tests)
        if done.returncode != PASSED:
            raise SystemExit(f"These tests fail without any change:\n{done.stdout[-3000:]}{done.stderr[-1000:]}")

    def pytest(self, *arguments, without=""):
        environment = {**os.environ, "COLLUM_VAR": str(self.var), "DATABASE_URL": self.database_url}
        environment["MATRICES"] = "whole"  # each guard of the same kind is tried
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        plugin = ["-p", "tests.guards.without"] if without else []
        if without:
            environment["COLLUM_WITHOUT"] = without
        command = [sys.executable, "-m", "pytest", "-q", "-n0", "-x", "--reuse-db", "-p", "no:cacheprovider", *plugin]
        return subprocess.run(
            [*command, *arguments], cwd=self.folder, env=environment, capture_output=True, text=True, timeout=SECONDS
        )

    def try_without(self, guard):
        begin = time.monotonic()
        trial = self._edited(guard) if guard.edit else self._judged(guard)
        return trial._replace(seconds=time.monotonic() - begin)

    def _edited(self, guard):
        path = self.folder / guard.edit.path
        before = path.read_text()
        try:
            path.write_text(guard.edit.applied(before))
            self._date(path)
            return self._judged(guard)
        finally:
            path.write_text(before)
            self._date(path)

    def _date(self, path):
        """Python compiles a file anew if its time in whole seconds or its size differs from those that it noted."""
        self.changes += 1
        os.utime(path, (self.changes, self.changes))

    def _judged(self, guard):
        for stage in guard.stages:
            try:
                done = self.pytest(*stage, without=guard.without)
            except subprocess.TimeoutExpired:
                return Trial(guard, "broken", said=f"still running after {SECONDS} seconds: {' '.join(stage)}")
            if done.returncode == FAILED:
                return Trial(guard, "detected", said=_summary(done.stdout))
            if done.returncode != PASSED:
                return Trial(guard, "broken", said=(done.stdout + done.stderr)[-1500:])
        return Trial(guard, "survived")


def _summary(output):
    lines = [line for line in output.splitlines() if line.startswith(("FAILED", "ERROR"))]
    return lines[0][:200] if lines else ""
