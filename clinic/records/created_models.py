"""Creates many models in a migration: for each single one, Django would render all related models again."""

from itertools import groupby

from django.db.migrations.operations import CreateModel
from django.db.migrations.operations.base import Operation


def together(operations):
    """The same operations; models that are created one after the other are created by one of them."""
    groups = groupby(operations, key=lambda operation: isinstance(operation, CreateModel))
    return [each for is_model, group in groups for each in ([CreateModels(list(group))] if is_model else group)]


class CreateModels(Operation):
    """`models`: operations, each of which creates a model. They may refer to each other."""

    def __init__(self, models):
        self.models = models

    def state_forwards(self, app_label, state):
        state.__dict__.pop("apps", None)  # rendered once, when all models are known
        for model in self.models:
            model.state_forwards(app_label, state)

    def database_forwards(self, app_label, schema_editor, from_state, to_state):
        for model in self.models:
            model.database_forwards(app_label, schema_editor, from_state, to_state)

    def database_backwards(self, app_label, schema_editor, from_state, to_state):
        for model in reversed(self.models):
            model.database_backwards(app_label, schema_editor, from_state, to_state)

    def describe(self):
        return f"Create models {', '.join(model.name for model in self.models)}"
