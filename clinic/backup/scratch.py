"""A database that exists for one drill: on the same server, or a temporary file."""

import tempfile
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.db import DatabaseError, connection

from clinic.backup.errors import BackupError
from clinic.web.database_url import readable

MARK = "Collum restore drill"


@contextmanager
def scratch_database():
    """The environment of a program that uses it."""
    with _SCRATCH[connection.vendor]() as environment:
        yield environment


@contextmanager
def _on_sqlite():
    # Next to the database: a temporary directory may be in memory, or readable for others.
    with tempfile.TemporaryDirectory(prefix="drill-", dir=settings.VAR_DIR) as folder:
        yield {"DATABASE_URL": f"sqlite:///{Path(folder).absolute() / 'drill.sqlite3'}"}


@contextmanager
def _on_postgresql():
    name = f"{connection.settings_dict['NAME']}_drill"[:63]
    _drop(name)
    try:
        _execute(f"CREATE DATABASE {connection.ops.quote_name(name)}")
        _execute(f"COMMENT ON DATABASE {connection.ops.quote_name(name)} IS '{MARK}'")
    except DatabaseError as error:
        raise BackupError(
            f"The database {name} cannot be created for the drill ({type(error.__cause__).__name__}). "
            "Its user needs CREATEDB, and no database can have this name."
        ) from error
    try:
        yield {"DATABASE_URL": urlsplit(readable(settings.DATABASE_URL))._replace(path=f"/{name}").geturl()}
    finally:
        _drop(name)


def _drop(name):
    """Only if it was made for a drill; an interrupted drill may have left one."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s", [name])
        if cursor.fetchone() == (MARK,):
            cursor.execute(f"DROP DATABASE {connection.ops.quote_name(name)} WITH (FORCE)")


def _execute(statement):
    with connection.cursor() as cursor:
        cursor.execute(statement)


_SCRATCH = {"sqlite": _on_sqlite, "postgresql": _on_postgresql}
