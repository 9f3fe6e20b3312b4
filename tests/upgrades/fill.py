"""Fills the database of DATABASE_URL as a release does: `python -m tests.upgrades.fill`.

At a release, fill an empty database of each engine and store its dump next to this file, as `VERSION.ENGINE.sql.gz`
(`sqlite3 FILE .dump`, `pg_dump --inserts --no-owner --no-privileges`), with the facts as `VERSION.ENGINE.json`.
"""

import os

import django


def fill():
    from django.core.management import call_command
    from django.utils import timezone

    from clinic.models import Clinic
    from tests.world import World

    call_command("migrate", verbosity=0)
    with timezone.override(Clinic.ours().zone):
        World().with_every_state()


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clinic.settings")
    django.setup()
    fill()
