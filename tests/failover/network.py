"""Hosts of their own on this machine: a network namespace for each, and one with the bridge that joins them.

Nothing of this appears in the machine's own network.
"""

import contextlib
import os
import signal
import subprocess

PREFIX = "10.117.0"
CONTROL = 1  # the number of the namespace from which the test writes and watches


def ip(*arguments, check=True):
    return subprocess.run(["ip", *arguments], check=check, capture_output=True, text=True).stdout


def address(number):
    return f"{PREFIX}.{number}"


class Network:
    def __init__(self, tag):
        self.tag = tag
        self.bridge = f"collum-{tag}-net"

    def namespace(self, number):
        return f"collum-{self.tag}-{number}"

    def build(self, numbers):
        ip("netns", "add", self.bridge)
        ip("-n", self.bridge, "link", "add", "bridge", "type", "bridge")
        ip("-n", self.bridge, "link", "set", "bridge", "up")
        for number in numbers:
            space, line = self.namespace(number), f"line{number}"
            ip("netns", "add", space)
            ip("-n", self.bridge, "link", "add", line, "type", "veth", "peer", "name", "eth0", "netns", space)
            ip("-n", self.bridge, "link", "set", line, "master", "bridge")
            ip("-n", space, "address", "add", f"{address(number)}/24", "dev", "eth0")
            for device in ("lo", "eth0"):
                ip("-n", space, "link", "set", device, "up")
            self.connect(number)

    def remove(self, numbers):
        for number in numbers:
            self.kill(number)
            ip("netns", "del", self.namespace(number), check=False)
        ip("netns", "del", self.bridge, check=False)

    def disconnect(self, number):
        """No host is notified: packets are lost, as with a pulled plug."""
        ip("-n", self.bridge, "link", "set", f"line{number}", "down")

    def connect(self, number):
        ip("-n", self.bridge, "link", "set", f"line{number}", "up")

    def separate(self, number, other):
        """Both still reach everyone else."""
        for one, another in ((number, other), (other, number)):
            ip("-n", self.namespace(one), "route", "add", "blackhole", f"{address(another)}/32")

    def join(self, number, other):
        for one, another in ((number, other), (other, number)):
            ip("-n", self.namespace(one), "route", "del", "blackhole", f"{address(another)}/32")

    def processes(self, number):
        return [int(pid) for pid in ip("netns", "pids", self.namespace(number), check=False).split()]

    def kill(self, number):
        """All processes of the host, at once."""
        for pid in self.processes(number):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def command(self, number, *arguments):
        return ["ip", "netns", "exec", self.namespace(number), *map(str, arguments)]
