"""Whether a write is on the disk before Collum acknowledges it: the system calls of all processes, in their order."""

import re
import shutil
import subprocess
import time

from tests.crash.processes import children_of

REQUEST, FSYNC, ANSWER = "request", "fsync", "answer"
# Completed calls only. The beginning of an answer is when it leaves.
_EVENTS = {
    REQUEST: re.compile(r'recvfrom\(.*"(POST|PATCH) '),
    FSYNC: re.compile(r"(fsync|fdatasync)(\(\d+| resumed>)\) *= 0"),
    ANSWER: re.compile(r"send(to|msg)\(.*HTTP/1\.1 (\d+)"),
}


def can_trace():
    """strace is installed, and this machine allows it."""
    if shutil.which("strace") is None:
        return False
    return subprocess.run(["strace", "-o", "/dev/null", "true"], capture_output=True).returncode == 0


class Trace:
    """`with Trace(pids, path) as trace: …`; then `trace.events()`."""

    def __init__(self, pids, path):
        self.pids, self.path = sorted({each for pid in pids for each in (pid, *children_of(pid))}), path

    def __enter__(self):
        attached = [word for pid in self.pids for word in ("-p", str(pid))]
        calls = "trace=fsync,fdatasync,recvfrom,sendto,sendmsg"
        self._strace = subprocess.Popen(
            ["strace", "-f", "-s", "24", "-e", calls, "-o", self.path, *attached],
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in self.pids:
            self._strace.stderr.readline()  # “Process … attached”
        time.sleep(0.2)
        return self

    def __exit__(self, *exc):
        time.sleep(0.2)
        self._strace.terminate()
        self._strace.wait()
        self._strace.stderr.close()

    def events(self):
        found = []
        for line in self.path.read_text(errors="replace").splitlines():
            found += [name for name, pattern in _EVENTS.items() if pattern.search(line)]
        return found


def before_each_answer(events):
    """How many fsyncs were completed between each request and its answer; one request is sent at a time."""
    counts, count = [], None
    for event in events:
        if event == REQUEST:
            count = 0
        elif event == FSYNC and count is not None:
            count += 1
        elif event == ANSWER and count is not None:
            counts.append(count)
            count = None
    return counts
