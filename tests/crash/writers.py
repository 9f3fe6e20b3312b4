"""Users and programs that write all the time, and know which of their writes Collum has acknowledged."""

import itertools
import re
import threading
import uuid

import requests

from clinic.web.seen import PATIENT
from tests.planning.session_pages.sending import FETCH

LONGEST_S = 60
DOSES = ("1.11", "2.22", "3.33")  # what the clinician of this test types


class Gate:
    """Open during a round. A writer whose write was not acknowledged waits for the next round, and sends it again."""

    def __init__(self, writers):
        self._writers, self._waiting, self._round, self._ends = writers, 0, 0, False
        self._is_open, self._changed = False, threading.Condition()

    def open(self):
        with self._changed:
            self._is_open, self._round = True, self._round + 1
            self._changed.notify_all()

    def close(self):
        """Returns when every writer waits."""
        with self._changed:
            self._is_open = False
            if not self._changed.wait_for(lambda: self._waiting == self._writers, timeout=LONGEST_S * 2):
                raise RuntimeError("A writer does not stop.")

    def end(self):
        with self._changed:
            self._ends = True
            self._changed.notify_all()

    def wait(self, *, for_another=False):
        """False at the end."""
        with self._changed:
            seen = self._round
            self._waiting += 1
            self._changed.notify_all()
            self._changed.wait_for(lambda: self._ends or (self._is_open and not (for_another and self._round == seen)))
            self._waiting -= 1
            return not self._ends


class Writer(threading.Thread):
    """`done` has the acknowledged writes; `in_doubt` one that was sent and not acknowledged."""

    accepted = (200, 201)

    def __init__(self, url, gate):
        super().__init__(daemon=True)
        self.url, self.gate = url, gate
        self.done, self.in_doubt, self.faults = [], None, []
        self.checked = self.lost_answers = 0

    def run(self):
        lost = False
        while self.gate.wait(for_another=lost):
            work = self.in_doubt if self.in_doubt is not None else self.next_work()
            if work is None:
                lost = True  # nothing to do in this round
                continue
            self.in_doubt = work
            try:
                response = self.send(work)
            except requests.RequestException:
                lost = True
            else:
                lost = not self._note(work, response)
            self.lost_answers += lost

    def _note(self, work, response):
        """Whether it was acknowledged."""
        if response.status_code in self.accepted:
            self.note_done(work, response)
            self.done.append(work)
            self.in_doubt = None
            return True
        if response.status_code != 503 or "Retry-After" not in response.headers:
            self.faults.append(f"{type(self).__name__}: {response.status_code} {response.text[:500]}")
        return False

    def note_done(self, work, response):
        """What a response adds to a write."""


class Program(Writer):
    def __init__(self, url, gate, *, token):
        super().__init__(url, gate)
        self.headers = {"Authorization": f"Bearer {token}"}

    def ask(self, method, path, **sent):
        url = f"{self.url}/api/v1/{path}"
        return requests.request(
            method, url, headers={**self.headers, **sent.pop("headers", {})}, timeout=LONGEST_S, **sent
        )


class Registers(Program):
    """One patient after the other; a lost response is asked for again with the same key."""

    def __init__(self, *place, token, name):
        super().__init__(*place, token=token)
        self.name, self.numbers = name, itertools.count(1)

    def next_work(self):
        number = next(self.numbers)
        body = {
            "family_name": f"{self.name} {number}", "given_name": "Crash", "date_of_birth": "1969-03-14",
            "sex": "female", "phone": f"0555 {number}", "note": f"Number {number}", "although_alike": True,
        }  # fmt: skip
        return {"key": str(uuid.uuid4()), "body": body}

    def send(self, work):
        return self.ask("POST", "patients/", json=work["body"], headers={"Idempotency-Key": work["key"]})

    def note_done(self, work, response):
        work["id"] = response.json()["id"]


class Changes(Program):
    """One patient again and again, two fields together."""

    def __init__(self, *place, token, patient):
        super().__init__(*place, token=token)
        self.patient, self.version, self.numbers = patient.pk, patient.version, itertools.count(1)

    def next_work(self):
        number = next(self.numbers)
        return {"version": self.version, "phone": f"0777 {number}", "note": f"Change {number}"}

    def send(self, work):
        return self.ask("PATCH", f"patients/{self.patient}/", json=work)

    def note_done(self, work, response):
        self.version = response.json()["version"]


class Browser(Writer):
    """A clinician who is logged in."""

    accepted = (200, 204, 302)

    def __init__(self, url, gate, *, cookies, patient):
        super().__init__(url, gate)
        self.cookies, self.patient = cookies, patient

    def ask(self, method, path, **sent):
        headers = {"X-CSRFToken": self.cookies["csrftoken"], **sent.pop("headers", {})}
        if "data" in sent:
            sent["data"] = {PATIENT: self.patient, **sent["data"]}
        url = f"{self.url}{path}"
        return requests.request(
            method, url, cookies=self.cookies, headers=headers, timeout=LONGEST_S, allow_redirects=False, **sent
        )


class Types(Browser):
    """The given dose and the note of one row."""

    def __init__(self, *place, row, **login):
        super().__init__(*place, **login)
        self.session, self.row, self.version = row.session_id, row.pk, row.version
        self.product, self.numbers = row.session.product_id, itertools.count(1)

    def next_work(self):
        number = next(self.numbers)
        return {"version": self.version, "given_dose": DOSES[number % len(DOSES)], "note": f"Typed {number}"}

    def send(self, work):
        typed = {"product": self.product, "sites": "", "guidance": "", **work}
        data = {f"s{self.session}-i{self.row}-{name}": value for name, value in typed.items()}
        return self.ask("POST", f"/sessions/{self.session}/injections/{self.row}/", data=data, headers=FETCH)

    def note_done(self, work, response):
        self.version = work["version"] + 1


class Signs(Browser):
    """One session in each round, with the password, after reading it."""

    def __init__(self, *place, password, **login):
        super().__init__(*place, patient=None, **login)
        self.password, self.sessions = password, []

    def next_work(self):
        return {"session": self.sessions.pop(0), "hash": None} if self.sessions else None

    def send(self, work):
        session, path = work["session"], f"/sessions/{work['session']['id']}/sign/"
        if work["hash"] is None:
            page = self.ask("GET", path)
            if page.status_code != 200:
                return _not_yet(page)
            work["hash"] = re.search(r'name="content_hash"\s+value="([0-9a-f]{64})"', page.text)[1]
        data = {
            PATIENT: session["patient"], "content_hash": work["hash"], "password": self.password, "weeks": "12",
            "kind": "next_injection", "clinician": session["clinician"], "finish_visit": "on", "then": "stay",
        }  # fmt: skip
        return self.ask("POST", path, data=data)


def _not_yet(page):
    """A page that is not shown is not a signature, with any status."""
    if page.status_code < 400:
        page.status_code = 500
    return page
