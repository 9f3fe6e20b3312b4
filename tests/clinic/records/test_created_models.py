"""Models that a migration creates together: rendered once, created in their order, removed in the opposite one."""

from django.db import connection, migrations, models
from django.db.migrations.state import ProjectState

from clinic.records.created_models import CreateModels, together

OPERATIONS = [
    migrations.CreateModel("Shelf", [("id", models.AutoField(primary_key=True))]),
    migrations.CreateModel(
        "Book",
        [("id", models.AutoField(primary_key=True)), ("shelf", models.ForeignKey("tests.Shelf", models.CASCADE))],
    ),
    migrations.AddField("shelf", "name", models.TextField(default="")),
    migrations.CreateModel("Reader", [("id", models.AutoField(primary_key=True))]),
]


def test_following_models_are_created_by_one_operation():
    shelf_and_book, name, reader = together(OPERATIONS)
    assert [type(each) for each in (shelf_and_book, name, reader)] == [CreateModels, migrations.AddField, CreateModels]
    assert shelf_and_book.describe() == "Create models Shelf, Book"
    assert reader.models == OPERATIONS[3:]


def test_models_are_rendered_once_when_all_are_known():
    before = ProjectState()
    assert before.apps
    after = before.clone()
    together(OPERATIONS)[0].state_forwards("tests", after)
    assert "apps" not in vars(after)
    assert after.apps.get_model("tests", "book")._meta.get_field("shelf").related_model._meta.model_name == "shelf"


def test_tables_are_created_and_removed(transactional_db):
    before, after = ProjectState(), ProjectState()
    operation = together(OPERATIONS)[0]
    operation.state_forwards("tests", after)
    tables = connection.introspection.table_names
    with connection.schema_editor() as editor:
        operation.database_forwards("tests", editor, before, after)
    assert {"tests_shelf", "tests_book"} <= set(tables())
    with connection.schema_editor() as editor:
        operation.database_backwards("tests", editor, after, before)
    assert not {"tests_shelf", "tests_book"} & set(tables())
