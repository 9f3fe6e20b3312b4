"""Production starts with safe settings, or names the unsafe one."""

import base64
import contextlib
import json
import logging
import os
import secrets
import sqlite3
import subprocess
import sys

import pytest
from django.conf import settings
from django.db import connection

from clinic.web.environment import DEVELOPMENT_AUDIT_KEYS, DEVELOPMENT_FACTOR_KEY, DEVELOPMENT_SECRET
from clinic.web.logs import JsonFormatter

SECRET = secrets.token_urlsafe(60)
KEY = base64.b64encode(secrets.token_bytes(32)).decode()
SAFE = {
    "COLLUM_ENV": "production",
    "SECRET_KEY": SECRET,
    "SECOND_FACTOR_KEYS": KEY,
    "AUDIT_KEYS": f"2026:{SECRET},2025:{SECRET}",
    "ALLOWED_HOSTS": "collum.example",
    "DATABASE_URL": "postgres://collum@127.0.0.1:1/collum",
}
OURS = {*SAFE, "SECOND_FACTOR", "DEBUG", "COLLUM_VAR", "DJANGO_ALLOW_ASYNC_UNSAFE"}


def start(statement="import clinic.settings", *, asked="", **environment):
    """Run `statement` in a new Python, with only this environment and `asked` as its input."""
    inherited = {name: value for name, value in os.environ.items() if name not in OURS}
    return subprocess.run(
        [sys.executable, "-c", statement],
        env={**inherited, **environment},
        cwd=settings.BASE_DIR,
        input=asked,
        capture_output=True,
        text=True,
        timeout=60,
    )


UNSAFE = [
    ({"SECRET_KEY": ""}, "SECRET_KEY is missing."),
    ({"SECRET_KEY": SECRET[:49]}, "SECRET_KEY is weak."),
    ({"SECRET_KEY": "a" * 80}, "SECRET_KEY is weak."),
    ({"SECRET_KEY": DEVELOPMENT_SECRET}, "SECRET_KEY is weak."),
    ({"SECRET_KEY": "django-insecure-" + SECRET}, "SECRET_KEY is weak."),
    ({"SECOND_FACTOR_KEYS": ""}, "SECOND_FACTOR_KEYS is missing."),
    ({"SECOND_FACTOR_KEYS": " , "}, "SECOND_FACTOR_KEYS is missing."),
    ({"SECOND_FACTOR_KEYS": f"{KEY},{DEVELOPMENT_FACTOR_KEY}"}, "SECOND_FACTOR_KEYS contains the published key"),
    ({"SECOND_FACTOR_KEYS": f"{KEY},{KEY[:-4]}"}, "SECOND_FACTOR_KEYS: key 2 is not 32 random bytes in Base64."),
    ({"SECOND_FACTOR_KEYS": "ключ"}, "SECOND_FACTOR_KEYS: key 1 is not 32 random bytes in Base64."),
    ({"SECOND_FACTOR": "sometimes"}, "SECOND_FACTOR is “sometimes”; it must be “required” or “offered”."),
    ({"AUDIT_KEYS": ""}, "AUDIT_KEYS is missing."),
    ({"AUDIT_KEYS": f"2026:{SECRET[:49]}"}, "AUDIT_KEYS is weak."),
    ({"AUDIT_KEYS": f"2026:{SECRET},2025:{'a' * 80}"}, "AUDIT_KEYS is weak."),
    ({"AUDIT_KEYS": f"2026:{SECRET},2026:{SECRET}"}, "AUDIT_KEYS contains the id “2026” twice."),
    ({"AUDIT_KEYS": SECRET}, "AUDIT_KEYS cannot be read."),
    ({"AUDIT_KEYS": f"2026:{SECRET},{DEVELOPMENT_AUDIT_KEYS}"}, "AUDIT_KEYS contains the key for development"),
    ({"DEBUG": "true"}, "DEBUG is on."),
    ({"DEBUG": "1"}, "DEBUG is “1”; it must be “true” or “false”."),
    ({"ALLOWED_HOSTS": ""}, "ALLOWED_HOSTS is missing."),
    ({"ALLOWED_HOSTS": "*"}, "ALLOWED_HOSTS contains “*”."),
    ({"ALLOWED_HOSTS": "collum.example, *"}, "ALLOWED_HOSTS contains “*”."),
    ({"DATABASE_URL": ""}, "DATABASE_URL must name a PostgreSQL database in production."),
    ({"DATABASE_URL": "sqlite:///collum.sqlite3"}, "DATABASE_URL must name a PostgreSQL database"),
    ({"API_REQUESTS_PER_MINUTE": "0"}, "API_REQUESTS_PER_MINUTE is “0”; it must be a whole number above 0."),
    ({"API_REQUESTS_PER_MINUTE": "many"}, "API_REQUESTS_PER_MINUTE is “many”; it must be"),
    ({"SECRET_KEY": "1234567890" * 8}, "SECRET_KEY is weak."),
    ({"ALLOWED_HOSTS": ".com"}, "ALLOWED_HOSTS contains “.com”, which is not the name of a host."),
    ({"ALLOWED_HOSTS": "1234567890123456"}, "ALLOWED_HOSTS contains “1234567890123456”"),
    ({"ALLOWED_HOSTS": "collum.example/path"}, "ALLOWED_HOSTS contains “collum.example/path”"),
    ({"BEHIND_TLS_PROXY": "maybe"}, "BEHIND_TLS_PROXY is “maybe”; it must be “true” or “false”."),
    ({"HSTS_SUBDOMAINS": "2"}, "HSTS_SUBDOMAINS is “2”; it must be “true” or “false”."),
    ({"DEBUG": "perhaps"}, "DEBUG is “perhaps”; it must be “true” or “false”."),
    ({"LOG_LEVEL": "loud"}, "LOG_LEVEL is “loud”; it must be DEBUG, INFO, WARNING or ERROR."),
    ({"EMAIL_URL": "mail.example"}, "EMAIL_URL cannot be read."),
    ({"EMAIL_URL": "smtp://u:secret@mail.example:port"}, "EMAIL_URL cannot be read."),
    ({"DATABASE_URL": "collum"}, "DATABASE_URL cannot be read."),
    ({"DATABASE_URL": "mysql://collum@db.example/collum"}, "DATABASE_URL cannot be read."),
    ({"DATABASE_URL": "postgres://u:secret@db.example:port/collum"}, "DATABASE_URL cannot be read."),
    (
        {"DATABASE_URL": "postgres://u:secret@db.example/collum"},
        "DATABASE_URL names the host “db.example” without demand",
    ),
    ({"DATABASE_URL": "postgres://u@10.0.0.7/collum?sslmode=prefer"}, "DATABASE_URL names the host “10.0.0.7” without"),
    ({"DATABASE_URL": "postgres://u@/collum?host=db.example"}, "DATABASE_URL names the host “db.example” without"),
    ({"DATABASE_URL": "postgres://u@localhost/collum?hostaddr=10.0.0.7"}, "DATABASE_URL names the host “10.0.0.7”"),
    ({"DATABASE_WITHOUT_TLS": "maybe"}, "DATABASE_WITHOUT_TLS is “maybe”; it must be “true” or “false”."),
    (
        {"DATABASE_URL": "postgres://u:secret@a,b,c/collum"},
        "DATABASE_URL names several hosts. Add ?target_",
    ),
    ({"DATABASE_URL": "postgres://u:secret@a,b/collum?target_session_attrs=any"}, "DATABASE_URL names several hosts."),
    (
        {"DATABASE_URL": "postgres://u:secret@a:5433,b/collum?target_session_attrs=read-write"},
        "DATABASE_URL names a port for some hosts only.",
    ),
    ({"SCRIPT_NAME": "collum/"}, "SCRIPT_NAME is “collum/”; it must begin with “/” and not end with it"),
    ({"COLLUM_ENV": "staging"}, "COLLUM_ENV is “staging”; it must be “development” or “production”."),
]
# Reads the settings once for each environment of its input, and answers with what each raised.
HOSTS = [{"ALLOWED_HOSTS": host} for host in ("collum.example", ".clinic.example", "10.0.0.7", "collum")]
DATABASES = [
    *(
        {"DATABASE_URL": f"postgres://collum@{place}"}
        for place in (
            "localhost/collum",
            "127.0.0.1:1,[::1]:1/collum?target_session_attrs=read-write",
            "/collum?host=/run/postgresql",
            "db.example/collum?sslmode=require",
            "db.example/collum?sslmode=verify-full&sslrootcert=/etc/collum/ca.pem",
        )
    ),
    {"DATABASE_URL": "postgres://collum@db.example/collum", "DATABASE_WITHOUT_TLS": "true"},
]
READ_SETTINGS = """
import importlib, json, os, sys
answers, module, inherited = [], None, dict(os.environ)
for environment in json.load(sys.stdin):
    os.environ.clear()
    os.environ.update({**inherited, **environment})
    try:
        module = importlib.reload(module) if module else importlib.import_module("clinic.settings")
        answers.append("")
    except Exception as error:
        sys.modules.pop("clinic.settings", None)
        module = None
        answers.append(f"{type(error).__name__}: {error}")
print(json.dumps(answers))
"""


@pytest.fixture(scope="module")
def responses():
    """What Collum answers to unsafe settings and names of hosts; read in one process, which takes a while to start."""
    asked = json.dumps([{**SAFE, **changed} for changed in [*(one for one, _ in UNSAFE), *HOSTS, *DATABASES]])
    started = start(READ_SETTINGS, asked=asked)
    assert started.returncode == 0, started.stderr
    return json.loads(started.stdout)


@pytest.mark.parametrize("number", range(len(UNSAFE)), ids=[message for _, message in UNSAFE])
def test_production_does_not_start_and_names_the_setting(number, responses):
    assert responses[number].startswith(f"ImproperlyConfigured: {UNSAFE[number][1]}")
    assert "secret@" not in responses[number]


@pytest.mark.parametrize(
    ("environment", "message"),
    [
        ({"ALLOWED_HOSTS": "localhost,collum.example"}, "COLLUM_ENV is missing, and ALLOWED_HOSTS contains “collum"),
        ({"ALLOWED_HOSTS": "collum.example", "COLLUM_ENV": "development"}, "SECRET_KEY is weak."),
        (
            {"ALLOWED_HOSTS": "collum.example", "COLLUM_ENV": "development", "SECRET_KEY": SECRET},
            "SECOND_FACTOR_KEYS contains the published key",
        ),
    ],
)
def test_development_does_not_serve_others_with_a_known_key(environment, message):
    started = start(**environment)
    assert f"ImproperlyConfigured: {message}" in started.stderr.strip().splitlines()[-1]


@pytest.mark.parametrize("hosts", ["localhost,127.0.0.1,[::1]", "clinic.localhost"])
def test_development_serves_this_machine(hosts, tmp_path):
    assert start(ALLOWED_HOSTS=hosts, COLLUM_VAR=str(tmp_path)).returncode == 0


def test_production_accepts_names_and_addresses_of_hosts(responses):
    assert responses[len(UNSAFE) :][: len(HOSTS)] == [""] * len(HOSTS)


def test_database_that_is_local_or_demands_tls_is_accepted(responses):
    assert responses[len(UNSAFE) + len(HOSTS) :] == [""] * len(DATABASES)


def test_safe_production_starts_and_protects_its_cookies():
    started = start(
        "from clinic.settings import *; print(DEBUG, SESSION_COOKIE_SECURE, CSRF_COOKIE_SECURE, SECURE_SSL_REDIRECT,"
        " SECURE_HSTS_SECONDS > 0)",
        **SAFE,
    )
    assert started.stdout.split() == ["False", "True", "True", "True", "True"], started.stderr


@pytest.mark.parametrize(
    ("environment", "required"),
    [
        (SAFE, "True"),
        ({**SAFE, "SECOND_FACTOR": "offered"}, "False"),
        ({}, "False"),
        ({"SECOND_FACTOR": "required"}, "True"),
    ],
)
def test_second_factor_is_required_in_production(environment, required, tmp_path):
    printed = start(
        "from clinic.settings import *; print(SECOND_FACTOR_IS_REQUIRED, MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN)",
        **{"COLLUM_VAR": str(tmp_path), **environment},
    )
    assert printed.stdout.split() == [required, str(environment.get("COLLUM_ENV") != "production")], printed.stderr


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


def test_server_starts_while_its_database_does_not_respond():
    """gunicorn ends all of the server if one worker cannot start."""
    started = start("import clinic.wsgi", **SAFE)
    assert started.returncode == 0, started.stderr
    assert "The database does not respond. It is checked before the first page." in started.stderr


@pytest.mark.engine
@pytest.mark.skipif(connection.vendor != "postgresql", reason="production runs on PostgreSQL")
@pytest.mark.django_db
def test_production_does_not_start_with_an_unsafe_database():
    # Given the tests' own database, by a URL that switches its safety off
    own = connection.settings_dict
    address = f"postgres://{own['USER']}:{own['PASSWORD']}@{own['HOST']}:{own['PORT']}/{own['NAME']}"

    # Then it serves with the safety on, and not with it off
    trusted = {**SAFE, "TRUST_DATABASE_ROLE": "true", "DATABASE_WITHOUT_TLS": "true"}
    as_is = start("import clinic.wsgi", **{**trusted, "DATABASE_URL": address})
    assert as_is.returncode == 0, as_is.stderr
    assert "synchronous_commit" not in as_is.stderr
    unsafe = start(
        "import clinic.wsgi", **{**trusted, "DATABASE_URL": address + "?options=-c%20synchronous_commit%3Doff"}
    )
    assert unsafe.returncode != 0
    assert "The database setting synchronous_commit is “off”" in unsafe.stderr.strip().splitlines()[-1]


@pytest.mark.engine
@pytest.mark.skipif(connection.vendor != "postgresql", reason="production runs on PostgreSQL")
@pytest.mark.django_db
def test_production_does_not_start_as_owner_of_the_tables():
    own = connection.settings_dict
    address = f"postgres://{own['USER']}:{own['PASSWORD']}@{own['HOST']}:{own['PORT']}/{own['NAME']}"
    started = start("import clinic.wsgi", **{**SAFE, "DATABASE_URL": address, "DATABASE_WITHOUT_TLS": "true"})
    message = started.stderr.strip().splitlines()[-1]
    assert f"The database role {own['USER']} has too many privileges: it is a superuser" in message
    assert ", owns " in message
    assert "deploy/postgresql-roles.sql" in message


@pytest.mark.parametrize(
    ("hosts", "read"),
    [
        ("10.0.0.1,10.0.0.2", "10.0.0.1,10.0.0.2 - 2 2 1 2 3000 5s"),
        ("10.0.0.1:5433,10.0.0.2:5434", "10.0.0.1,10.0.0.2 5433,5434 2 2 1 2 3000 5s"),
        ("[fd00::1]:5432,[fd00::2]:5432", "fd00::1,fd00::2 5432,5432 2 2 1 2 3000 5s"),
        ("10.0.0.1:5433", "10.0.0.1 5433 5 10 3 3 10000 10s"),
    ],
)
def test_hosts_of_a_cluster_are_tried_one_after_the_other(hosts, read):
    url = f"postgres://u:p@{hosts}/collum?target_session_attrs=read-write&sslmode=verify-full"
    shown = start(
        "from clinic.settings import DATABASES; d = DATABASES['default']; o = d['OPTIONS'];"
        "limits = 'connect_timeout keepalives_idle keepalives_interval keepalives_count tcp_user_timeout'.split();"
        "print(d['HOST'], d['PORT'] or '-', *map(o.get, limits), o['options'].rpartition('=')[2])",
        **{**SAFE, "DATABASE_URL": url},
    )
    assert shown.stdout.strip() == read, shown.stderr


@pytest.mark.engine
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no network")
@pytest.mark.django_db
def test_lost_host_or_long_statement_ends_soon():
    own = connection.settings_dict
    url = f"postgres://{own['USER']}:{own['PASSWORD']}@{own['HOST']}:{own['PORT']}/{own['NAME']}"
    shown = start(
        "import clinic.wsgi; from django.db import connection as c; cursor = c.cursor();"
        "show = lambda name: (cursor.execute('SHOW ' + name), cursor.fetchone()[0])[1];"
        "print(show('statement_timeout'), show('lock_timeout'), show('tcp_user_timeout'), show('work_mem'));"
        "print(c.get_connection_params()['connect_timeout'], c.get_connection_params()['tcp_user_timeout'])",
        **{
            **SAFE, "TRUST_DATABASE_ROLE": "true", "DATABASE_WITHOUT_TLS": "true",
            "DATABASE_URL": f"{url}?options=-c%20work_mem%3D5MB",
        },
    )  # fmt: skip
    assert shown.stdout.split()[:2] == ["20s", "10s"], shown.stderr
    assert shown.stdout.split()[-3:] == ["5MB", "5", "10000"]
    assert f"Collum serves from PostgreSQL {connection.pg_version // 10_000}" in shown.stderr


@pytest.mark.skipif(connection.vendor != "sqlite", reason="copies the file of the tests' database")
@pytest.mark.django_db(transaction=True)
def test_server_does_not_start_without_database_guards(tmp_path):
    # Given a migrated database of its own
    connection.ensure_connection()
    with contextlib.closing(sqlite3.connect(tmp_path / "collum.sqlite3")) as database:
        connection.connection.backup(database)
    started = start("import clinic.wsgi", COLLUM_VAR=str(tmp_path))
    assert started.returncode == 0, started.stderr
    assert f"Collum serves from SQLite {sqlite3.sqlite_version}, journal mode wal." in started.stderr

    # When a trigger is removed from it, then Collum does not start
    with contextlib.closing(sqlite3.connect(tmp_path / "collum.sqlite3")) as database:
        database.execute("DROP TRIGGER clinic_auditentry_is_append_only__update")
        database.commit()
    started = start("import clinic.wsgi", COLLUM_VAR=str(tmp_path))
    assert "The database is missing clinic_auditentry_is_append_only__update." in started.stderr.splitlines()[-1]


def test_production_log_names_the_place_but_no_data():
    row = "(Söderström, Ingrid)"
    try:
        try:
            raise ValueError(row)
        except ValueError as error:
            raise RuntimeError(row) from error
    except RuntimeError:
        record = logging.LogRecord("collum", logging.ERROR, "", 0, "Internal Server Error: /", (), sys.exc_info())
    record.request_id = "3f2a"
    text = JsonFormatter().format(record)
    assert "Ingrid" not in text
    assert "\n" not in text
    line = json.loads(text)
    assert (line["level"], line["request_id"]) == ("ERROR", "3f2a")
    assert line["message"] == "Internal Server Error: /"
    assert all(part in line["exception"] for part in ("test_production.py", "ValueError", "RuntimeError"))


def test_production_logs_json_lines():
    log = "logging.getLogger('x').info('a “b”\\nc')"
    started = start(
        "import logging, django; django.setup(); from clinic.web.logs import lines_of\n"
        f"{log}\nwith lines_of('3f2a'): {log}",
        **SAFE,
    )
    for line, request in zip(started.stderr.splitlines(), ("-", "3f2a"), strict=True):
        assert json.loads(line) | {"time": ""} == {
            "time": "", "level": "INFO", "logger": "x", "request_id": request, "message": "a “b”\nc",
        }  # fmt: skip
