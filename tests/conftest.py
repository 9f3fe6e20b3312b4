"""What the tests share: people of each role, a database that may be flushed although it refuses deletions."""

import importlib
import os
from functools import cache

import pytest
from django.conf import settings as django_settings
from django.db import connection, transaction
from django.db.migrations.loader import MigrationLoader
from django.test import TransactionTestCase

from clinic import triggers
from tests import builders

os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # sync Playwright runs an event loop in this thread

# What Django fills for itself once the migrations have run, and no test changes.
TABLES_OF_DJANGO = {"django_content_type", "auth_permission", "django_migrations"}
MIGRATIONS_THAT_FILL = (
    "clinic.migrations.0002_clinic_and_roles",
    "patients.migrations.0002_record_numbers",
    "patients.migrations.0004_the_desk",
    "planning.migrations.0002_catalogue",
    "planning.migrations.0009_instruments",
)


def pytest_configure():
    # In-process hashing is slow on purpose; the tests log in thousands of times.
    django_settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    # Each test's client would read all static folders when it is made; so they are looked up when they are asked for.
    django_settings.WHITENOISE_AUTOREFRESH = True


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items):
    """What is made for a whole module stands in a test database too; one is made only for tests with this mark.

    Marked last, they keep their place after the tests that want an empty database.
    """
    for item in items:
        if "django_db_setup" in item.fixturenames and item.get_closest_marker("django_db") is None:
            item.add_marker(pytest.mark.django_db)


@cache
def _models_of_migrations():
    """The models as migrations know them: without the keys that a Muscle's own save() writes."""
    return MigrationLoader(connection).project_state().apps


def _empty_and_refill(self):
    """After a test that commits: lift the triggers, empty the tables, refill what migrations filled, reinstall."""
    triggers.lift()
    with transaction.atomic(), connection.cursor() as cursor:
        # Not Django's own flush, which truncates every table and makes all permissions anew: that takes a second.
        for table in _tables_with_rows(cursor):
            cursor.execute(f"DELETE FROM {connection.ops.quote_name(table)}")
    for name in MIGRATIONS_THAT_FILL:
        importlib.import_module(name).fill(_models_of_migrations(), None)
    triggers.install()


def _tables_with_rows(cursor):
    tables = set(connection.introspection.django_table_names(only_existing=True, include_views=False))
    asked = [
        f"SELECT '{table}' WHERE EXISTS (SELECT 1 FROM {connection.ops.quote_name(table)})"
        for table in sorted(tables - TABLES_OF_DJANGO)
    ]
    cursor.execute(" UNION ALL ".join(asked))
    return [table for (table,) in cursor.fetchall()]


TransactionTestCase._fixture_teardown = _empty_and_refill


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """A browser's last request may still hold a connection, and PostgreSQL drops no database that is in use."""
    yield
    if connection.vendor == "postgresql":
        with django_db_blocker.unblock(), connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )


@pytest.fixture
def neurologist(db):
    return builders.a_person("neurologist", printed_name="Dr A. Morgan")


@pytest.fixture
def other_neurologist(db):
    return builders.a_person("neurologist", printed_name="Dr B. Adeyemi")


@pytest.fixture
def trainee(db):
    return builders.a_person("trainee", printed_name="Dr T. Young")


@pytest.fixture
def staff(db):
    return builders.a_person("clinic staff", printed_name="Sam Desk")


@pytest.fixture
def catalogue_manager(db):
    return builders.a_person("catalogue manager", printed_name="Cato Logue")


@pytest.fixture
def auditor(db):
    return builders.a_person("auditor", printed_name="Audrey Tor")


@pytest.fixture
def superuser(db):
    return builders.a_person(printed_name="Adam Min", is_superuser=True)


@pytest.fixture
def login(client):
    """`login(person)` gives a client that is logged in as that person."""

    def as_person(person):
        client.force_login(person)
        return client

    return as_person
