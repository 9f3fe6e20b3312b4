"""What can happen to a cluster while people work. Each fault is caused, and then repaired."""

import contextlib
import os
import signal
import time

import requests

from tests.failover.machines import wait_until

FAILOVER_S = 60
CANCEL_WAITS = "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'"
PARTITION_S = 35  # longer than the lease of the server that takes writes


def host_killed(cluster):
    with _lost(cluster, cluster.leader()):
        pass


def standbys_cut_for_1_5_s(cluster):
    _standbys_cut(cluster, 1.5)


def standbys_cut_for_2_5_s(cluster):
    _standbys_cut(cluster, 2.5)


def _standbys_cut(cluster, seconds):
    """Nothing reaches the standbys. Then the server that takes writes dies, and one of them replaces it.

    In between, somebody cancels the commits that wait: PostgreSQL reports them as done, and loses them with its host.
    """
    leader = cluster.leader()
    standbys = [host for host in cluster.databases if host is not leader]
    for host in standbys:
        cluster.network.disconnect(host.number)
    time.sleep(seconds / 2)
    cluster.execute(CANCEL_WAITS, host=leader, database="postgres")
    time.sleep(seconds / 2)
    with _lost(cluster, leader):
        for host in standbys:
            cluster.network.connect(host.number)


@contextlib.contextmanager
def _lost(cluster, host):
    host.die()
    try:
        yield
        wait_until(lambda: cluster.leader() not in (None, host), seconds=FAILOVER_S, what="another server")
    finally:
        host.revive()


def postmaster_killed(cluster):
    os.kill(cluster.leader().postmaster(), signal.SIGKILL)


def host_isolated(cluster):
    """The server that takes writes is alive, and reaches nobody."""
    leader = cluster.leader()
    cluster.network.disconnect(leader.number)
    time.sleep(PARTITION_S)
    cluster.network.connect(leader.number)


def host_separated(cluster):
    """The server that takes writes reaches Collum, but neither of the others: it must not acknowledge anything."""
    leader = cluster.leader()
    others = [host for host in cluster.databases if host is not leader]
    for host in others:
        cluster.network.separate(leader.number, host.number)
    time.sleep(PARTITION_S)
    for host in others:
        cluster.network.join(leader.number, host.number)


def switchover(cluster):
    leader = cluster.leader()
    response = requests.post(f"http://{leader.address}:8008/switchover", json={"leader": leader.name}, timeout=60)
    response.raise_for_status()
    wait_until(lambda: cluster.leader() not in (None, leader), seconds=FAILOVER_S, what="the switchover")


def app_host_killed(cluster):
    app = cluster.apps[int(time.time()) % len(cluster.apps)]
    app.die()
    time.sleep(10)
    app.revive()


# With the most seconds of errors that each may cause.
FAULTS = {
    host_killed: 35,
    postmaster_killed: 35,
    standbys_cut_for_1_5_s: 35,
    host_isolated: 35,
    switchover: 5,
    app_host_killed: 35,
    standbys_cut_for_2_5_s: 35,
    host_separated: 35,
}
