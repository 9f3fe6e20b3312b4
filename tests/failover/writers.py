"""Clinicians who book, record and sign through the proxy, and note what was acknowledged."""

import datetime as dt
import threading
import time
import uuid
from dataclasses import asdict, dataclass, field

import requests

AGAIN_S = 0.5
PATIENCE_S = 60  # longer than any hang that would be a fault
SLOTS = 48  # of a day, each of half an hour
PASSWORD = "a-password-for-tests"


@dataclass
class Request:
    """One attempt of a write."""

    kind: str
    began: float
    ended: float
    status: int | None
    waits: bool  # whether a failure said when to try again
    error: str = ""  # of the connection


@dataclass
class Acknowledged:
    kind: str
    label: str  # of the model
    id: int
    facts: dict
    actor: int
    request_id: str | None  # None if an earlier attempt could have stored it


@dataclass
class Ledger:
    requests: list = field(default_factory=list)
    acknowledged: list = field(default_factory=list)
    rejected: list = field(default_factory=list)

    def since(self, moment):
        return [request for request in self.requests if request.ended >= moment]

    def as_json(self):
        return [asdict(each) for each in list(self.acknowledged)]


class Rejected(Exception):  # noqa: N818
    """A response that says that the request is wrong. After a failover, it would mean that something is missing."""


class Writer(threading.Thread):
    def __init__(self, *, url, certificate, user, ledger, stop):
        super().__init__(daemon=True)
        self.url, self.user, self.ledger, self.stop = url, user, ledger, stop
        self.session = requests.Session()
        self.session.trust_env = False  # no proxy and no certificates of the machine
        self.session.verify = str(certificate) or None
        self.session.headers["Referer"] = f"{url}/"
        self.cycles = 0

    def run(self):
        while not self.stop.is_set() and not self._log_in():
            time.sleep(AGAIN_S)
        while not self.stop.is_set():
            try:
                self._treat_one_patient()
            except Rejected as rejected:
                self.ledger.rejected.append(f"{self.user['username']}: {rejected}")
                time.sleep(AGAIN_S)
            self.cycles += 1

    def _log_in(self):
        self.session.get(f"{self.url}/accounts/login/", timeout=PATIENCE_S).raise_for_status()
        sent = {"login": self.user["username"], "password": PASSWORD, "csrfmiddlewaretoken": self._csrf()}
        done = self.session.post(f"{self.url}/accounts/login/", sent, timeout=PATIENCE_S, allow_redirects=False)
        return done.status_code == 302

    def _csrf(self):
        return next(cookie.value for cookie in self.session.cookies if cookie.name.endswith("csrftoken"))

    def _treat_one_patient(self):
        visit = self.write("booking", "visits/", patient=self.user["patient"], clinician=self.user["id"],
            kind="injection", starts_at=self._slot(), minutes=30, although_past=True, label="patients.visit",
            facts=("starts_at",))  # fmt: skip
        visit = self.write("arrival", f"visits/{visit['id']}/arrive/", version=visit["version"], label="patients.visit")
        session = self.write("session", "sessions/", visit=visit["id"], product=self.user["product"])
        session = self.change("recording", session, recording=True)
        for muscle, dose in zip(self.user["muscles"], ("1.11", "2.22"), strict=True):
            self.write("row", f"sessions/{session['id']}/injections/", product=self.user["product"], muscle=muscle,
                side="left", given_dose=dose, label="planning.injection", facts=("given_dose",))  # fmt: skip
        session = self.change("operator", self._read(f"sessions/{session['id']}/"), operator=self.user["id"])
        self.write("signature", f"sessions/{session['id']}/sign/", content_hash=session["content_hash"],
            password=PASSWORD, see_again={"weeks": 12}, finish_visit=True, label="planning.signedrecord",
            facts=("content_hash",))  # fmt: skip

    def _slot(self):
        day = dt.date.today() - dt.timedelta(days=2 + self.cycles // SLOTS)  # noqa: DTZ011
        minutes = 30 * (self.cycles % SLOTS)
        return f"{day}T{minutes // 60:02}:{minutes % 60:02}:00+00:00"

    def change(self, kind, session, **values):
        return self.write(kind, f"sessions/{session['id']}/", method="PATCH", version=session["version"], **values)

    def write(self, kind, path, /, *, method="POST", label="planning.injectionsession", facts=(), **body):
        """Sent with one key until it is acknowledged."""
        headers = {"Idempotency-Key": str(uuid.uuid4())} if method == "POST" else {}
        attempts = 0
        while not self.stop.is_set():
            attempts += 1
            response = self._attempt(kind, method, path, body, headers)
            if response is not None and response.ok:
                stored = response.json()
                request_id = response.headers["X-Request-ID"] if attempts == 1 else None
                noted = {name: stored[name] for name in facts}
                self.ledger.acknowledged.append(
                    Acknowledged(kind, label, stored["id"], noted, self.user["id"], request_id)
                )
                return stored
            time.sleep(AGAIN_S)
        raise Rejected("the test has ended")

    def _attempt(self, kind, method, path, body, headers):
        began, response, failure = time.time(), None, ""
        headers = {**headers, "X-CSRFToken": self._csrf()}
        try:
            response = self.session.request(
                method, f"{self.url}/api/v1/{path}", json=body, headers=headers, timeout=PATIENCE_S
            )
        except requests.RequestException as error:
            failure = repr(error)
            self.session.close()
        status = response.status_code if response is not None else None
        waits = response is not None and "Retry-After" in response.headers
        self.ledger.requests.append(Request(kind, began, time.time(), status, waits, failure))
        if status is not None and 400 <= status < 500 and not waits:
            raise Rejected(f"{method} {path}: {status} {response.text[:300]}")
        return response

    def _read(self, path):
        while not self.stop.is_set():
            response = self._attempt("read", "GET", path, None, {})
            if response is not None and response.ok:
                return response.json()
            time.sleep(AGAIN_S)
        raise Rejected("the test has ended")
