"""Upgrades the database of DATABASE_URL: `python -m tests.upgrades.upgrade` prints its facts and what `verify` says.

All in one process, because each takes two seconds to start.
"""

import gc
import io
import json
import os

import django

from tests.upgrades.facts import facts


def upgraded():
    from django.core.management import call_command

    gc.set_threshold(50_000, 20, 20)  # as in tests/conftest.py: the migrations make the models a hundred times
    call_command("migrate", verbosity=0)
    found, verified = facts(), io.StringIO()
    call_command("seal", stdout=io.StringIO())
    call_command("verify", stdout=verified)
    return {"facts": found, "verified": verified.getvalue()}


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clinic.settings")
    django.setup()
    print(json.dumps(upgraded(), default=str))  # noqa: T201
