"""Statements that are compiled once: counts, and ids."""

import pytest

from clinic.models import User
from clinic.records.counts import counts_of, ids_of
from tests import builders

pytestmark = [pytest.mark.django_db, pytest.mark.engine]


def named(*names):
    return User.objects.filter(username__in=names).order_by("username")


def test_counts_are_those_of_the_querysets_at_each_call(db):
    assert counts_of((named, "one", "two"), (named, "two")) == (0, 0)
    builders.a_person(username="one")
    assert counts_of((named, "one", "two"), (named, "two")) == (1, 0)
    builders.a_person(username="two")
    assert counts_of((named, "one", "two"), (named, "two")) == (2, 1)


def test_rows_that_cannot_exist_are_none():
    assert counts_of((named,)) == (0,)
    builders.a_person(username="one")
    assert counts_of((named,), (named, "one")) == (0, 1)


def test_no_counts_are_not_queried(django_assert_num_queries):
    with django_assert_num_queries(0):
        assert counts_of() == ()


def test_statement_is_compiled_once(django_assert_num_queries):
    calls = []

    def rows(name):
        calls.append(name)
        return named(name)

    with django_assert_num_queries(3):
        assert [counts_of((rows, name), (rows, "x")) for name in ("one", "one", "two")] == [(0, 0)] * 3
    assert calls == ["one", "x", "two", "x"]


def test_ids_are_those_of_the_queryset_at_each_call(django_assert_num_queries):
    calls = []

    def rows(name):
        calls.append(name)
        return named(name, "100%")

    with django_assert_num_queries(1):
        assert not User.objects.filter(pk__in=ids_of(rows, "one"))
    people = [builders.a_person(username="one"), builders.a_person(username="100%")]
    assert set(User.objects.filter(pk__in=ids_of(rows, "one"))) == set(people)
    assert not User.objects.filter(pk__in=ids_of(rows, "one"), username="two")
    assert calls == ["one"]
