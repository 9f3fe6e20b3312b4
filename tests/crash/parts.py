"""The parts of a run: fsyncs before answers, rounds of kills, and a database that cannot write."""

import os
import sys

from django.db import connection

from tests.crash import troubles
from tests.crash.disks import SmallDisk
from tests.crash.fsyncs import Trace, before_each_answer, can_trace
from tests.crash.processes import Killed
from tests.crash.rounds import Rounds
from tests.crash.world import World

WRITES_TRACED = 20
MEGABYTES = {"sqlite": 24, "postgresql": 400}


class Parts:
    def __init__(self, folder, cluster):
        self.folder, self.cluster = folder, cluster
        self.world, self.served = World(), Killed()
        connection.close()
        self.served.start()

    def fsyncs(self, asked):
        """Of each of some writes; None if this machine cannot trace processes."""
        if not can_trace():
            return None
        writer = troubles.Troubles(self.served, self.world.token, name="Traced")
        for _ in range(8):
            writer.register()  # each thread of the server has its connection
        pids = self.served.processes() + (self.cluster.processes() if self.cluster else [])
        trace = Trace(pids, self.folder / "trace")
        with trace:
            statuses = [writer.register().status_code for _ in range(WRITES_TRACED)]
        return {"statuses": statuses, "before_each_answer": before_each_answer(trace.events())}

    def rounds(self, asked):
        strikes = {"worker": self.served.kill_worker, "server": self.served.kill_all_and_start}
        if self.cluster:
            strikes |= {"connection": self.cluster.kill_connection, "database": self._kill_database}
        rounds = Rounds(self.world, self.served, strikes, seed=asked.seed, tell=_tell)
        return rounds.run(asked.rounds).numbers()

    def _kill_database(self):
        self.cluster.kill()
        self.cluster.start()

    def troubles(self, asked):
        """By name; None if this user cannot mount a disk."""
        if os.getuid() != 0:
            return None
        self.served.kill()
        disk = SmallDisk(self.folder / "disk", MEGABYTES[connection.vendor])
        try:
            self._move_to(disk)
            self.served.start()
            found = troubles.Troubles(self.served, self.world.token, name="Trouble")
            results = {name: found.result(trouble) for name, trouble in self._each(disk)}
            self.served.kill()
            return results
        finally:
            self.served.kill()
            connection.close()
            if self.cluster:
                self.cluster.kill()
            disk.unmount()

    def _move_to(self, disk):
        connection.close()
        if self.cluster:
            self.cluster.stop()
            self.cluster.move(disk.folder)
            self.cluster.start()
        else:
            with connection.cursor() as cursor:
                cursor.execute("VACUUM INTO %s", [str(disk.folder / "collum.sqlite3")])
            connection.close()
            connection.settings_dict["NAME"] = str(disk.folder / "collum.sqlite3")

    def _each(self, disk):
        if self.cluster:
            yield "table lock", troubles.locked_table(self.cluster)
            yield "read-only database", troubles.read_only_database(self.cluster)
            yield "stopped database", troubles.stopped(self.cluster)
            yield "full disk", troubles.full_disk_of(self.cluster, disk)
        else:
            yield "table lock", troubles.locked_file(disk.folder / "collum.sqlite3")
            yield "full disk", troubles.full(disk)
            yield "read-only disk", troubles.read_only_disk(disk)


def _tell(message):
    print(message, file=sys.stderr, flush=True)
