"""The database cannot write for a while: every response is 503, what was acknowledged stays, and then it works again.

Collum is not started again in between.
"""

import contextlib
import itertools
import sqlite3

import requests
from django.db import connection

from patients.models import Patient

TRIES = 40  # until a full disk is noticed: a page of the database can have room for some rows


class Troubles:
    def __init__(self, served, token, *, name):
        self.served, self.name, self.headers = served, name, {"Authorization": f"Bearer {token}"}
        self.numbers, self.acknowledged = itertools.count(1), set()

    def register(self):
        """The response to one write."""
        name = f"{self.name} {next(self.numbers)}"
        body = {"family_name": name, "given_name": "Crash", "date_of_birth": "1969-03-14", "sex": "female",
                "note": "x" * 900, "although_alike": True}  # fmt: skip
        response = requests.post(f"{self.served.url}/api/v1/patients/", json=body, headers=self.headers, timeout=60)
        if response.status_code == 201:
            self.acknowledged.add(name)
        return response

    def result(self, trouble):
        """`trouble`: a context in which the database cannot write. Statuses during it, and after it."""
        workers = self.served.processes()
        self._succeed()
        during, response = [], None
        with trouble:
            for _ in range(TRIES):
                response = self.register()
                during.append(response.status_code)
                if response.status_code != 201:
                    break
            retry_after = response.headers.get("Retry-After")
            read = requests.get(f"{self.served.url}/api/v1/patients/", headers=self.headers, timeout=60).status_code
        after = self.register().status_code
        same_processes = self.served.processes() == workers
        stored = set(
            Patient.objects.filter(family_name__startswith=f"{self.name} ").values_list("family_name", flat=True)
        )
        connection.close()  # a disk that is in use cannot become read-only
        return {
            "during": during[-1],
            "retry_after": retry_after,
            "others": sorted({*during[:-1]} - {201}),
            "read": read,
            "after": after,
            "lost": sorted(self.acknowledged - stored),
            "never_acknowledged": sorted(stored - self.acknowledged),
            "same_processes": same_processes,
        }

    def _succeed(self):
        response = self.register()
        if response.status_code != 201:
            raise RuntimeError(f"Collum does not work before the trouble: {response.status_code} {response.text[:300]}")


@contextlib.contextmanager
def full(disk):
    disk.fill()
    yield
    disk.free()


@contextlib.contextmanager
def read_only_disk(disk):
    disk.make_read_only(yes=True)
    yield
    disk.make_read_only(yes=False)


@contextlib.contextmanager
def locked_file(path):
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        yield
        other.execute("ROLLBACK")


@contextlib.contextmanager
def locked_table(database):
    with contextlib.closing(database.connect()) as other, other.cursor() as cursor:
        cursor.execute("LOCK TABLE patients_patient IN ACCESS EXCLUSIVE MODE")
        yield


@contextlib.contextmanager
def read_only_database(cluster):
    cluster.set("default_transaction_read_only", "on")
    yield
    cluster.set("default_transaction_read_only", "off")


@contextlib.contextmanager
def stopped(cluster):
    cluster.stop()
    yield
    cluster.start()


@contextlib.contextmanager
def full_disk_of(cluster, disk):
    """A server that cannot write its log ends; its service manager starts it again when there is room."""
    with full(disk):
        yield
    cluster.start()
