"""PostgreSQL plans a statement that is run again and again once for a connection."""

from types import SimpleNamespace

import pytest
from django.db import connection, transaction

from clinic.models import User
from clinic.records.counts import counts_of
from clinic.records.postgresql import prepared
from clinic.records.together import read_together
from tests import builders

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.engine,
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no prepared statements"),
]


@pytest.fixture(autouse=True)
def none_prepared_yet(db, compiled_anew):
    connection.prepared = prepared.PreparedStatements(connection.connection)
    with connection.cursor() as cursor:
        cursor.execute("DEALLOCATE ALL")


def with_id(pk, *names):
    return User.objects.filter(pk=pk, username__in=names)


def count_of(person, *names):
    return counts_of((with_id, person.pk, *names))[0]


def statements():
    """How often each prepared statement has run, in the order of their first use."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT generic_plans + custom_plans FROM pg_prepared_statements ORDER BY prepare_time, name")
        return [runs for (runs,) in cursor.fetchall()]


def test_repeated_statement_is_prepared_once_for_all_ids():
    one, two = (builders.a_person(username=name) for name in ("one", "two"))
    assert [count_of(person, "one") for person in (one, two, one, two)] == [1, 0, 1, 0]
    assert statements() == [3]


def test_statement_that_runs_once_is_not_prepared():
    count_of(builders.a_person(), "once")
    assert statements() == []


def test_other_values_are_another_statement():
    one = builders.a_person(username="one")
    assert [count_of(one, name) for name in ("one", "100%", "one", "100%", "one")] == [1, 0, 1, 0, 1]
    assert statements() == [2, 1]


def test_records_of_a_prepared_statement_are_those_at_each_call():
    one, two = (builders.a_person(username=name) for name in ("one", "two"))
    for _ in range(7):  # PostgreSQL decides for a general plan at the sixth
        assert read_together((with_id, one.pk, "one"), (with_id, two.pk, "one")) == [[one], []]
    User.objects.filter(pk=two.pk).update(username="renamed")
    User.objects.filter(pk=one.pk).update(username="other")
    assert read_together((with_id, one.pk, "one"), (with_id, two.pk, "one")) == [[], []]
    assert statements() == [7]


def test_prepared_statement_survives_a_rollback():
    one = builders.a_person(username="one")
    count_of(one, "rolled back")
    with transaction.atomic():
        count_of(one, "rolled back")
        transaction.set_rollback(True)
    assert count_of(one, "rolled back") == 0
    assert statements() == [2]


def test_changed_table_is_planned_again():
    one = builders.a_person(username="one")
    for _ in range(3):
        assert count_of(one, "one") == 1
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE clinic_user ADD COLUMN added text")
    assert count_of(one, "one") == 1
    assert read_together((with_id, one.pk, "one")) == [[one]]


def test_oldest_statement_is_removed_first(monkeypatch):
    monkeypatch.setattr(prepared, "MOST", 2)
    one = builders.a_person(username="one")
    for name in ("a", "b", "c"):
        count_of(one, name)
    for name in ("a", "b", "a", "c"):
        count_of(one, name)
    assert statements() == [2, 1]  # a and c
    assert count_of(one, "b") == 0


def test_nothing_is_prepared_behind_a_pooler():
    # Given a pooler's number of the server's process
    pooled = SimpleNamespace(info=SimpleNamespace(backend_pid=0), cursor=connection.connection.cursor)
    connection.prepared = prepared.PreparedStatements(pooled)
    one = builders.a_person(username="one")
    assert [count_of(one, "one") for _ in range(3)] == [1, 1, 1]
    assert statements() == []


@pytest.mark.django_db(transaction=True)
def test_new_connection_prepares_anew():
    one = builders.a_person(username="one")
    assert [count_of(one, "one") for _ in range(3)] == [1, 1, 1]
    connection.close()
    assert count_of(one, "one") == 1
    assert statements() == [1]
