"""A program that goes from a new patient to a planned session.

    pip install requests
    export COLLUM_URL=http://127.0.0.1:8000
    export COLLUM_TOKEN=collum_…
    python docs/examples/plan_a_session.py

A neurologist or a trainee creates the token under “Tokens for programs”, and ticks that it can see and change patients,
visits and sessions, and see the catalogue. The patient is invented: run the script only against a demo clinic.

The script plans muscles and sides. It does not write a dose: a clinician types a dose, on a page, for this one session.
Collum rejects a dose from a program.
"""

import os
import sys
import time
import uuid

import requests

URL = os.environ.get("COLLUM_URL", "http://127.0.0.1:8000").rstrip("/")
TOKEN = os.environ.get("COLLUM_TOKEN", "")
TRIES = 3
INVENTED = {
    "family_name": "Example",
    "given_name": "Invented",
    "date_of_birth": "1970-01-02",
    "sex": "not_stated",
    "diagnosis": "Cervical dystonia",
}
# Sides are the patient’s own. Both sides are two rows.
PLANNED = [("SCM", "right"), ("LS", "left"), ("LS", "right")]


class Refused(Exception):  # noqa: N818  (a response, not a fault of this script)
    """A problem document (RFC 9457): `detail` is the message that a user would see on the page."""

    def __init__(self, answer):
        self.status, self.problem = answer.status_code, answer.json()
        super().__init__(self.problem["detail"])

    def explain(self):
        lines = [f"{self.status} {self.problem['title']}: {self.problem['detail']}"]
        lines += [f"  {field}: {' '.join(messages)}" for field, messages in self.problem["errors"].items()]
        return "\n".join([*lines, f"  (request {self.problem['request_id']})"])


class Collum:
    def __init__(self, url, token):
        self.url = f"{url}/api/v1/"
        self.session = requests.Session()
        self.session.headers["Authorization"] = f"Bearer {token}"

    def ask(self, method, path, *, json=None, params=None, headers=None):
        answer = self.session.request(method, self.url + path, json=json, params=params, headers=headers, timeout=30)
        if answer.status_code == 429:  # too many requests
            time.sleep(int(answer.headers["Retry-After"]))
            return self.ask(method, path, json=json, params=params, headers=headers)
        if not answer.ok:
            raise Refused(answer)
        return answer

    def read(self, path, **params):
        return self.ask("GET", path, params=params).json()

    def make(self, path, **body):
        """One key for each record: if a response is lost, a retry does not create a duplicate."""
        key = {"Idempotency-Key": str(uuid.uuid4())}
        for _ in range(TRIES - 1):
            try:
                return self.ask("POST", path, json=body, headers=key).json()
            except (requests.ConnectionError, requests.Timeout):
                time.sleep(1)
        return self.ask("POST", path, json=body, headers=key).json()

    def change(self, path, **body):
        """Send the version that was read with the change. If the record has changed since then, the response is 409."""
        read = self.ask("GET", path)
        return self.ask("PATCH", path, json=body, headers={"If-Match": read.headers["ETag"]}).json()


def the_patient(collum):
    try:
        return collum.make("patients/", **INVENTED)
    except Refused as refused:
        alike = refused.problem.get("alike")
        if refused.status != 409 or not alike:
            raise
        # A user would check whether it is the same patient. This one is invented, and the script has run before.
        print(f"{refused} Continuing with the first of {len(alike)}.")
        return collum.read(f"patients/{alike[0]}/")


def a_visit(collum, patient, clinician):
    """A visit in the first free time that is still free when it is booked."""
    asked = {"kind": "injection"} | ({"clinician": clinician} if clinician else {})
    for free in collum.read("free-times/", **asked)["results"]:
        try:
            return collum.make(
                "visits/",
                patient=patient["id"],
                clinician=free["clinician"],
                kind="injection",
                starts_at=free["starts_at"],
                minutes=free["minutes"],
            )
        except Refused as refused:
            if refused.status != 409:
                raise
            print(f"{free['starts_at']}: {refused}")
    sys.exit("There is no free time. Check that the clinician has working hours.")


def a_plan(collum, visit):
    """A session with the first product of the catalogue. Muscles are found by their short names."""
    product = next(one for one in collum.read("products/")["results"] if not one["retired"])
    muscles = {one["short_name"]: one["id"] for one in collum.read("muscles/")["results"] if not one["retired"]}
    session = collum.make("sessions/", visit=visit["id"], product=product["id"])
    rows = f"sessions/{session['id']}/injections/"
    made = [collum.make(rows, product=product["id"], muscle=muscles[name], side=side) for name, side in PLANNED]
    collum.change(f"{rows}{made[0]['id']}/", product=product["id"], guidance="emg")
    return collum.read(f"sessions/{session['id']}/")


def show(session, visit):
    print(f"Session {session['id']} of patient {session['record_number']}, {visit['starts_at']}: {session['state']}")
    print(f"Product: {session['product_name']}")
    for row in session["injections"]:
        print(f"- {row['muscle_name']}, {row['side']}, guidance: {row['guidance'] or 'not recorded'}")
    print("The script does not write a dose: a clinician types it, on the page of this session.")


def main():
    if not TOKEN:
        sys.exit("Create a token under “Tokens for programs”, and set COLLUM_TOKEN to it.")
    collum = Collum(URL, TOKEN)
    try:
        me = collum.read("me/")
        print(f"The token belongs to {me['printed_name']}, and can: {', '.join(me['may'])}")
        visit = a_visit(collum, the_patient(collum), clinician=me["id"] if me["is_clinician"] else None)
        show(a_plan(collum, visit), visit)
    except Refused as refused:
        sys.exit(refused.explain())


if __name__ == "__main__":
    main()
