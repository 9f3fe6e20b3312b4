"""Causes one fault after the other under load, and compares what was acknowledged with what is stored."""

import json
import os
import sys
import threading
import time
from dataclasses import dataclass

from tests.failover.cluster import Cluster
from tests.failover.faults import FAULTS, app_host_killed
from tests.failover.machines import wait_until
from tests.failover.writers import Ledger, Writer

WRITERS = 4
SETTLE_S = 4  # of load before a fault
LONGEST_S = 10
# By how much more a machine that does other work can take.
SLOWNESS = float(os.environ.get("SLOWNESS", "1"))
NAMES = {f"standbys_cut_for_{number}_5_s": f"standbys cut {number}.5 s, killed" for number in (1, 2)}
BY_NAME = {fault.__name__: fault for fault in FAULTS}
COLUMNS = "{:>4}  {:<24} {:>9} {:>10} {:>9} {:>8} {:>6}"


@dataclass
class Result:
    fault: str
    errors_s: float
    allowed_s: float
    longest_s: float
    without_retry_after: list
    acknowledged: int
    lost: list

    def faults(self):
        if not self.acknowledged:
            yield "nothing was written"
        if self.lost:
            yield f"{len(self.lost)} acknowledged writes are lost: {self.lost[:3]}"
        if self.errors_s > self.allowed_s * SLOWNESS:
            yield f"errors for {self.errors_s:.1f} s; at most {self.allowed_s} s are allowed"
        if self.longest_s > LONGEST_S * SLOWNESS:
            yield f"a request took {self.longest_s:.1f} s; at most {LONGEST_S} s are allowed"
        if self.without_retry_after:
            first = self.without_retry_after[0]
            yield f"errors without Retry-After, the first: {first.kind} {first.status} {first.error}"


def _is_closed(request, fault):
    """HAProxy closes the connection of a request that it must not send again, if the app host is lost during it."""
    return request.status is None and fault is app_host_killed


class Drill:
    def __init__(self, cluster):
        self.cluster, self.ledger, self.stop = cluster, Ledger(), threading.Event()
        self.results = []

    def run(self, faults):
        users = json.loads(self.cluster.managed("-m", "tests.failover.world", WRITERS))
        proxy = self.cluster.proxy
        writers = [
            Writer(url=proxy.url, certificate=proxy.certificate, user=user, ledger=self.ledger, stop=self.stop)
            for user in users
        ]
        for writer in writers:
            writer.start()
        wait_until(lambda: all(writer.cycles for writer in writers), seconds=60, what="the first signatures")
        print(COLUMNS.format("", "fault", "errors, s", "longest, s", "not 503", "written", "lost"), flush=True)
        try:
            for number, fault in enumerate(faults, start=1):
                self._one(number, fault)
        finally:
            self.stop.set()
            for writer in writers:
                writer.join(timeout=90)
        return self._end()

    def _one(self, number, fault):
        time.sleep(SETTLE_S)
        began, before = time.time(), len(self.ledger.acknowledged)
        fault(self.cluster)
        self.cluster.wait_until_whole()
        time.sleep(SETTLE_S)
        requests = self.ledger.since(began)
        errors = [each for each in requests if each.status is None or each.status >= 500]
        result = Result(
            fault=NAMES.get(fault.__name__, fault.__name__.replace("_", " ")),
            errors_s=max(each.ended for each in errors) - min(each.began for each in errors) if errors else 0,
            allowed_s=FAULTS[fault],
            longest_s=max((each.ended - each.began for each in requests), default=0),
            without_retry_after=[each for each in errors if not (each.waits or _is_closed(each, fault))],
            acknowledged=len(self.ledger.acknowledged) - before,
            lost=self._compare()["lost"],
        )
        self.results.append(result)
        row = (result.fault, f"{result.errors_s:.1f}", f"{result.longest_s:.1f}")
        counts = (len(result.without_retry_after), result.acknowledged, len(result.lost))
        print(COLUMNS.format(number, *row, *counts), flush=True)
        for text in result.faults():
            print(f"      {text}", flush=True)

    def _compare(self):
        ledger = self.cluster.folder / "ledger.json"
        ledger.write_text(json.dumps(self.ledger.as_json()))
        return json.loads(self.cluster.managed("-m", "tests.failover.compare", ledger))

    def _end(self):
        """Whether nothing was lost, nothing else was wrong, and the audit trail is as Collum wrote it."""
        compared = self._compare()
        lost, rejected = compared["lost"], [text for text in self.ledger.rejected if "test has ended" not in text]
        print(
            f"{len(lost)} lost of {len(self.ledger.acknowledged)} acknowledged writes in {len(self.results)} faults; "
            f"{compared['entries']} audit entries; {len(rejected)} rejected."
        )
        for text in rejected[:5]:
            print(f"      rejected: {text}")
        print(self.cluster.managed("manage.py", "verify").strip())
        return not (lost or rejected or any(list(result.faults()) for result in self.results))


if __name__ == "__main__":
    cluster = Cluster.joined(sys.argv[1], sys.argv[2])
    cluster.build()
    sys.exit(0 if Drill(cluster).run([BY_NAME[name] for name in sys.argv[3:]]) else 1)
