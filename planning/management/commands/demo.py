"""`manage.py demo`: fill an empty database with an invented clinic."""

import datetime as dt
import random

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from clinic.actions import assign, store
from clinic.models import Clinic
from planning.demo import day, desk, history
from planning.demo.clock import Clock
from planning.demo.logins import make_logins, obstacle
from planning.demo.people import CLINIC, LOGINS, PASSWORD
from planning.demo.stage import Stage


class Command(BaseCommand):
    help = "Fill an empty database with an invented clinic: two years behind today, a full day, some weeks ahead."

    def add_arguments(self, parser):
        parser.add_argument("--if-empty", action="store_true", help="Do nothing where patients are there already.")
        parser.add_argument("--seed", type=int, default=1, help="The same number gives the same data.")
        parser.add_argument("--today", type=dt.date.fromisoformat, help="YYYY-MM-DD; the day of the clinic otherwise.")

    def handle(self, *, if_empty, seed, today, **options):
        if settings.PRODUCTION:
            raise CommandError("COLLUM_ENV is “production”. Invented patients have no place there.")
        if sentence := obstacle():
            if not if_empty:
                raise CommandError(f"{sentence} Demo data goes into an empty database.")
            self.stdout.write(f"{sentence} Nothing was added.")
            return
        zone = Clinic.ours().zone
        with transaction.atomic(), timezone.override(zone), Clock(zone) as clock:
            self.make(rng=random.Random(seed), clock=clock, today=today or timezone.localdate())
        self.stdout.write(f"Demo data is there. Log in as one of these, with the password {PASSWORD}:")
        self.stdout.write(", ".join(login.username for login in LOGINS))

    def make(self, *, rng, clock, today):
        clock.set(today - dt.timedelta(weeks=history.TWO_YEARS + 10))
        stage = Stage(rng=rng, clock=clock, today=today, people=make_logins(LOGINS, at=clock.moment))
        self.clinic(by=stage.people["admin"])
        made = history.courses(stage, self.say)
        history.endings(stage, made)
        history.unsigned(stage, made)
        history.weeks_ahead(stage, made)
        day.play(stage, made)
        desk.play(stage, made)

    def clinic(self, *, by):
        clinic = Clinic.ours()
        assign(clinic, CLINIC)
        store(clinic, by=by)

    def say(self, done):
        if self.stdout.isatty():
            self.stdout.write(f"\r{done}", ending="")
            self.stdout.flush()
