"""The triggers that enforce Collum's rules on both engines are installed, and are restored."""

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection
from django.db.models.signals import pre_migrate

from clinic.models import AuditEntry
from clinic.records import triggers
from tests.extent import some

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

GUARDS = [guard for guard in triggers.guards() if not guard.lasting]


def drop(guard):
    with connection.cursor() as cursor:
        for statement in guard.drop(connection.vendor):
            cursor.execute(statement)


def warnings():
    return [
        warning.msg
        for warning in triggers.guards_are_installed(None, databases=["default"])
        if warning.id == "clinic.W001"
    ]


def test_every_guard_is_installed():
    assert triggers.missing() == []
    assert warnings() == []
    assert {"clinic_auditentry", "clinic_auditedpatient"} <= {guard.table for guard in triggers.guards()}


@pytest.mark.parametrize("guard", GUARDS, ids=lambda guard: guard.name)
def test_missing_guard_is_named(guard):
    drop(guard)
    assert warnings() == [f"The database is missing {guard.name}."]


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no function of a trigger")
def test_disabled_or_altered_guard_is_named():
    assert triggers.altered() == []
    one, other = (f"clinic_auditentry_is_append_only__{event}" for event in ("update", "delete"))
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE clinic_auditentry DISABLE TRIGGER {one}")
        cursor.execute(
            f"CREATE OR REPLACE FUNCTION {other}() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN OLD; END'"
        )
    assert triggers.altered() == [one, other]


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL has functions")
def test_altered_guard_is_named():
    assert triggers.altered() == []
    name = "clinic_auditentry_is_append_only__update"
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TRIGGER {name}")
        cursor.execute(f"CREATE TRIGGER {name} BEFORE UPDATE ON clinic_auditentry BEGIN SELECT 1; END")
    assert triggers.altered() == [name]


def test_migrate_restores_every_guard():
    for guard in triggers.guards():
        drop(guard)
    assert triggers.missing() == [guard.name for guard in triggers.guards()]
    call_command("migrate", verbosity=0)
    assert triggers.missing() == []


def test_check_runs_with_the_database_checks(capsys):
    drop(GUARDS[0])
    call_command("check", databases=["default"])
    assert f"The database is missing {GUARDS[0].name}." in capsys.readouterr().err


@pytest.mark.skipif(connection.vendor != "sqlite", reason="SQLite rebuilds tables")
@pytest.mark.django_db(transaction=True)
def test_table_rebuild_in_a_migration_keeps_the_triggers():
    # Given what SQLite does for an altered field: it makes the table anew and forgets the triggers
    old = AuditEntry._meta.get_field("outcome")
    new = old.clone()
    new.max_length = 20
    new.set_attributes_from_name("outcome")
    with connection.schema_editor() as editor:
        editor.alter_field(AuditEntry, old, new)
    assert triggers.missing()

    # When migrations have run, then they are back
    call_command("migrate", verbosity=0)
    assert triggers.missing() == []


@pytest.mark.skipif(connection.vendor != "sqlite", reason="SQLite rebuilds tables")
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("model", some(sorted({guard.table for guard in GUARDS}), one_of=4))
@pytest.mark.sample(3)
def test_every_guarded_table_can_be_rebuilt_by_a_migration(model):
    """SQLite renames no table while a trigger of another one speaks of it."""
    tables = {each._meta.db_table: each for each in apps.get_models()}
    triggers.lift_before_migrate(sender=None)
    with connection.schema_editor() as editor:
        editor._remake_table(tables[model])
    call_command("migrate", verbosity=0)
    assert triggers.missing() == []


@pytest.mark.skipif(connection.vendor != "sqlite", reason="SQLite rebuilds tables")
def test_triggers_are_lifted_before_migrations():
    pre_migrate.send(sender=apps.get_app_config("clinic"))
    assert {guard.name for guard in GUARDS} <= set(triggers.missing())


def test_name_too_long_for_postgresql_is_rejected():
    with pytest.raises(ValueError, match="longer than 63"):
        triggers.Trigger("a" * 60, "clinic_user", "UPDATE", "TRUE")
