"""Test databases that are copies: the migrations run once for all workers, and again after any change of the code."""

import fcntl
import hashlib
import os
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.db import connection

PACKAGES = ("clinic", "patients", "planning")
SQLITE = connection.vendor == "sqlite"


def create():
    """Connect to a new copy for this process. Returns what Django's teardown_databases() takes."""
    configured, suffix = connection.settings_dict["NAME"], str(os.getpid())
    with _only_one_process():
        _connect_to(_template())
        connection.creation.clone_test_db(suffix=suffix, verbosity=0)
    _connect_to(connection.creation.get_test_db_clone_settings(suffix)["NAME"])
    return [(connection, configured, True)]


@contextmanager
def _only_one_process():
    with (Path(settings.VAR_DIR) / "test-databases.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _template():
    """The name of a migrated database, which nothing is connected to."""
    begin = str(settings.VAR_DIR / "test-") if SQLITE else f"test_{connection.settings_dict['NAME']}_"
    end = ".sqlite3" if SQLITE else ""
    name = f"{begin}{digest_of_code(settings.BASE_DIR)}{end}"
    made = _databases(begin)
    if name not in made:
        for old in made:
            _remove(old)
        # A run that ended too early leaves no half-migrated database under the final name.
        connection.settings_dict["TEST"]["NAME"] = f"{begin}unfinished{end}"
        connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
        connection.close()
        _rename(connection.settings_dict["NAME"], name)
    return name


def digest_of_code(folder):
    """Twelve hexadecimal digits. Not only of the migrations, because guards are installed from other modules."""
    files = sorted(path for package in PACKAGES for path in (folder / package).rglob("*.py"))
    whole = hashlib.sha256((folder / "requirements.lock").read_bytes())
    for path in files:
        whole.update(str(path.relative_to(folder)).encode() + b"\0" + path.read_bytes() + b"\0")
    return whole.hexdigest()[:12]


def _connect_to(name):
    connection.close()
    settings.DATABASES["default"]["NAME"] = connection.settings_dict["NAME"] = name


def _databases(begin):
    if SQLITE:
        return [str(path) for path in settings.VAR_DIR.glob("test-*.sqlite3")]
    with connection.creation._nodb_cursor() as cursor:
        cursor.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [begin])
        return [name for (name,) in cursor.fetchall()]


def _remove(name):
    if SQLITE:
        os.remove(name)
    else:
        _execute(f"DROP DATABASE {connection.ops.quote_name(name)} WITH (FORCE)")


def _rename(name, new):
    if SQLITE:
        os.rename(name, new)
    else:
        quote = connection.ops.quote_name
        _execute(f"ALTER DATABASE {quote(name)} RENAME TO {quote(new)}")


def _execute(statement):
    with connection.creation._nodb_cursor() as cursor:
        cursor.execute(statement)
