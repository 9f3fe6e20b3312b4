"""The pictures of the help pages and of docs/, taken from the demo data. `make pictures` stores them anew."""

import datetime as dt
import os
from dataclasses import dataclass

import pytest
import time_machine
from django.conf import settings
from django.core.management import call_command
from playwright.sync_api import expect

from clinic.accounts.help import PICTURES
from clinic.models import User
from patients.models import Patient
from planning.models import InjectionSession

pytestmark = [
    pytest.mark.browser,
    pytest.mark.looks,
    pytest.mark.full,
    pytest.mark.django_db(transaction=True),
]

NOON = dt.datetime(2026, 3, 4, 12, 5, tzinfo=dt.UTC)  # a Wednesday
SIZE = {"width": 1440, "height": 900}
OF_HELP = {name for name, _ in PICTURES.values()}
HELP = settings.BASE_DIR / "clinic" / "static" / "clinic" / "help"
DOCS = settings.BASE_DIR / "docs"


def planned_session():
    """One in which no dose is typed."""
    sessions = InjectionSession.objects.filter(
        visit__starts_at__date=NOON.date(), recording_since=None, not_done_at=None
    )
    return sessions.filter(injections__planned_dose="").exclude(injections__planned_dose__gt="").first()


def patient_with_a_course():
    return Patient.objects.get(family_name="Bloggs", given_name="Fred")


@dataclass
class Picture:
    """What one user sees at a URL; `docs` is whether docs/ shows it too."""

    user: str
    path: object
    docs: bool = False

    @property
    def url(self):
        return self.path if isinstance(self.path, str) else self.path().get_absolute_url()


TAKEN = {
    "session": Picture("neurologist", planned_session, docs=True),
    "course": Picture("neurologist", patient_with_a_course, docs=True),
    "diary": Picture("desk", "/visits/", docs=True),
    "catalogue": Picture("catalogue", "/muscles/"),
    "audit": Picture("auditor", "/audit/"),
    "set-up": Picture("admin", "/"),
}


def test_help_shows_the_pictures_that_are_taken():
    assert TAKEN.keys() >= OF_HELP
    assert {f"{name}.png" for name in OF_HELP} == {file.name for file in HELP.iterdir()}


def test_pictures_are_taken_from_the_demo(browse, watch, tmp_path):
    with time_machine.travel(NOON, tick=True):
        call_command("demo", verbosity=0, today=NOON.date())
        for name, picture in TAKEN.items():
            page = browse(User.objects.get(username=picture.user), viewport=SIZE)
            page.clock.install(time=NOON)
            page.goto(picture.url)
            expect(page.get_by_role("heading", level=1)).to_be_visible()
            page.screenshot(path=tmp_path / f"{name}.png", animations="disabled")
            if "STORE_PICTURES" in os.environ:
                store(tmp_path / f"{name}.png", of_help=name in OF_HELP, of_docs=picture.docs)


def store(taken, *, of_help, of_docs):
    HELP.mkdir(exist_ok=True)
    for folder, is_used in ((HELP, of_help), (DOCS, of_docs)):
        if is_used:
            (folder / taken.name).write_bytes(taken.read_bytes())
