"""From a new patient to a planned session, by a program.

    pip install requests
    export COLLUM_URL=http://127.0.0.1:8000
    export COLLUM_TOKEN=collum_…
    python docs/examples/plan_a_session.py

The token is a neurologist’s or a trainee’s own, made under “Tokens for programs” and ticked to see and change patients,
visits and sessions, and to see the catalogue. The patient is invented; run it against a clinic that is for trying out.

It plans muscles and sides, and writes no dose: a dose is typed by a clinician, on a page, for this one session. Collum
refuses a program that sends one.
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
# Which side is the patient’s own. Both sides are two rows.
PLANNED = [("SCM", "right"), ("LS", "left"), ("LS", "right")]


class Refused(Exception):  # noqa: N818  (an answer, not an error)
    """A problem document (RFC 9457): `detail` is the sentence that a person reads on the page."""

    def __init__(self, answer):
        self.status, self.problem = answer.status_code, answer.json()
        super().__init__(self.problem["detail"])

    def explain(self):
        lines = [f"{self.status} {self.problem['title']}: {self.problem['detail']}"]
        lines += [f"  {field}: {' '.join(said)}" for field, said in self.problem["errors"].items()]
        return "\n".join([*lines, f"  (request {self.problem['request_id']})"])


class Collum:
    def __init__(self, url, token):
        self.url = f"{url}/api/v1/"
        self.session = requests.Session()
        self.session.headers["Authorization"] = f"Bearer {token}"

    def ask(self, method, path, *, json=None, params=None, headers=None):
        answer = self.session.request(method, self.url + path, json=json, params=params, headers=headers, timeout=30)
        if answer.status_code == 429:  # too often
            time.sleep(int(answer.headers["Retry-After"]))
            return self.ask(method, path, json=json, params=params, headers=headers)
        if not answer.ok:
            raise Refused(answer)
        return answer

    def read(self, path, **params):
        return self.ask("GET", path, params=params).json()

    def make(self, path, **body):
        """One key for one thing: should an answer be lost on its way, asking again makes nothing twice."""
        key = {"Idempotency-Key": str(uuid.uuid4())}
        for _ in range(TRIES - 1):
            try:
                return self.ask("POST", path, json=body, headers=key).json()
            except (requests.ConnectionError, requests.Timeout):
                time.sleep(1)
        return self.ask("POST", path, json=body, headers=key).json()

    def change(self, path, **body):
        """The version that was read goes with the change; were it changed meanwhile, the answer would be 409."""
        read = self.ask("GET", path)
        return self.ask("PATCH", path, json=body, headers={"If-Match": read.headers["ETag"]}).json()


def the_patient(collum):
    try:
        return collum.make("patients/", **INVENTED)
    except Refused as refused:
        alike = refused.problem.get("alike")
        if refused.status != 409 or not alike:
            raise
        # A person would look whether it is the same one. This one is invented, and the script has run before.
        print(f"{refused} Going on with the first of {len(alike)}.")
        return collum.read(f"patients/{alike[0]}/")


def a_visit(collum, patient, clinician):
    """In the first free time that nobody else takes meanwhile."""
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
    sys.exit("There is no free time. Does the clinician keep working hours?")


def a_plan(collum, visit):
    """A session with the first product of the catalogue, and its muscles by their short names."""
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
        print(f"- {row['muscle_name']}, {row['side']}, guidance: {row['guidance'] or 'not said'}")
    print("No dose is written: a clinician types it, on the page of this session.")


def main():
    if not TOKEN:
        sys.exit("Make a token under “Tokens for programs” and put it into COLLUM_TOKEN.")
    collum = Collum(URL, TOKEN)
    try:
        me = collum.read("me/")
        print(f"Asking as {me['printed_name']}, who may: {', '.join(me['may'])}")
        visit = a_visit(collum, the_patient(collum), clinician=me["id"] if me["is_clinician"] else None)
        show(a_plan(collum, visit), visit)
    except Refused as refused:
        sys.exit(refused.explain())


if __name__ == "__main__":
    main()
