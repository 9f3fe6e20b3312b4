"""`make failover`: builds the cluster of docs/many-machines.md on this machine, and causes FAULTS faults under load.

`python -m tests.failover switchover app_host_killed` causes these. It needs root, for network namespaces. Everything is
in a temporary folder; KEEP=1 keeps it, with all logs.
"""

import itertools
import os
import shutil
import signal
import subprocess
import sys
import tempfile

from tests.failover.cluster import NUMBERS
from tests.failover.faults import FAULTS
from tests.failover.network import CONTROL, Network

NEEDED = {
    "ip": "iproute2", "etcd": "etcd-server", "haproxy": "haproxy", "openssl": "openssl", "runuser": "util-linux",
    "/opt/patroni/bin/patroni": "Patroni",
}  # fmt: skip


def obstacle():
    if os.geteuid() != 0:
        return "it needs root, for network namespaces"
    missing = [package for program, package in NEEDED.items() if not shutil.which(program)]
    return f"{', '.join(missing)} is not installed: make system-cluster" if missing else None


def in_turn(count):
    return list(itertools.islice(itertools.cycle(fault.__name__ for fault in FAULTS), count))


def run(faults, *, output=None):
    """Whether nothing was lost, and no limit was passed."""
    tag = str(os.getpid())
    network, numbers = Network(tag), (CONTROL, *NUMBERS)
    folder = tempfile.mkdtemp(prefix="collum-failover-")
    os.chmod(folder, 0o755)  # noqa: S103  (PostgreSQL's user has folders in it)
    try:
        network.build(numbers)
        drill = [sys.executable, "-m", "tests.failover.drill", tag, folder, *faults]
        return subprocess.run(network.command(CONTROL, *drill), stdout=output, stderr=output).returncode == 0
    finally:
        network.remove(numbers)
        if os.environ.get("KEEP"):
            print(f"The logs of all hosts are in {folder}.")
        else:
            shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    if found := obstacle():
        sys.exit(f"The failover test does not run: {found}.")
    sys.exit(0 if run(sys.argv[1:] or in_turn(int(os.environ.get("FAULTS", "100")))) else 1)
