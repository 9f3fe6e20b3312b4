"""Counts whose statement is compiled once."""

import pytest

from clinic.models import User
from clinic.records.counts import count_of
from tests import builders

pytestmark = [pytest.mark.django_db, pytest.mark.engine]


def named(*names):
    return User.objects.filter(username__in=names).order_by("username")


def test_count_is_that_of_the_queryset_at_each_call(db):
    assert count_of(named, "one", "two") == 0
    builders.a_person(username="one")
    assert count_of(named, "one", "two") == 1
    builders.a_person(username="two")
    assert (count_of(named, "one", "two"), count_of(named, "two")) == (2, 1)


def test_rows_that_cannot_exist_are_not_queried(django_assert_num_queries):
    with django_assert_num_queries(0):
        assert count_of(named) == 0


def test_statement_is_compiled_once(django_assert_num_queries):
    calls = []

    def rows(name):
        calls.append(name)
        return named(name)

    with django_assert_num_queries(3):
        assert [count_of(rows, name) for name in ("one", "one", "two")] == [0, 0, 0]
    assert calls == ["one", "two"]
