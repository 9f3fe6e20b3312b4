"""Renames triggers in a migration, so that a table is protected all the time, and no trigger keeps the former name.

On SQLite there is nothing to rename: triggers are dropped before each migrate, and installed after it.
"""

from django.db import migrations

_TRIGGERS = """
    SELECT tgname, relname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid
    WHERE relnamespace = current_schema()::regnamespace AND split_part(tgname, '__', 1) = %s
"""


def rename_triggers(renames):
    """`renames` has the new rule of each former one."""
    return migrations.RunPython(_renamed(renames), _renamed({new: former for former, new in renames.items()}))


def _renamed(renames):
    def rename(apps, schema_editor):
        if schema_editor.connection.vendor == "postgresql":
            with schema_editor.connection.cursor() as cursor:
                for former, new in renames.items():
                    _rename(former, new, cursor)

    return rename


def _rename(former, new, cursor):
    cursor.execute(_TRIGGERS, [former])
    for name, table in cursor.fetchall():
        new_name = new + name.removeprefix(former)
        cursor.execute(f"ALTER TRIGGER {name} ON {table} RENAME TO {new_name}")
        cursor.execute(f"ALTER FUNCTION {name}() RENAME TO {new_name}")
