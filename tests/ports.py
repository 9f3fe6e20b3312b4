"""Ports of servers that a test starts."""

import socket
import time
from urllib.request import urlopen

WAIT_S = 60


def free_ports(count):
    probes = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [probe.getsockname()[1] for probe in probes]
    for probe in probes:
        probe.close()
    return ports


def text_at(url):
    latest = time.monotonic() + WAIT_S
    while time.monotonic() < latest:
        try:
            with urlopen(url, timeout=5) as response:  # noqa: S310
                return response.read().decode()
        except OSError:
            time.sleep(0.2)
    raise AssertionError(f"{url} did not answer")
