"""`python -m tests.crash postgresql --rounds 1000`: in a database of its own, which is removed afterwards."""

import argparse
import json
import os
import random
import shutil
import signal
import sys
import tempfile
from pathlib import Path

from django.core.management import call_command

ENGINES = ("sqlite", "postgresql")
PARTS = ("fsyncs", "rounds", "troubles")


def main():
    parser = argparse.ArgumentParser(prog="python -m tests.crash", description=__doc__)
    parser.add_argument("engine", choices=ENGINES)
    parser.add_argument("--rounds", type=int, default=60)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))  # noqa: S311
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=PARTS)
    asked = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended by a signal"))  # and still clean up
    folder = Path(tempfile.mkdtemp(prefix="collum-crash-"))
    folder.chmod(0o755)  # PostgreSQL has a user of its own
    try:
        found = _run(asked, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(json.dumps({"engine": asked.engine, "seed": asked.seed, **found}))
    sys.exit(bool(found.get("rounds", {}).get("faults")))


def _run(asked, folder):
    os.environ["COLLUM_VAR"] = str(folder / "var")
    os.environ["API_REQUESTS_PER_MINUTE"] = "1000000"
    os.environ["LOG_LEVEL"] = "CRITICAL"  # errors of the database are what this is about
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clinic.settings")
    if asked.engine == "sqlite":
        os.environ["DATABASE_URL"] = f"sqlite:///{folder / 'collum.sqlite3'}"
        return _run_in_database(asked, folder, cluster=None)
    from tests.crash.cluster import Cluster

    cluster = Cluster(folder)
    cluster.create()
    os.environ["DATABASE_URL"] = cluster.url
    try:
        return _run_in_database(asked, folder, cluster=cluster)
    finally:
        cluster.kill()


def _run_in_database(asked, folder, *, cluster):
    import django

    django.setup()
    call_command("migrate", verbosity=0)
    from tests.crash.parts import Parts

    parts = Parts(folder, cluster)
    try:
        return {name: getattr(parts, name)(asked) for name in PARTS if name in asked.parts}
    finally:
        parts.served.kill()


if __name__ == "__main__":
    main()
