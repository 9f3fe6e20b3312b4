"""`manage.py demo`: fill an empty database with an invented clinic."""

import datetime as dt
import random

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from clinic.models import Clinic
from clinic.records.actions import action, assign, store
from planning.demo import day, desk, history
from planning.demo.clock import Clock
from planning.demo.logins import create_logins, obstacle
from planning.demo.people import CLINIC, LOGINS, PASSWORD
from planning.demo.stage import Stage


@action
def fill(*, rng, clock, today, say):
    """Run everything as one action, so that its whole audit trail is written at once."""
    clock.set(today - dt.timedelta(weeks=history.TWO_YEARS + 10))
    people = create_logins(LOGINS, at=clock.current)
    store_clinic(by=people["admin"])
    stage = Stage(rng=rng, clock=clock, today=today, people=people)
    desk.store_working_hours(stage)
    made = history.courses(stage, say)
    history.endings(stage, made)
    history.unsigned(stage, made)
    history.weeks_ahead(stage, made)
    day.play(stage, made)
    desk.play(stage, made)


def store_clinic(*, by):
    clinic = Clinic.ours()
    assign(clinic, CLINIC)
    store(clinic, by=by)


class Command(BaseCommand):
    help = "Fill an empty database with an invented clinic: two past years, a full day today and some coming weeks."

    def add_arguments(self, parser):
        parser.add_argument("--if-empty", action="store_true", help="Do nothing if the database already has patients.")
        parser.add_argument("--seed", type=int, default=1, help="The same number gives the same data.")
        parser.add_argument("--today", type=dt.date.fromisoformat, help="YYYY-MM-DD. If omitted, today at the clinic.")

    def handle(self, *, if_empty, seed, today, **options):
        if settings.PRODUCTION:
            raise CommandError("COLLUM_ENV is “production”. Do not add invented patients there.")
        if message := obstacle():
            if not if_empty:
                raise CommandError(f"{message} Demo data goes into an empty database.")
            self.stdout.write(f"{message} Demo data was not added.")
            return
        zone = Clinic.ours().zone
        with timezone.override(zone), Clock(zone) as clock:
            fill(rng=random.Random(seed), clock=clock, today=today or timezone.localdate(), say=self.say)
        self.stdout.write(f"Demo data was added. Log in as one of these users, with the password {PASSWORD}:")
        self.stdout.write(", ".join(login.username for login in LOGINS))

    def say(self, done):
        if self.stdout.isatty():
            self.stdout.write(f"\r{done}", ending="")
            self.stdout.flush()
