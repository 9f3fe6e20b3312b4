"""A pytest plugin (`-p tests.guards.without`): the tests run in a database without what COLLUM_WITHOUT names.

`trigger:<name>` or `constraint:<app label>.<model>:<name>`. The models still list a constraint: only the database no
longer enforces it.
"""

import os
from contextlib import contextmanager

import pytest
from django.apps import apps
from django.db import connection

from tests import databases


@pytest.fixture(scope="session", autouse=True)
def removed_guard(django_db_setup, django_db_blocker):
    kind, _, name = os.environ["COLLUM_WITHOUT"].partition(":")
    with {"trigger": _without_trigger, "constraint": _without_constraint}[kind](name, django_db_blocker):
        with django_db_blocker.unblock():
            databases.keep()
        yield


@contextmanager
def _without_trigger(name, blocker):
    from clinic.records import triggers

    registered = {label: list(guards) for label, guards in triggers._registered.items()}
    with blocker.unblock():
        guard = next(guard for guard in triggers.guards() if guard.name == name)
        for label, guards in registered.items():
            triggers._registered[label] = [each for each in guards if each is not guard]
        _run(guard.drop(connection.vendor))
    yield
    with blocker.unblock():
        triggers._registered.update(registered)
        triggers.install()


@contextmanager
def _without_constraint(name, blocker):
    from clinic.records import triggers

    label, _, name = name.partition(":")
    model = apps.get_model(label)
    constraint = next(each for each in model._meta.constraints if each.name == name)
    with blocker.unblock():
        triggers.lift()  # SQLite rebuilds the table, which fails while a trigger mentions it
        with connection.schema_editor() as editor:
            editor.remove_constraint(model, constraint)
        if connection.vendor == "sqlite":
            # The table was rebuilt with every constraint of the model but this one.
            assert name not in _definitions(model)
        triggers.install()
    yield
    if connection.vendor == "postgresql":
        with blocker.unblock(), connection.schema_editor() as editor:
            editor.add_constraint(model, constraint)


def _definitions(model):
    with connection.cursor() as cursor:
        cursor.execute("SELECT sql FROM sqlite_master WHERE tbl_name = %s", [model._meta.db_table])
        return " ".join(sql or "" for (sql,) in cursor.fetchall())


def _run(statements):
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
