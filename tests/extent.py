"""How much of a matrix is tried: all of it in `make full`, a part of it elsewhere."""

import os

import pytest
from django.db import connection

IS_WHOLE = os.environ.get("MATRICES") == "whole"
# Rows of a long list of the API, whose queries are compared with those of 5 rows: 20 show one for each row, too.
MANY = 50 if IS_WHOLE else 20
# A test that takes half a minute runs on PostgreSQL in the short run, where more can go wrong; in `make full` on both.
POSTGRESQL_FIRST = pytest.mark.full if connection.vendor == "sqlite" and not IS_WHOLE else pytest.mark.engine


def some(values, *, one_of):
    """All values in `make full`; elsewhere the first of every so many."""
    return list(values)[:: 1 if IS_WHOLE else one_of]


def first_of_each(values, kind):
    """All values in `make full`; elsewhere the first of each kind, which is `kind(value)`."""
    first = {}
    for value in values:
        first.setdefault(value if IS_WHOLE else kind(value), value)
    return list(first.values())


def in_turn(values, place):
    """All values in `make full`; elsewhere one of them, another one for the next place."""
    values = list(values)
    return values if IS_WHOLE or not values else [values[place % len(values)]]
