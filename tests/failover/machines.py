"""What runs on the hosts of the cluster, configured by the files in deploy/cluster/."""

import os
import shutil
import subprocess
import sys
import time

from tests.failover.network import address

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PATRONI = "/opt/patroni/bin/patroni"


class Machine:
    """A host of the test. It dies with its line, so that no other host is notified."""

    def __init__(self, cluster, number):
        self.cluster, self.network, self.number = cluster, cluster.network, number
        self.address = address(number)
        self.folder = cluster.folder / str(number)
        self.folder.mkdir(exist_ok=True)
        self._started = []

    def configure(self, name, **values):
        """A file of deploy/cluster/ with the values of this host, by the script that the documentation uses."""
        settings = self.folder / "cluster.env"
        lines = {**self.cluster.settings(self), **values}
        settings.write_text("".join(f"{key}={value}\n" for key, value in lines.items()))
        made = subprocess.run(
            [f"{ROOT}/deploy/cluster/configure", name],
            env={**os.environ, "CLUSTER_SETTINGS": str(settings)},
            check=True,
            capture_output=True,
            text=True,
        )
        path = self.folder / name
        path.write_text(made.stdout)
        return path

    def serve(self, *arguments, log, **environment):
        """As systemd would: again after two seconds."""
        again = 'while true; do "$@"; sleep 2; done'
        return self.run("sh", "-c", again, "sh", *arguments, log=log, **environment)

    def run(self, *arguments, log, **environment):
        with (self.folder / f"{log}.log").open("ab") as output:
            process = subprocess.Popen(
                self.network.command(self.number, *arguments),
                env={**os.environ, **environment},
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        self._started.append(process)
        return process

    def die(self):
        self.network.disconnect(self.number)
        self.network.kill(self.number)
        for process in self._started:
            process.wait()
        self._started.clear()

    def revive(self):
        self.network.connect(self.number)
        self.start()


class DatabaseHost(Machine):
    def __init__(self, cluster, number):
        super().__init__(cluster, number)
        self.name = f"db{cluster.place(number)}"
        shutil.chown(self.folder, "postgres")
        self.folder.chmod(0o700)

    def start(self):
        etcd = self.configure("etcd")
        settings = dict(line.split("=", 1) for line in etcd.read_text().splitlines() if line.startswith("ETCD_"))
        self.serve("etcd", log="etcd", **settings)
        patroni = self.configure("patroni.yml")
        shutil.chown(patroni, "postgres")
        self.serve("runuser", "-u", "postgres", "--", PATRONI, patroni, log="patroni")

    def postmaster(self):
        """Its process id; None if PostgreSQL does not run."""
        try:
            return int((self.folder / "data" / "postmaster.pid").read_text().split()[0])
        except (FileNotFoundError, IndexError):
            return None


class AppHost(Machine):
    def start(self):
        serve = [sys.executable, "-m", "gunicorn", "--config", "deploy/gunicorn.conf.py", "clinic.wsgi"]
        self.serve(*serve, log="gunicorn", **self.cluster.app_settings(), BIND=f"{self.address}:8000")

    def manage(self, *arguments, **environment):
        """A Python command of Collum on this host."""
        return subprocess.run(
            self.network.command(self.number, sys.executable, *arguments),
            env={**os.environ, **self.cluster.app_settings(), **environment},
            cwd=ROOT,
            capture_output=True,
            text=True,
        )


class ProxyHost(Machine):
    def __init__(self, cluster, number):
        super().__init__(cluster, number)
        self.url, self.certificate = f"https://{self.address}", self.folder / "collum.pem"

    def start(self):
        pages = self.folder / "pages"
        pages.mkdir(exist_ok=True)
        shutil.copy(f"{ROOT}/deploy/cluster/503.http", pages)
        request = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=collum.example"]
        request += ["-addext", f"subjectAltName=IP:{self.address}"]
        subprocess.run(
            [*request, "-keyout", self.certificate, "-out", self.folder / "cert"], check=True, capture_output=True
        )
        with self.certificate.open("a") as pem:
            pem.write((self.folder / "cert").read_text())
        made = self.configure("haproxy.cfg", CERTIFICATE=self.certificate, PAGES=pages)
        self.serve("haproxy", "-db", "-f", made, log="haproxy")


def wait_until(holds, *, seconds, what):
    latest = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > latest:
            raise TimeoutError(f"{what}: not within {seconds} s")
        time.sleep(0.5)
