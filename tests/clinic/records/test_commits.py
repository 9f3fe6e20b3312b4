"""A commit is reported as done only if the server did not stop waiting for its standby, and nothing waits for long."""

import time
from contextlib import closing

import pytest
from django.db import OperationalError, connection, transaction

from clinic.records import durability
from clinic.records.postgresql import servers
from patients.models import Patient
from tests import builders

pytestmark = [
    pytest.mark.engine,
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no standby"),
]
CANCELLED = "canceling wait for synchronous replication due to user request"


def execute(*statements):
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


@pytest.fixture
def warned():
    """A table of this connection; the server warns when a row of it is committed."""
    execute(
        "CREATE TEMPORARY TABLE warned (id int)",
        f"CREATE FUNCTION pg_temp.warn() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE WARNING '{CANCELLED}'; "
        "RETURN NULL; END $$",
        "CREATE CONSTRAINT TRIGGER warns AFTER INSERT ON warned DEFERRABLE INITIALLY DEFERRED FOR EACH ROW "
        "EXECUTE FUNCTION pg_temp.warn()",
    )
    yield
    connection.close()


@pytest.mark.django_db(transaction=True)
def test_commit_with_cancelled_wait_is_a_failure(warned):
    with pytest.raises(OperationalError, match=CANCELLED), transaction.atomic():
        execute("INSERT INTO warned VALUES (1)")
    # A write outside of a transaction commits too, and the next commit is none of it
    with pytest.raises(OperationalError, match=CANCELLED):
        execute("INSERT INTO warned VALUES (2)")
    with transaction.atomic():
        builders.a_clinician()


@pytest.mark.django_db(transaction=True)
def test_commit_of_a_cluster_is_cut_after_its_limit(monkeypatch):
    # Given a commit that takes longer, as it does without a standby
    execute(
        "CREATE TEMPORARY TABLE slow (id int)",
        "CREATE FUNCTION pg_temp.sleep() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(60); "
        "RETURN NULL; END $$",
        "CREATE CONSTRAINT TRIGGER slows AFTER INSERT ON slow DEFERRABLE INITIALLY DEFERRED FOR EACH ROW "
        "EXECUTE FUNCTION pg_temp.sleep()",
    )
    monkeypatch.setattr(connection.servers, "commit_limit", 0.2)
    began = time.monotonic()
    with pytest.raises(OperationalError), transaction.atomic():
        execute("INSERT INTO slow VALUES (1)")
    assert time.monotonic() - began < 30

    # Then the next request has a connection
    connection.close_if_unusable_or_obsolete()
    assert Patient.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_connection_to_a_demoted_server_is_dropped(monkeypatch):
    execute("SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY")
    try:
        assert connection.is_usable()  # one server: it says itself what is wrong
        monkeypatch.setattr(connection.servers, "must_write", True)
        connection.errors_occurred = True
        connection.close_if_unusable_or_obsolete()
        assert connection.connection is None
        connection.ensure_connection()
        assert connection.is_usable()
    finally:
        connection.close()


@pytest.mark.django_db
def test_cluster_without_safe_replication_is_named(monkeypatch):
    monkeypatch.setattr(connection.servers, "are_several", True)
    for value in ("local", "remote_write", "off"):
        execute(f"SET LOCAL synchronous_commit = {value}")
        first, *_ = durability.unsafe_settings()
        assert first == f"The database setting synchronous_commit is “{value}”; it must be on or remote_apply."
    execute("SET LOCAL synchronous_commit = on")
    (message,) = durability.unsafe_settings()
    assert "the database setting synchronous_standby_names is empty" in message
    monkeypatch.setattr(connection.servers, "are_several", False)
    execute("SET LOCAL synchronous_commit = local")
    assert durability.unsafe_settings() == []


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["statement_timeout", "lock_timeout"])
def test_database_without_time_limits_is_named(name):
    execute("SET LOCAL statement_timeout = '20s'", "SET LOCAL lock_timeout = '10s'")
    durability.refuse_unlimited_waits()
    execute(f"SET LOCAL {name} = 0")
    with pytest.raises(durability.ImproperlyConfigured, match=f"setting {name} is 0"):
        durability.refuse_unlimited_waits()


@pytest.mark.django_db
def test_rows_are_read_without_a_cursor_of_the_server():
    builders.a_clinician()
    with closing(Patient.objects.iterator()) as rows, connection.cursor() as cursor:
        next(rows, None)
        cursor.execute("SELECT count(*) FROM pg_cursors WHERE name <> ''")
        assert cursor.fetchone() == (0,)


class Info:
    host, port = "10.0.0.12", 5433


def test_server_that_was_used_last_is_tried_first():
    several = servers.Servers({"HOST": "10.0.0.11,10.0.0.12,10.0.0.13", "PORT": "5432,5433,5434"})
    assert several.last_used_first() == {"host": "10.0.0.11,10.0.0.12,10.0.0.13", "port": "5432,5433,5434"}
    several.note_used(Info)
    assert several.last_used_first() == {"host": "10.0.0.12,10.0.0.11,10.0.0.13", "port": "5433,5432,5434"}
    assert servers.Servers({"HOST": "10.0.0.11", "PORT": ""}).last_used_first() == {}
