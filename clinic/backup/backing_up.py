"""Writing a backup, and the digests of a database."""

import datetime as dt
from functools import partial
from typing import NamedTuple

from django.apps import apps
from django.db import connection

from clinic.backup import backup_file
from clinic.backup.backed_up_tables import LEFT_OUT, applied_to, tables_at
from clinic.backup.backup_format import FORMAT, BackupWriter
from clinic.backup.errors import BackupError
from clinic.backup.snapshots import last_id, snapshot
from clinic.backup.table_rows import digest, read_rows

RELEASE = "0.1.0+"  # with +, what was added after this release


class Written(NamedTuple):
    tables: int
    rows: int
    size: int


def back_up(path, *, keys, progress):
    """Write all rows as they are now into a new file. `progress(text)` is called for each table."""
    backup_file.refuse_existing(path)
    with snapshot(connection) as source:
        migrations = applied_to(source)
        if not migrations:
            raise BackupError("The database is empty: no migration was applied to it.")
        tables = tables_at(migrations)
        with backup_file.created(path, keys) as out:
            writer = BackupWriter(out, _header(source, migrations, tables))
            for table in tables:
                read = partial(read_rows, source, table)
                added = writer.add(table, read, last_id(source, table))
                progress(f"{table.name}: {added.rows:,} rows")
            writer.end()
    return Written(writer.tables, writer.rows, path.stat().st_size)


def _header(source, migrations, tables):
    return {
        "format": FORMAT,
        "release": RELEASE,
        "engine": source.vendor,
        "at": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        "installation": _installation(source, tables),
        "migrations": migrations,
        "tables": [table.name for table in tables],
        "left_out": LEFT_OUT,
    }


def _installation(source, tables):
    """None if the database is from before installations had one."""
    clinic = apps.get_model("clinic", "Clinic")._meta
    columns = {table.name: dict(table.columns) for table in tables}
    if "installation" not in columns.get(clinic.db_table, {}):
        return None
    with source.cursor() as cursor:
        cursor.execute(f"SELECT installation FROM {source.ops.quote_name(clinic.db_table)}")
        return str(next(iter(cursor.fetchall()), [""])[0]).replace("-", "")


def unknown_tables(source):
    """Tables that are not Collum's, so that no backup contains them."""
    ours = {table.name for table in tables_at(applied_to(source))} | {*LEFT_OUT}
    return sorted(set(source.introspection.table_names()) - ours)


def digests():
    """(table, rows, SHA-256) of each table as it is now."""
    with snapshot(connection) as source:
        for table in tables_at(applied_to(source)):
            found = digest(source, table)
            yield table.name, found.rows, found.sha256
