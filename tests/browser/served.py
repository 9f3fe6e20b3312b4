"""Collum under gunicorn, on the database of the test: a server that can be killed, and started again."""

import os
import signal
import socket
import subprocess
import sys
import time
from urllib.request import urlopen

from django.conf import settings
from django.db import connection

STARTS_WITHIN_S = 60


class Served:
    def __init__(self, *, path=""):
        self.port = _a_free_port()
        self.path = path
        self.url = f"http://127.0.0.1:{self.port}{path}"
        self._process = None

    def start(self):
        command = [sys.executable, "-m", "gunicorn", "clinic.wsgi", "--bind", f"127.0.0.1:{self.port}"]
        options = ["--workers", "2", "--threads", "4", "--no-control-socket", "--log-level", "critical"]
        environment = {**os.environ, "DATABASE_URL": _address_of_the_database(), "COLLUM_VAR": str(settings.VAR_DIR)}
        environment["SCRIPT_NAME"] = self.path
        self._process = subprocess.Popen(
            [*command, *options], env=environment, cwd=settings.BASE_DIR, start_new_session=True
        )
        self._wait_until_it_answers()

    def kill(self):
        """All of its processes at once, while they work."""
        if self._process is not None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None

    def _wait_until_it_answers(self):
        latest = time.monotonic() + STARTS_WITHIN_S
        while time.monotonic() < latest:
            try:
                with urlopen(f"{self.url}/healthz", timeout=5):  # noqa: S310
                    return
            except OSError:  # the server does not listen yet, or the machine is too busy to respond in time
                time.sleep(0.1)
        raise RuntimeError("gunicorn did not answer")


def _a_free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _address_of_the_database():
    database = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{database['NAME']}"
    password = f":{database['PASSWORD']}" if database["PASSWORD"] else ""
    return f"postgres://{database['USER']}{password}@{database['HOST']}:{database['PORT']}/{database['NAME']}"
