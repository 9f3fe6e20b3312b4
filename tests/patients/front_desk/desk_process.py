"""A front desk user in a separate process: books, moves, cancels and restores, and notes every response.

Reads as JSON from stdin where it works and with which clinician, and writes the responses as JSON to stdout.
"""

import json
import logging
import os
import random
import sys
import traceback
import uuid

import django

HOURS = "08:00–18:00"
STARTS = [f"{hour:02}:{minute:02}" for hour in range(8, 17) for minute in range(0, 60, 5)]
MINUTES = (15, 30, 45, 60)
LOOKS_AGAIN_AFTER = 8  # operations; until then clinic staff acts on what it has seen
LOOK, BOOK, MOVE, CANCEL, TAKE_BACK = "look", "book", "move", "cancel", "take back"
SHARES = {BOOK: 28, MOVE: 20, CANCEL: 24, TAKE_BACK: 28}


class Desk:
    """Chooses by its seed, among what it has seen."""

    def __init__(self, *, person, seed, patients, clinicians, days):
        from django.test import Client

        self.random = random.Random(seed)  # noqa: S311
        self.patients, self.clinicians, self.days = patients, clinicians, days
        self.client = Client(SERVER_NAME="localhost")
        self.client.force_login(person)
        self.page = f"/visits/?day={days[0]}"
        self.responses = []

    def work(self, operations):
        for number in range(operations):
            if number % LOOKS_AGAIN_AFTER == 0:
                self.look()
            self.one_more()
        return self.responses

    def look(self):
        """Open the page to which the last response led, and see what can be changed, with its version."""
        from patients.models import Visit, VisitState

        self.note(LOOK, lambda: self.client.get(self.page))
        seen = Visit.objects.filter(moved_to=None).order_by("pk").values_list("pk", "version")
        self.booked = list(seen.filter(state=VisitState.BOOKED))
        self.cancelled = list(seen.filter(state=VisitState.CANCELLED))

    def one_more(self):
        what = self.random.choices(list(SHARES), list(SHARES.values()))[0]
        visits = {BOOK: (), MOVE: self.booked, CANCEL: self.booked, TAKE_BACK: self.cancelled}[what]
        if visits:
            self.change(what, *self.random.choice(visits))
        else:
            self.book()

    def book(self):
        page = f"/patients/{self.random.choice(self.patients)}/visits/new/"
        self.send(BOOK, page, {"kind": "review", "follow_up": "", **self.a_time()})

    def change(self, what, visit, version):
        if what == MOVE:
            page, typed = f"/visits/{visit}/move/", self.a_time()
        else:
            page = f"/visits/{visit}/state/"
            typed = {"state": "cancelled", "reason": "Ill."} if what == CANCEL else {"state": "booked"}
        self.send(what, page, {"version": version, **typed}, visit=visit, version=version)

    def a_time(self):
        return {
            "submission_key": str(uuid.uuid4()),
            "clinician": self.random.choice(self.clinicians),
            "day": self.random.choice(self.days),
            "time": self.random.choice(STARTS),
            "minutes": self.random.choice(MINUTES),
        }

    def send(self, what, page, typed, **about):
        from tests.posted_data import with_patient

        response = self.note(what, lambda: self.client.post(page, with_patient(page, typed)), **about)
        if response is not None and response.status_code == 302:
            self.page = response.url

    def note(self, what, ask, **about):
        """An error that would be a server error is noted with its traceback."""
        noted = {"what": what, **about}
        self.responses.append(noted)
        try:
            response = ask()
        except Exception:
            noted |= {"status": 500, "text": traceback.format_exc()}
            return None
        noted |= {"status": response.status_code, "text": response.content.decode(), "to": response.get("Location")}
        return response


def main():
    orders = json.load(sys.stdin)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clinic.settings")
    django.setup()
    logging.disable(logging.WARNING)  # with which Django reports each conflict

    from django.db import connection

    from clinic.models import User

    connection.settings_dict["NAME"] = orders.pop("database")
    operations, person = orders.pop("operations"), User.objects.get(pk=orders.pop("person"))
    json.dump(Desk(person=person, **orders).work(operations), sys.stdout)


if __name__ == "__main__":
    main()
