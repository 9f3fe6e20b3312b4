"""`manage.py seed`: fill an empty PostgreSQL database with a given number of invented patients."""

import gc
import io
import random
import time
from concurrent.futures import ThreadPoolExecutor

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.core.management.color import no_style
from django.db import connection, transaction
from django.utils import timezone

from clinic.models import Clinic, User
from patients.models import PossibleDuplicate, RecordNumberCounter
from planning.demo.crowd import CROWD_LOGINS, Crowd, CrowdCourse
from planning.demo.logins import create_logins, obstacle
from planning.demo.people import MANY

AT_ONCE = 500


class Command(BaseCommand):
    help = "Fill an empty PostgreSQL database with invented patients, visits and sessions, to measure performance."

    def add_arguments(self, parser):
        parser.add_argument("--patients", type=int, default=MANY)
        parser.add_argument("--seed", type=int, default=1, help="The same number gives the same data.")

    def handle(self, *, patients, seed, **options):
        if settings.PRODUCTION:
            raise CommandError("COLLUM_ENV is “production”. Do not add invented patients there.")
        if connection.vendor != "postgresql":
            raise CommandError("Seeding fills a PostgreSQL database. Name one in DATABASE_URL.")
        if patients < 1:
            raise CommandError("Enter at least one patient.")
        if message := obstacle(CROWD_LOGINS):
            raise CommandError(f"{message} Invented patients go into an empty database.")
        self.began = time.monotonic()
        gc.disable()  # the rows have no circular references, and searching for them takes half of the time
        try:
            with transaction.atomic(), timezone.override(Clinic.ours().zone):
                self.fill(patients, seed)
        finally:
            gc.enable()
        with connection.cursor() as cursor:  # as PostgreSQL does by itself, some minutes later
            cursor.execute("ANALYZE" if connection.in_atomic_block else "VACUUM ANALYZE")
        self.say(f"{patients:,} patients are there.", last=True)

    def fill(self, patients, seed):
        people = create_logins(CROWD_LOGINS, at=timezone.now())
        crowd = Crowd(patients=patients, today=timezone.localdate(), people=people, rng=random.Random(seed))
        with connection.cursor() as cursor:
            # Otherwise all foreign keys would be checked at the end, from one long list in memory.
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            self.fill_in_turn(cursor, crowd, patients)
            RecordNumberCounter.objects.update(last=patients)
            for statement in connection.ops.sequence_reset_sql(no_style(), [User, *CrowdCourse.MODELS]):
                cursor.execute(statement)
        PossibleDuplicate.objects.rebuild()

    def fill_in_turn(self, cursor, crowd, patients):
        with ThreadPoolExecutor(max_workers=1) as pool:
            storing = None
            for start in range(0, patients, AT_ONCE):
                numbers = range(start, min(start + AT_ONCE, patients))
                made = [crowd.rows_of(number) for number in numbers]
                if storing is not None:
                    storing.result()
                storing = pool.submit(self.store, cursor.cursor, made, is_first=start == 0)
                self.say(f"{numbers[-1] + 1:,} of {patients:,} patients")
            storing.result()

    def store(self, cursor, rows_of_patients, *, is_first):
        for place, model in enumerate(CrowdCourse.MODELS):
            copy(cursor, model, [row for rows in rows_of_patients for row in rows[place][1]])
        if is_first:
            # Foreign keys and triggers keep the plans of their statements. Those made for empty tables read them whole.
            cursor.execute("ANALYZE")

    def say(self, text, *, last=False):
        end = "\n" if last or not self.stdout.isatty() else ""
        start = "\r" if self.stdout.isatty() else ""
        self.stdout.write(f"{start}{text} ({time.monotonic() - self.began:.0f} s) ", ending=end)
        self.stdout.flush()


def copy(cursor, model, rows):
    """Store the rows by COPY; missing ids are assigned, and generated columns are left out."""
    if not rows:
        return
    given = [field for field in model._meta.concrete_fields if not field.generated]
    fields = [field for field in given if rows[0].pk is not None or not field.primary_key]
    text = io.StringIO(
        "".join("\t".join(_cell(getattr(row, field.attname)) for field in fields) + "\n" for row in rows)
    )
    columns = ", ".join(field.column for field in fields)
    cursor.copy_expert(f"COPY {model._meta.db_table} ({columns}) FROM STDIN", text)


ESCAPED = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def _cell(value):
    return "\\N" if value is None else str(value).translate(ESCAPED)
