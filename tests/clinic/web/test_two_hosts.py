"""Two hosts run Collum on one database, through PgBouncer in transaction mode: what one knows, the other knows."""

import contextlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests
from django.conf import settings
from django.db import connection

from tests.clinic.records.test_database_roles import execute, run, urls
from tests.failover.writers import PASSWORD, Ledger, Writer
from tests.ports import free_ports, text_at

__all__ = ["urls"]  # a fixture
TOKEN_LIMIT = 5
LIMITS = {"statement_timeout": "20s", "lock_timeout": "10s"}
CLUSTER = settings.BASE_DIR / "deploy" / "cluster"

pytestmark = [
    pytest.mark.full,
    pytest.mark.engine,
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite is for one host"),
    pytest.mark.skipif(not shutil.which("pgbouncer"), reason="PgBouncer is not installed: make system-cluster"),
]


def pgbouncer_configuration(folder, *, port, database, user, password):
    """deploy/cluster/pgbouncer.ini for this test: two connections for all threads of both hosts."""
    own = connection.settings_dict
    text = (CLUSTER / "pgbouncer.ini").read_text()
    replaced = {
        "collum = host=127.0.0.1 port=5432 dbname=collum": f"{database} = host={own['HOST']} port={own['PORT']}",
        "@ADDRESS@": "127.0.0.1",
        "listen_port = 6432": f"listen_port = {port}",
        "/etc/pgbouncer/userlist.txt": f"{folder}/userlist.txt",
        "default_pool_size = 40": "default_pool_size = 2",
    }
    for old, new in replaced.items():
        assert old in text
        text = text.replace(old, new)
    assert re.search(r"^pool_mode = transaction$", text, re.MULTILINE)
    (folder / "pgbouncer.ini").write_text(text)
    (folder / "userlist.txt").write_text(f'"{user}" "{password}"\n')
    for path in (folder, *folder.iterdir()):
        shutil.chown(path, "nobody")
    return folder / "pgbouncer.ini"


@pytest.fixture(scope="module")
def hosts(urls, tmp_path_factory):
    """The URLs of both, and two users."""
    if os.geteuid() != 0:
        pytest.skip("PgBouncer is started as another user, which needs root")
    owner, app, (database, _, _) = urls
    user, password = re.match(r"postgres://(.+?):(.+?)@", app).groups()
    run("manage.py", "migrate", "--verbosity", "0", url=owner)
    users = json.loads(run("-m", "tests.failover.world", "3", url=app, DJANGO_SETTINGS_MODULE="clinic.settings"))
    limits = (f"ALTER ROLE {user} SET {name} = '{limit}'" for name, limit in LIMITS.items())
    execute("postgres", *limits)
    bouncer_port, *ports = free_ports(3)
    folder = tmp_path_factory.mktemp("pgbouncer")
    for parent in folder.relative_to(tempfile.gettempdir()).parents[:-1]:  # the other user reads from the folder
        (tempfile.gettempdir() / parent).chmod(0o755)
    configuration = pgbouncer_configuration(folder, port=bouncer_port, database=database, user=user, password=password)
    with contextlib.ExitStack() as running:
        bouncer = ["setpriv", "--reuid=nobody", "--clear-groups", "pgbouncer", configuration]
        running.enter_context(process(bouncer, log=folder.parent / "pgbouncer.log"))
        url = f"postgres://{user}:{password}@127.0.0.1:{bouncer_port}/{database}"
        replica = f"{app}?application_name=standby"
        environment = {
            "DATABASE_URL": url,
            "REPLICA_URL": replica,
            "API_REQUESTS_PER_MINUTE": str(TOKEN_LIMIT),
            "WORKERS": "1",
        }
        for port in ports:
            serve = [sys.executable, "-m", "gunicorn", "--config", "deploy/gunicorn.conf.py", "clinic.wsgi"]
            log = folder.parent / f"{port}.log"
            running.enter_context(process(serve, log=log, BIND=f"127.0.0.1:{port}", **environment))
        found = [f"http://127.0.0.1:{port}" for port in ports]
        for each in found:
            text_at(f"{each}/readyz")
        yield found, users


def found(statement):
    """Rows of a view of the server, only of the database of this module."""
    own = connection.settings_dict
    server = connection.Database.connect(
        dbname="postgres", user=own["USER"], password=own["PASSWORD"], host=own["HOST"], port=own["PORT"]
    )
    with contextlib.closing(server), server.cursor() as cursor:
        cursor.execute(f"{statement} AND datname = 'roles_{os.getpid()}'")
        return cursor.fetchall()


@contextlib.contextmanager
def process(command, *, log, **environment):
    with log.open("w") as output:
        started = subprocess.Popen(
            [str(part) for part in command],
            env={**os.environ, **environment},
            cwd=settings.BASE_DIR,
            stdout=output,
            stderr=output,
        )
    try:
        yield started
    finally:
        started.terminate()
        started.wait()


class Alternating(Writer):
    """Sends each request to the other host than the one before."""

    def __init__(self, hosts, **details):
        super().__init__(url=hosts[0], certificate="", stop=threading.Event(), ledger=Ledger(), **details)
        self.hosts = hosts

    @property
    def url(self):
        self.hosts = self.hosts[::-1]
        return self.hosts[0]

    @url.setter
    def url(self, ignored):
        pass


@pytest.fixture
def writer(hosts):
    """A clinician who logged in on one host."""
    writer = Alternating(*hosts[:1], user=hosts[1][0])
    assert writer._log_in()
    return writer


def test_main_job_goes_from_host_to_host(writer):
    writer._treat_one_patient()
    assert [each.kind for each in writer.ledger.acknowledged] == [
        "booking", "arrival", "session", "recording", "row", "row", "operator", "signature",
    ]  # fmt: skip
    assert {each.status for each in writer.ledger.requests} <= {200, 201}
    page = writer.session.get(f"{writer.url}/sessions/{writer.ledger.acknowledged[2].id}/")
    assert page.status_code == 200


def test_several_clinicians_share_two_connections(hosts):
    # Given more threads than connections, whose transactions interleave on them
    writers = [Alternating(hosts[0], user=user) for user in hosts[1][1:]]
    for writer in writers:
        writer.start()
    time.sleep(15)
    for writer in writers:
        writer.stop.set()
    for writer in writers:
        writer.join(timeout=60)
    assert all(writer.cycles for writer in writers)
    ended = [text for writer in writers for text in writer.ledger.rejected]
    assert all("the test has ended" in text for text in ended)

    # Then no lock outlives its transaction
    assert (
        found("SELECT FROM pg_locks JOIN pg_database ON database = pg_database.oid WHERE locktype = 'advisory'") == []
    )


def test_submission_is_stored_once_on_both(hosts, writer):
    key = {"Idempotency-Key": str(uuid.uuid4()), "X-CSRFToken": writer._csrf()}
    user = writer.user
    body = {"patient": user["patient"], "clinician": user["id"], "kind": "review", "minutes": 30,
            "starts_at": "2020-01-06T10:00:00+00:00", "although_past": True}  # fmt: skip
    cookies = writer.session.cookies

    def sent(host):
        return requests.post(f"{host}/api/v1/visits/", json=body, headers=key, cookies=cookies, timeout=30)

    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(sent, hosts[0])
    assert (first.ok, second.ok) == (True, True)
    assert first.json()["id"] == second.json()["id"]


def test_one_of_two_changes_of_a_version_is_stored(hosts, writer):
    path = f"/api/v1/patients/{writer.user['patient']}/"
    version = writer.session.get(f"{hosts[0][0]}{path}").json()["version"]
    headers = {"X-CSRFToken": writer._csrf()}

    def change(host, phone):
        body = {"version": version, "phone": phone}
        return requests.patch(f"{host}{path}", json=body, headers=headers, cookies=writer.session.cookies, timeout=30)

    with ThreadPoolExecutor(2) as pool:
        statuses = [response.status_code for response in pool.map(change, hosts[0], ("0555 1", "0555 2"))]
    assert sorted(statuses) == [200, 409]


def test_pages_can_be_opened_again_on_both(hosts, writer):
    # The connections to PostgreSQL change hands: what one host prepared would exist for the other, too
    pages = ["/", f"/patients/{writer.user['patient']}/", "/follow-ups/"]
    opened = [writer.session.get(f"{host}{page}", timeout=30) for page in pages for host in hosts[0] * 4]
    assert {response.status_code for response in opened} == {200}


def test_overview_is_read_from_the_standby(writer):
    assert writer.session.get(f"{writer.url}/overview/").status_code == 200
    ((query,),) = found("SELECT query FROM pg_stat_activity WHERE application_name = 'standby'")
    assert query.startswith("WITH days AS")


def test_logout_on_one_ends_the_login_on_both(hosts, writer):
    (first, second), session = hosts[0], writer.session
    assert session.get(f"{second}/patients/", allow_redirects=False).status_code == 200
    session.post(f"{first}/accounts/logout/", {"csrfmiddlewaretoken": writer._csrf()})
    assert session.get(f"{second}/patients/", allow_redirects=False).status_code == 302


def test_requests_of_a_token_are_counted_on_both(hosts):
    header = {"Authorization": f"Bearer {hosts[1][1]['token']}"}
    # More than twice the limit: a minute could end between them
    statuses = [
        requests.get(f"{host}/api/v1/me/", headers=header, timeout=30).status_code
        for host in hosts[0] * (TOKEN_LIMIT + 1)
    ]
    assert set(statuses) == {200, 429}
    assert statuses.count(200) <= 2 * TOKEN_LIMIT


def test_wrong_passwords_lock_the_login_on_both(hosts):
    user = hosts[1][2]

    def log_in(host, password):
        session = requests.Session()
        session.get(f"{host}/accounts/login/", timeout=30)
        sent = {"login": user["username"], "password": password, "csrfmiddlewaretoken": session.cookies["csrftoken"]}
        return session.post(f"{host}/accounts/login/", sent, timeout=30, allow_redirects=False).status_code

    for host in hosts[0] * 5:
        assert log_in(host, "not-the-password") != 302
    assert 302 not in [log_in(host, PASSWORD) for host in hosts[0]]
