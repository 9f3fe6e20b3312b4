"""A PostgreSQL server of its own, in a temporary folder: it can be killed, started again, and run out of disk."""

import contextlib
import glob
import os
import random
import shutil
import signal
import subprocess
import time
from contextlib import closing
from pathlib import Path

import psycopg2

from tests.crash.processes import children_of, free_port, kill

USER = "postgres"  # initdb refuses root
STARTS_WITHIN_S = 300
_SERVING = "SELECT pid FROM pg_stat_activity WHERE datname = 'collum' AND backend_type = 'client backend'"
OPTIONS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "40",
    "shared_buffers": "32MB",
    "max_wal_size": "64MB",
    "autovacuum_naptime": "5s",
}


def folder_of_programs():
    """None if this machine has no server."""
    found = sorted(glob.glob("/usr/lib/postgresql/*/bin/initdb")) or [shutil.which("initdb")]
    return found[-1] and Path(found[-1]).parent


class Cluster:
    def __init__(self, folder):
        self.data, self.port = folder / "postgresql", free_port()
        self.url = f"postgres://{USER}@127.0.0.1:{self.port}/collum"
        self._own = {"user": USER, "group": USER, "extra_groups": []} if os.getuid() == 0 else {}
        self._process = None

    def create(self):
        self.data.mkdir()
        self._to_its_user(self.data)
        self._run("initdb", "-D", self.data, "-U", USER, "--auth=trust", "--no-sync", "--encoding=UTF8", "--locale=C")
        self.start()
        self.execute("CREATE DATABASE collum", database="postgres")

    def start(self):
        """Until it answers. Processes of the one that was killed can still hold its memory for a moment."""
        latest = time.monotonic() + STARTS_WITHIN_S
        while time.monotonic() < latest:
            if self._process is None or self._process.poll() is not None:
                self._process = self._serve()
            try:
                self.execute("SELECT 1", database="postgres")
                return
            except psycopg2.OperationalError:
                time.sleep(0.05)
        raise RuntimeError(f"PostgreSQL did not start: {(self.data / 'log').read_text()[-2000:]}")

    def _serve(self):
        settings = [word for name, value in OPTIONS.items() for word in ("-c", f"{name}={value}")]
        with (self.data / "log").open("a") as log:
            return subprocess.Popen(
                [folder_of_programs() / "postgres", "-D", self.data, "-p", str(self.port), *settings],
                stdout=log,
                stderr=log,
                cwd="/",
                start_new_session=True,
                **self._own,
            )

    def processes(self):
        return [self._process.pid, *children_of(self._process.pid)]

    def kill(self):
        """All of its processes at once."""
        if self._process is None:
            return
        for pid in self.processes():
            kill(pid)
        self._process.wait()

    def kill_connection(self):
        """One that serves Collum. The server then ends all others and recovers by itself."""
        with closing(self.connect("postgres")) as other:
            other.autocommit = True
            with other.cursor() as cursor:
                cursor.execute(_SERVING)
                serving = [pid for (pid,) in cursor.fetchall()]
                if not serving:
                    return
                kill(random.choice(serving))  # noqa: S311
                with contextlib.suppress(psycopg2.OperationalError):
                    while True:  # until the server notices
                        cursor.execute("SELECT 1")
                        time.sleep(0.02)
        self.start()

    def stop(self):
        """In order, but without waiting for anyone."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
            self._process.wait(timeout=STARTS_WITHIN_S)

    def move(self, folder):
        """To another disk. The server must be stopped."""
        target = folder / "postgresql"
        shutil.copytree(self.data, target)
        target.chmod(0o700)
        for path in (target, *target.rglob("*")):
            self._to_its_user(path)
        self.data = target

    def set(self, name, value):
        """For connections that are open too."""
        self.execute(f"ALTER SYSTEM SET {name} = '{value}'", database="postgres")
        self.execute("SELECT pg_reload_conf()", database="postgres")

    def connect(self, database="collum"):
        return psycopg2.connect(self.url.replace("/collum", f"/{database}"), connect_timeout=5)

    def execute(self, statement, *, database="collum"):
        with closing(self.connect(database)) as connection:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute(statement)
                return cursor.fetchall() if cursor.description else []

    def _run(self, program, *words):
        subprocess.run([folder_of_programs() / program, *words], check=True, capture_output=True, cwd="/", **self._own)

    def _to_its_user(self, path):
        if self._own:
            shutil.chown(path, USER, USER)
