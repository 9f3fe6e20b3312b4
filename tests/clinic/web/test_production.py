"""Production starts with safe settings, or names the unsafe one."""

import contextlib
import logging
import os
import secrets
import sqlite3
import subprocess
import sys

import pytest
from django.conf import settings
from django.db import connection

from clinic.web.environment import DEVELOPMENT_SECRET
from clinic.web.logs import DiscreetFormatter

SECRET = secrets.token_urlsafe(60)
SAFE = {
    "COLLUM_ENV": "production",
    "SECRET_KEY": SECRET,
    "ALLOWED_HOSTS": "collum.example",
    "DATABASE_URL": "postgres://collum@db.example/collum",
}
OURS = {*SAFE, "DEBUG", "COLLUM_VAR", "DJANGO_ALLOW_ASYNC_UNSAFE"}


def start(statement="import clinic.settings", **environment):
    """Run `statement` in a new Python, with only this environment."""
    inherited = {name: value for name, value in os.environ.items() if name not in OURS}
    return subprocess.run(
        [sys.executable, "-c", statement],
        env={**inherited, **environment},
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"SECRET_KEY": ""}, "SECRET_KEY is missing."),
        ({"SECRET_KEY": SECRET[:49]}, "SECRET_KEY is weak."),
        ({"SECRET_KEY": "a" * 80}, "SECRET_KEY is weak."),
        ({"SECRET_KEY": DEVELOPMENT_SECRET}, "SECRET_KEY is weak."),
        ({"SECRET_KEY": "django-insecure-" + SECRET}, "SECRET_KEY is weak."),
        ({"DEBUG": "true"}, "DEBUG is on."),
        ({"DEBUG": "1"}, "DEBUG is on."),
        ({"ALLOWED_HOSTS": ""}, "ALLOWED_HOSTS is missing."),
        ({"ALLOWED_HOSTS": "*"}, "ALLOWED_HOSTS contains “*”."),
        ({"ALLOWED_HOSTS": "collum.example, *"}, "ALLOWED_HOSTS contains “*”."),
        ({"DATABASE_URL": ""}, "DATABASE_URL must name a PostgreSQL database in production."),
        ({"DATABASE_URL": "sqlite:///collum.sqlite3"}, "DATABASE_URL must name a PostgreSQL database"),
        ({"API_REQUESTS_PER_MINUTE": "0"}, "API_REQUESTS_PER_MINUTE is “0”; it must be a whole number above 0."),
        ({"API_REQUESTS_PER_MINUTE": "many"}, "API_REQUESTS_PER_MINUTE is “many”; it must be"),
        ({"COLLUM_ENV": "staging"}, "COLLUM_ENV is “staging”; it must be “development” or “production”."),
    ],
)
def test_unsafe_production_does_not_start_and_names_setting(changed, sentence):
    started = start(**{**SAFE, **changed})
    assert started.returncode != 0
    last_line = started.stderr.strip().splitlines()[-1]
    assert last_line.startswith("django.core.exceptions.ImproperlyConfigured: " + sentence)


def test_safe_production_starts_and_protects_its_cookies():
    started = start(
        "from clinic.settings import *; print(DEBUG, SESSION_COOKIE_SECURE, CSRF_COOKIE_SECURE, SECURE_SSL_REDIRECT,"
        " SECURE_HSTS_SECONDS > 0)",
        **SAFE,
    )
    assert started.stdout.split() == ["False", "True", "True", "True", "True"], started.stderr


def test_development_starts_without_any_setting(tmp_path):
    started = start(
        "from clinic.settings import *; print(DEBUG, DATABASES['default']['NAME'])",
        COLLUM_VAR=str(tmp_path / "a" / "b"),
    )
    assert started.stdout.split() == ["False", str(tmp_path / "a" / "b" / "collum.sqlite3")], started.stderr


def test_deployment_check_of_safe_settings_reports_nothing():
    started = start(
        "import sys; sys.argv = ['manage.py', 'check', '--deploy', '--fail-level', 'WARNING'];"
        "import runpy; runpy.run_path('manage.py', run_name='__main__')",
        **SAFE,
    )
    assert started.returncode == 0, started.stderr


@pytest.mark.skipif(connection.vendor != "postgresql", reason="production runs on PostgreSQL")
@pytest.mark.django_db
def test_production_does_not_start_with_an_unsafe_database():
    # Given the tests' own database, by a URL that switches its safety off
    own = connection.settings_dict
    address = f"postgres://{own['USER']}:{own['PASSWORD']}@{own['HOST']}:{own['PORT']}/{own['NAME']}"

    # Then it serves with the safety on, and not with it off
    as_is = start("import clinic.wsgi", **{**SAFE, "DATABASE_URL": address})
    assert "synchronous_commit" not in as_is.stderr
    unsafe = start("import clinic.wsgi", **{**SAFE, "DATABASE_URL": address + "?options=-c%20synchronous_commit%3Doff"})
    assert unsafe.returncode != 0
    assert "The database setting synchronous_commit is “off”" in unsafe.stderr.strip().splitlines()[-1]


def test_production_does_not_start_without_database_guards(tmp_path):
    # Given a database of its own, as migrated
    started = start(
        "from django.core.management import call_command as call; import django, os;"
        "os.environ['DJANGO_SETTINGS_MODULE'] = 'clinic.settings'; django.setup();"
        "call('migrate', verbosity=0); import clinic.wsgi",
        COLLUM_VAR=str(tmp_path),
    )
    assert started.returncode == 0, started.stderr

    # When a trigger is removed from it, then Collum does not start
    with contextlib.closing(sqlite3.connect(tmp_path / "collum.sqlite3")) as database:
        database.execute("DROP TRIGGER clinic_auditentry_is_only_added_to__update")
        database.commit()
    started = start("import clinic.wsgi", COLLUM_VAR=str(tmp_path))
    assert "The database is missing clinic_auditentry_is_only_added_to__update." in started.stderr.splitlines()[-1]


def test_production_log_names_the_place_but_no_data():
    row = "(Söderström, Ingrid)"
    try:
        try:
            raise ValueError(row)
        except ValueError as error:
            raise RuntimeError(row) from error
    except RuntimeError:
        record = logging.LogRecord("collum", logging.ERROR, "", 0, "Internal Server Error: /", (), sys.exc_info())
    line = DiscreetFormatter("%(message)s").format(record)
    assert "Ingrid" not in line
    assert "test_production.py" in line
    assert "ValueError" in line
    assert "RuntimeError" in line


def test_production_uses_the_log_formatter():
    started = start("from clinic.settings import *; print(LOGGING['handlers']['console']['formatter'])", **SAFE)
    assert started.stdout.strip() == "discreet"
