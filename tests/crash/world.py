"""Who writes, and into what: users whose passwords and logins the server accepts, and sessions to record and sign."""

import datetime as dt
import itertools

from django.conf import settings
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.middleware.csrf import _get_new_csrf_string
from django.test import Client

from clinic.accounts.permissions import Permission
from tests import builders
from tests.crash.writers import Changes, Registers, Signs, Types

FIRST_HOUR, VISITS_IN_A_DAY = 8, 20
WRITING = {Permission.SEE_PATIENTS, Permission.CHANGE_PATIENTS}


class World:
    def __init__(self):
        # The tests hash passwords in a way that a server does not accept.
        hasher = Argon2PasswordHasher()
        self.neurologist = builders.a_person("neurologist")
        self.neurologist.password = hasher.encode(builders.PASSWORD, hasher.salt())
        self.neurologist.save()
        self.staff = builders.a_person("clinic staff")
        self.token = builders.a_token(by=self.staff, permissions=WRITING).secret
        self.changed = builders.a_patient(by=self.staff)
        self.numbers = itertools.count()
        session = builders.a_given_session(by=builders.a_clinician())
        self.row = session.injections.in_order().select_related("session__visit").first()

    def writers(self, url, gate, number=0):
        """Of each kind; `number` names those of one server."""
        cookies = self.cookies()
        patient = self.row.session.visit.patient_id
        return [
            *(Registers(url, gate, token=self.token, name=f"Crash{number}of{each}") for each in (1, 2)),
            Changes(url, gate, token=self.token, patient=builders.now(self.changed)),
            Types(url, gate, row=self.row, cookies=cookies, patient=patient),
            Signs(url, gate, password=builders.PASSWORD, cookies=cookies),
        ]

    def cookies(self):
        """Of a login that the server accepts."""
        client = Client()
        client.force_login(self.neurologist)
        login = client.cookies[settings.SESSION_COOKIE_NAME].value
        return {settings.SESSION_COOKIE_NAME: login, settings.CSRF_COOKIE_NAME: _get_new_csrf_string()}

    def a_session_to_sign(self):
        """Each at another time: a clinician has one visit at a time."""
        days, half_hours = divmod(next(self.numbers), VISITS_IN_A_DAY)
        hour, half = divmod(half_hours, 2)
        visit = builders.an_arrived_visit(
            clinician=self.neurologist,
            by=self.staff,
            day=builders.today() - dt.timedelta(days=days),
            hour=FIRST_HOUR + hour,
            minute=30 * half,
        )
        session = builders.a_given_session(by=self.neurologist, visit=visit)
        return {"id": session.pk, "patient": visit.patient_id, "clinician": visit.clinician_id}
