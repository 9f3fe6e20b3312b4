"""Statements of pages that are opened often. Compiling such a statement anew can take longer than running it."""

from functools import lru_cache

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models.expressions import RawSQL

MOST_STATEMENTS = 512


def counts_of(*counted):
    """The number of rows of each QuerySet `rows(*values)`, given as (rows, *values), in one statement.

    It is compiled once for these values. So nothing but the values can decide which rows these are: not the current
    time, and not another query.
    """
    if not counted:
        return ()
    with connection.cursor() as cursor:
        cursor.execute(*_compiled(counted))
        return cursor.fetchone()


@lru_cache(maxsize=MOST_STATEMENTS)
def _compiled(counted):
    statements = [_count(rows(*values)) for rows, *values in counted]
    return f"SELECT {', '.join(sql for sql, _ in statements)}", [each for _, params in statements for each in params]


def figures_of(rows, *values):
    """The one row of the aggregates that the QuerySet `rows(*values)` selects, in their order; also compiled once."""
    with connection.cursor() as cursor:
        cursor.execute(*_compiled_figures(rows, *values))
        return cursor.fetchone()


@lru_cache(maxsize=MOST_STATEMENTS)
def _compiled_figures(rows, *values):
    return rows(*values).query.sql_with_params()


def ids_of(rows, *values):
    """The ids of the QuerySet `rows(*values)`, for `filter(pk__in=…)`; likewise compiled once for these values."""
    return RawSQL(*_compiled_ids(rows, *values))  # noqa: S611, as Django compiled it


@lru_cache(maxsize=MOST_STATEMENTS)
def _compiled_ids(rows, *values):
    return _ids(rows(*values))


def _ids(rows):
    return rows.order_by().values("pk").query.sql_with_params()


def _count(rows):
    try:
        sql, params = _ids(rows)
    except EmptyResultSet:
        return "0", ()
    return f"(SELECT COUNT(*) FROM ({sql}) AS counted)", params
