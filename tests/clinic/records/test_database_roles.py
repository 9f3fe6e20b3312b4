"""Two database roles: one owns the tables and migrates, the other serves, and cannot change what is only added to."""

import base64
import contextlib
import json
import os
import secrets
import subprocess
import sys

import pytest
from django.conf import settings
from django.db import connection

from clinic.records import privileges

pytestmark = [
    pytest.mark.engine,
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no roles"),
]

SCRIPT = settings.BASE_DIR / "deploy" / "postgresql-roles.sql"


def execute(database, *statements):
    own = connection.settings_dict
    server = connection.Database.connect(
        dbname=database, user=own["USER"], password=own["PASSWORD"], host=own["HOST"], port=own["PORT"]
    )
    server.autocommit = True
    with contextlib.closing(server), server.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


@pytest.fixture(scope="module")
def urls():
    """DATABASE_URL of the owner and of the server, in a database of their own. Roles belong to the whole server."""
    own, number = connection.settings_dict, os.getpid()
    owner, app, name = f"collum_owner_{number}", f"collum_app_{number}", f"roles_{number}"
    script = SCRIPT.read_text().replace("collum_owner", owner).replace("collum_app", app)
    password = f"WITH PASSWORD '{name}'"
    execute("postgres", f"CREATE DATABASE {name}")
    try:
        execute(name, script, f"ALTER ROLE {owner} {password}", f"ALTER ROLE {app} {password}")
        place = f"{own['HOST']}:{own['PORT']}/{name}"
        yield f"postgres://{owner}:{name}@{place}", f"postgres://{app}:{name}@{place}", (name, script, owner)
    finally:
        execute("postgres", f"DROP DATABASE {name} WITH (FORCE)", f"DROP ROLE {owner}, {app}")


def run(*arguments, url, **environment):
    env = {**os.environ, "DATABASE_URL": url, **environment}
    ended = subprocess.run([sys.executable, *arguments], cwd=settings.BASE_DIR, env=env, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


@pytest.mark.full
def test_server_writes_as_a_role_that_owns_nothing(urls):
    owner, app, (name, script, role) = urls
    # Given tables that the owner's migration created
    run("manage.py", "migrate", "--verbosity", "0", url=owner)

    # When the server's role records everything, it cannot change or remove what is only added to
    written = json.loads(run("-m", "tests.clinic.records.role_writes", role, url=app))
    assert written["excessive"] == []
    assert written["bad"] == {}
    assert written["seals"] == 1
    assert written["entries"] > 40
    assert set(written["tables"]) >= {
        "clinic_auditentry", "clinic_auditedpatient", "clinic_auditseal", "planning_signedrecord",
    }  # fmt: skip
    assert written["done"] == []

    # And the script can be run again, in a database that has tables
    execute(name, script)
    secret = secrets.token_urlsafe(60)
    production = {"COLLUM_ENV": "production", "ALLOWED_HOSTS": "collum.example", "DATABASE_WITHOUT_TLS": "true"}
    factor = base64.b64encode(secrets.token_bytes(32)).decode()
    production |= {"SECRET_KEY": secret, "AUDIT_KEYS": f"1:{secret}", "SECOND_FACTOR_KEYS": factor}
    run("-c", "import clinic.wsgi", url=app, **production)
    run("manage.py", "check", "--database", "default", "--fail-level", "WARNING", url=app, **production)


@pytest.mark.django_db
def test_role_of_the_tests_has_too_many_privileges(settings):
    assert "is a superuser" in privileges.excessive()
    assert privileges.role_has_few_privileges(None, databases=["default"]) == []
    settings.PRODUCTION = True
    (warning,) = privileges.role_has_few_privileges(None, databases=["default"])
    assert "clinic_auditentry" in warning.msg or "owns" in warning.msg
    assert privileges.role_has_few_privileges(None) == []
