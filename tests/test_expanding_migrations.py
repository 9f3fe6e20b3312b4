"""Migrations only add to what an earlier version uses, which serves next to a later one, or are named `contract`."""

import pytest
from django.db import connection, migrations, models
from django.db.migrations.loader import MigrationLoader

from clinic.records.schema_state import OURS, is_contract

# From these on. The earlier ones come with the release after 0.1.0, for which an installation stops all of its servers.
FIRST = {"clinic": 12, "patients": 15, "planning": 15}

HARMLESS = (
    migrations.CreateModel, migrations.AddIndex, migrations.RemoveIndex, migrations.RenameIndex,
    migrations.AlterModelOptions, migrations.AlterModelManagers, migrations.RunPython, migrations.RunSQL,
    migrations.RemoveConstraint,
)  # fmt: skip


def is_addition(operation, state):
    """`state`: the models before the operation. Functions and SQL are read by people: they change rows, or names of
    triggers, only.
    """
    if isinstance(operation, migrations.AddField):
        return (
            operation.field.null
            or operation.field.db_default is not models.NOT_PROVIDED
            or operation.field.many_to_many
        )
    if isinstance(operation, migrations.AlterField):
        former = state.models[state.app, operation.model_name_lower].fields[operation.name]
        return not _is_altered(former, operation.field)
    if isinstance(operation, migrations.SeparateDatabaseAndState):
        return all(is_addition(each, state) for each in operation.database_operations)
    return isinstance(operation, HARMLESS)


def _is_altered(former, field):
    """As Django's schema editor decides whether a column changes."""
    former, field = former.clone(), field.clone()
    for each in (former, field):
        each.set_attributes_from_name("name")
    return connection.SchemaEditorClass(connection)._field_should_be_altered(former, field)


def restricting(migration, state):
    """The operations that an earlier version would notice."""
    found = []
    for operation in migration.operations:
        state.app = migration.app_label
        if not is_addition(operation, state):
            found.append(operation.describe())
        operation.state_forwards(migration.app_label, state)
    return found


def later_migrations():
    loader = MigrationLoader(None)
    for (app, name), migration in loader.disk_migrations.items():
        if app in OURS and int(name.split("_")[0]) >= FIRST[app]:
            yield f"{app}.{name}", migration, loader


def test_later_migrations_only_add_or_are_named_contract():
    found = {}
    for name, migration, loader in later_migrations():
        state = loader.project_state((migration.app_label, migration.name), at_end=False)
        if not is_contract(migration.name) and (noticed := restricting(migration, state)):
            found[name] = noticed
    assert found == {}, "Split each: what only adds, and later a migration NNNN_contract_…. See docs/many-machines.md."


NOTE = models.CharField(max_length=10)
HAS_NOTE = models.CheckConstraint(condition=~models.Q(note=""), name="has_note")


@pytest.mark.parametrize(
    ("operation", "is_harmless"),
    [
        (migrations.AddField("thing", "more", models.IntegerField(null=True)), True),
        (migrations.AddField("thing", "more", models.IntegerField(db_default=0)), True),
        (migrations.AddField("thing", "more", models.IntegerField(default=0)), False),
        (migrations.AlterField("thing", "note", models.CharField("Note", max_length=10)), True),
        (migrations.AlterField("thing", "note", models.CharField(max_length=5)), False),
        (migrations.RemoveField("thing", "note"), False),
        (migrations.RenameField("thing", "note", "text"), False),
        (migrations.DeleteModel("thing"), False),
        (migrations.AddConstraint("thing", HAS_NOTE), False),
        (migrations.SeparateDatabaseAndState([migrations.RemoveField("thing", "note")]), False),
        (migrations.SeparateDatabaseAndState(state_operations=[migrations.RenameField("thing", "note", "text")]), True),
    ],
)
def test_what_an_earlier_version_would_notice_is_found(operation, is_harmless):
    state = migrations.state.ProjectState()
    fields = [("id", models.AutoField(primary_key=True)), ("note", NOTE)]
    migrations.CreateModel("Thing", fields).state_forwards("planning", state)
    migration = migrations.Migration("0099_test", "planning")
    migration.operations = [operation]
    assert (restricting(migration, state) == []) is is_harmless
