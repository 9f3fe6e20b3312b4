"""Processes that are killed."""

import contextlib
import os
import random
import signal
import socket
import time
from pathlib import Path
from urllib.request import urlopen

from tests.browser.served import Served

READY_WITHIN_S = 300  # on a machine that is very busy


def children_of(pid):
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            name_and_rest = stat.read_text()
        except OSError:  # it has just ended
            continue
        if int(name_and_rest.rpartition(")")[2].split()[1]) == pid:
            found.append(int(stat.parent.name))
    return found


def kill(pid):
    with contextlib.suppress(ProcessLookupError):  # it has just ended
        os.kill(pid, signal.SIGKILL)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Killed(Served):
    """Collum under gunicorn, whose processes are killed."""

    def processes(self):
        return [self._process.pid, *children_of(self._process.pid)]

    def kill_worker(self):
        """gunicorn starts another one by itself."""
        workers = children_of(self._process.pid)
        if workers:
            kill(random.choice(workers))  # noqa: S311

    def kill_all_and_start(self):
        self.kill()
        self.start()

    def wait_until_ready(self):
        """Until its database answers too."""
        latest = time.monotonic() + READY_WITHIN_S
        while time.monotonic() < latest:
            try:
                with urlopen(f"{self.url}/readyz", timeout=60):  # noqa: S310
                    return
            except OSError:
                time.sleep(0.05)
        raise RuntimeError("Collum is not ready.")
