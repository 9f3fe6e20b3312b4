"""Renames constraints in a migration: Django would drop each, and check all rows again to add it."""

from django.db import models
from django.db.migrations.operations.base import Operation


class RenameConstraints(Operation):
    """`names`: for each model, the new name of each former one."""

    def __init__(self, names):
        self.names = names

    def state_forwards(self, app_label, state):
        for model, names in self.names.items():
            options = state.models[app_label, model].options
            options["constraints"] = [_renamed(each, names) for each in options["constraints"]]
        state.reload_models({(app_label, model) for model in self.names}, delay=True)

    def database_forwards(self, app_label, schema_editor, from_state, to_state):
        for model, names in self.names.items():
            former, new = (state.apps.get_model(app_label, model) for state in (from_state, to_state))
            if schema_editor.connection.vendor == "sqlite":
                schema_editor._remake_table(new)
                continue
            for constraint in former._meta.constraints:
                if constraint.name in names:
                    self._rename(constraint, names[constraint.name], former, schema_editor)

    @staticmethod
    def _rename(constraint, name, model, schema_editor):
        table, former, new = map(schema_editor.quote_name, (model._meta.db_table, constraint.name, name))
        if _is_an_index(constraint):
            schema_editor.execute(f"ALTER INDEX {former} RENAME TO {new}")
        else:
            schema_editor.execute(f"ALTER TABLE {table} RENAME CONSTRAINT {former} TO {new}")

    def database_backwards(self, app_label, schema_editor, from_state, to_state):
        former = {model: {new: name for name, new in names.items()} for model, names in self.names.items()}
        RenameConstraints(former).database_forwards(app_label, schema_editor, from_state, to_state)

    def describe(self):
        return f"Rename constraints of {', '.join(sorted(self.names))}"


def _renamed(constraint, names):
    renamed = constraint.clone()
    renamed.name = names.get(constraint.name, constraint.name)
    return renamed


def _is_an_index(constraint):
    is_unique = isinstance(constraint, models.UniqueConstraint)
    return is_unique and bool(constraint.condition or constraint.expressions)
