"""What a backup contains: every table of Collum's models at given migrations, except LEFT_OUT."""

from dataclasses import dataclass
from functools import cache

from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.db.models import AutoField, BigAutoField, SmallAutoField

from clinic.backup.column_kinds import kind_of
from clinic.backup.errors import BackupError

# Of no use later, or wrong in another database. A restore empties them. docs/backup.md gives the reasons.
LEFT_OUT = ("clinic_cache", "clinic_loginfailures", "django_session")
DJANGO_FILLS = {"auth_permission", "django_content_type", "django_migrations"}

_filled = set(DJANGO_FILLS)


def register_filled(*tables):
    """Tables that migrations fill: their rows do not make a database count as used."""
    _filled.update(tables)


def filled_by_migrations():
    return frozenset(_filled)


@dataclass(frozen=True)
class Table:
    name: str
    columns: tuple[tuple[str, str], ...]
    key: tuple[str, ...]
    auto: str = ""  # the column that counts by itself

    def quoted(self, connection):
        return connection.ops.quote_name(self.name)

    def ordered_by(self, connection):
        """The same order on both engines: SQLite compares text by bytes."""
        kinds, quote = dict(self.columns), connection.ops.quote_name
        by_bytes = ' COLLATE "C"' if connection.vendor == "postgresql" else ""
        return ", ".join(f"{quote(name)}{by_bytes if kinds[name] == 'text' else ''}" for name in self.key)


def applied_to(connection):
    """The migrations of a database, as sorted (app, name)."""
    return sorted(MigrationRecorder(connection).applied_migrations())


def known_migrations():
    return sorted(MigrationLoader(None).graph.nodes)


def tables_at(migrations):
    """The tables that these migrations lead to, by name."""
    return _tables_at(tuple(map(tuple, migrations)))


@cache
def _tables_at(migrations):
    loader = MigrationLoader(None)
    if unknown := sorted(set(migrations) - loader.graph.nodes.keys()):
        raise BackupError(
            f"A newer release of Collum is needed: this one does not have the migration {'.'.join(unknown[0])}."
        )
    found = loader.project_state(migrations).apps.get_models(include_auto_created=True)
    models = [model for model in found if model._meta.managed and not model._meta.proxy]
    tables = [_table(model) for model in [*models, MigrationRecorder.Migration]]
    return sorted((table for table in tables if table.name not in LEFT_OUT), key=lambda table: table.name)


def _table(model):
    fields = [field for field in model._meta.concrete_fields if not field.generated]
    key = model._meta.pk_fields
    counts = isinstance(model._meta.pk, AutoField | BigAutoField | SmallAutoField)
    return Table(
        name=model._meta.db_table,
        columns=tuple((field.column, kind_of(field)) for field in fields),
        key=tuple(field.column for field in key),
        auto=model._meta.pk.column if counts else "",
    )
