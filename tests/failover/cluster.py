"""Three database hosts, two app hosts and a proxy."""

import base64
import secrets
from pathlib import Path

import psycopg2
import requests

from tests.failover.machines import ROOT, AppHost, DatabaseHost, ProxyHost, wait_until
from tests.failover.network import PREFIX, Network, address

DATABASES, APPS, PROXY = (11, 12, 13), (21, 22), 31
NUMBERS = (*DATABASES, *APPS, PROXY)
START_S, REJOIN_S = 120, 180


class Cluster:
    def __init__(self, network, folder):
        self.network, self.folder = network, Path(folder)
        self.superuser, self.replication, self.role = (secrets.token_hex(24) for _ in range(3))
        secret = {"SECRET_KEY": secrets.token_urlsafe(60), "AUDIT_KEYS": f"1:{secrets.token_urlsafe(60)}"}
        self._secret = secret | {"SECOND_FACTOR_KEYS": base64.b64encode(secrets.token_bytes(32)).decode()}
        self.databases = [DatabaseHost(self, number) for number in DATABASES]
        self.apps = [AppHost(self, number) for number in APPS]
        self.proxy = ProxyHost(self, PROXY)
        self.machines = [*self.databases, *self.apps, self.proxy]

    def place(self, number):
        return DATABASES.index(number) + 1

    def settings(self, machine):
        """cluster.env of a host."""
        return {
            "NUMBER": self.place(machine.number) if machine.number in DATABASES else 1,
            "ADDRESS": machine.address,
            **{f"ADDRESS_{place}": address(number) for place, number in enumerate(DATABASES, start=1)},
            **{f"APP_{place}": f"{address(number)}:8000" for place, number in enumerate(APPS, start=1)},
            "APP_3": "",
            "NETWORK": f"{PREFIX}.0/24",
            "SUPERUSER_PASSWORD": self.superuser,
            "REPLICATION_PASSWORD": self.replication,
            "DATA": machine.folder / "data",
            "SOCKETS": machine.folder,
            "BINARIES": newest_binaries(),
            "ETCD_DATA": machine.folder / "etcd-data",
            "CERTIFICATE": "/",
            "PAGES": "/",
        }

    def url(self, role="collum_app"):
        hosts = ",".join(map(address, DATABASES))
        return f"postgres://{role}:{self.role}@{hosts}/collum?target_session_attrs=read-write"

    def app_settings(self):
        return {
            **self._secret,
            "COLLUM_ENV": "production",
            "ALLOWED_HOSTS": self.proxy.address,
            "BEHIND_TLS_PROXY": "true",
            "SECOND_FACTOR": "offered",
            "COLLUM_VAR": str(self.folder / "var"),
            "DATABASE_URL": self.url(),
            "DATABASE_WITHOUT_TLS": "true",
            "DJANGO_SETTINGS_MODULE": "clinic.settings",
            "WORKERS": "2",
        }

    @classmethod
    def joined(cls, tag, folder):
        """From within the network that the test has built."""
        return cls(Network(tag), folder)

    # Building

    def build(self):
        for host in self.databases:
            host.start()
        wait_until(self.is_whole, seconds=START_S, what="the databases")
        self._create_database()
        self._managed("manage.py", "migrate", "--verbosity", "0", role="collum_owner")
        self._managed("manage.py", "collectstatic", "--no-input", "--verbosity", "0")
        for machine in (*self.apps, self.proxy):
            machine.start()
        wait_until(self.serves, seconds=START_S, what="Collum")

    def _create_database(self):
        self.execute("CREATE DATABASE collum", database="postgres")
        self.execute((Path(ROOT) / "deploy" / "postgresql-roles.sql").read_text())
        for role in ("collum_owner", "collum_app"):
            self.execute(f"ALTER ROLE {role} PASSWORD '{self.role}'")

    def execute(self, statement, *, database="collum", host=None):
        """As the superuser, on the server that takes writes."""
        connection = psycopg2.connect(
            host=(host or self.leader()).address, user="postgres", password=self.superuser, dbname=database
        )
        connection.autocommit = True
        try:
            with connection.cursor() as cursor:
                cursor.execute(statement)
                return cursor.fetchall() if cursor.description else None
        finally:
            connection.close()

    def _managed(self, *arguments, role="collum_app"):
        ended = self.apps[0].manage(*arguments, DATABASE_URL=self.url(role))
        if ended.returncode:
            raise RuntimeError(f"{arguments} failed:\n{ended.stderr}")
        return ended.stdout

    def managed(self, *arguments):
        return self._managed(*arguments)

    # Watching

    def states(self):
        """The role and state of each database host, as the first one that responds describes them."""
        for host in self.databases:
            try:
                found = requests.get(f"http://{host.address}:8008/cluster", timeout=2).json()
            except (requests.RequestException, ValueError):
                continue
            return {member["name"]: (member["role"], member["state"]) for member in found.get("members", ())}
        return {}

    def leader(self):
        """The database host that takes writes; None during a failover."""
        for host in self.databases:
            try:
                if requests.get(f"http://{host.address}:8008/primary", timeout=2).status_code == 200:
                    return host
            except requests.RequestException:
                continue
        return None

    def is_whole(self):
        """One server takes writes, and both others follow it, either of which is enough for a commit."""
        states = sorted(self.states().values())
        whole = [("leader", "running"), ("quorum_standby", "streaming"), ("quorum_standby", "streaming")]
        return states == whole and self.leader() is not None

    def serves(self):
        return all(self._is_ready(app) for app in self.apps) and self.responds()

    def _is_ready(self, app):
        try:
            return requests.get(f"http://{app.address}:8000/readyz", timeout=3).status_code == 200
        except requests.RequestException:
            return False

    def responds(self):
        try:
            page = requests.get(f"{self.proxy.url}/accounts/login/", verify=self.proxy.certificate, timeout=10)
            return page.status_code == 200
        except requests.RequestException:
            return False

    def wait_until_whole(self):
        wait_until(lambda: self.is_whole() and self.serves(), seconds=REJOIN_S, what="the cluster after a fault")


def newest_binaries():
    return max(Path("/usr/lib/postgresql").iterdir(), key=lambda path: int(path.name)) / "bin"
