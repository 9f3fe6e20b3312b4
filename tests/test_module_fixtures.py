"""What a module makes once: in the test database, around tests that come last, and none of which reaches another."""

import os
import subprocess
import sys

import pytest
from django.conf import settings
from django.db import connection

from patients.models import Patient
from tests import databases
from tests.conftest import LONG, pytest_collection_modifyitems

CONFTEST = "from tests.conftest import *"
PROBE = """
import pytest
from django.contrib.auth.models import Group
from django.db import connection, transaction

@pytest.fixture(scope="module")
def made(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock(), transaction.atomic():
        yield Group.objects.create(name="Made for the module")
        transaction.set_rollback(True)

def test_named(made):
    print("USED", connection.settings_dict["NAME"])

def test_fixture_used_late(request):
    request.getfixturevalue("made")
    print("USED", connection.settings_dict["NAME"])
"""


@pytest.mark.parametrize("selected", ["test_named", pytest.param("test_fixture_used_late", marks=pytest.mark.full)])
def test_module_fixture_uses_the_test_database(selected, tmp_path):
    (tmp_path / "conftest.py").write_text(CONFTEST)
    (tmp_path / "test_probe.py").write_text(PROBE)
    configured = tmp_path / "configured.sqlite3"
    ended = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-s", "-c", "pyproject.toml", "-p", "no:cacheprovider",
         "-p", "pytest_django.plugin", "-k", selected, str(tmp_path / "test_probe.py")],
        cwd=settings.BASE_DIR, capture_output=True, text=True, check=False, timeout=120,
        env={
            **{name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "COV_"))},
            "DATABASE_URL": f"sqlite:///{configured}",
            "COLLUM_VAR": str(settings.VAR_DIR),  # the copy of the migrated database is there
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",  # the other plugins take longer to import than the test itself
        },
    )  # fmt: skip
    assert "1 passed, 1 deselected" in ended.stdout, ended.stdout + ended.stderr
    assert f"USED {settings.VAR_DIR / 'test-'}" in ended.stdout
    assert not configured.exists()


class Item:
    """As much of a collected test as the order asks for."""

    def __init__(self, nodeid, *fixturenames, **marked):
        self.nodeid, self.fixturenames, self.marks = nodeid, fixturenames, []
        if marked:
            self.marks.append(pytest.mark.django_db(**marked).mark)

    def get_closest_marker(self, name):
        return next((mark for mark in self.marks if mark.name == name), None)

    def add_marker(self, marker):
        self.marks.append(marker.mark)


def test_tests_with_a_module_transaction_run_last():
    items = [
        Item("1", "module_transaction"),
        Item("2", "live_server"),
        Item("3", "module_transaction", "client"),
        Item("4"),
    ]
    pytest_collection_modifyitems(items)
    assert [item.nodeid for item in items] == ["2", "4", "1", "3"]
    assert [item.nodeid for item in items if item.get_closest_marker("django_db")] == ["1", "3"]


def test_modules_with_long_tests_begin_first():
    assert [path for path in LONG if not (settings.BASE_DIR / path).exists()] == []
    items = [Item("tests/a.py::1"), Item(f"{LONG[1]}::1"), Item(f"{LONG[0]}::1"), Item(f"{LONG[0]}::2")]
    pytest_collection_modifyitems(items)
    assert [item.nodeid for item in items] == [f"{LONG[0]}::1", f"{LONG[0]}::2", f"{LONG[1]}::1", "tests/a.py::1"]


@pytest.mark.parametrize(
    "item",
    [Item("x", "module_transaction", "live_server"), Item("x", "module_transaction", "transactional_db"),
     Item("x", "module_transaction", transaction=True)],
    ids=["live server", "transactional", "marked"],
)  # fmt: skip
def test_committing_test_cannot_use_a_module_transaction(item):
    with pytest.raises(pytest.UsageError, match="x commits"):
        pytest_collection_modifyitems([item])


@pytest.mark.parametrize("turn", [1, 2])
def test_test_does_not_affect_the_next_test(turn, world, made_world):
    """Neither in the database nor in the objects."""
    assert connection.in_atomic_block
    for one in (world.patient, Patient.objects.get(pk=world.patient.pk)):
        assert one.family_name == made_world.patient.family_name != "Renamed"
    world.patient.family_name = "Renamed"
    world.patient.save()
    assert Patient.objects.filter(family_name="Renamed").count() == 1


def test_migrations_run_again_after_any_change_of_the_code(tmp_path):
    for package in databases.PACKAGES:
        (tmp_path / package).mkdir()
    (tmp_path / "requirements.lock").write_text("django==1\n")
    seen = [databases.digest_of_code(tmp_path)]
    for path, text in (("planning/guards.py", "A"), ("planning/guards.py", "B"), ("requirements.lock", "django==2\n")):
        (tmp_path / path).write_text(text)
        seen.append(databases.digest_of_code(tmp_path))
    assert len(set(seen)) == 4
