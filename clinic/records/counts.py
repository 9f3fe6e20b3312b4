"""Statements of pages that are opened often. Compiling such a statement anew can take longer than running it."""

from functools import lru_cache

from django.core.exceptions import EmptyResultSet
from django.db.models.expressions import RawSQL

from clinic.records.compiled import CompiledStatement, placeholders, require_ids, shape_of

MOST_STATEMENTS = 512


def counts_of(*counted):
    """The number of rows of each QuerySet `rows(*values)`, given as (rows, *values), in one statement.

    It is compiled once for these values, and for any ids. So nothing but the values can decide which rows these are:
    not the current time, and not another query.
    """
    if not counted:
        return ()
    shape, ids = shape_of(counted)
    return _compiled(shape).row(ids)


@lru_cache(maxsize=MOST_STATEMENTS)
def _compiled(shape):
    statements = [_count(rows, values) for rows, *values in shape]
    return CompiledStatement(
        f"SELECT {', '.join(sql for sql, _ in statements)}", [each for _, params in statements for each in params]
    )


def figures_of(rows, *values):
    """The one row of the aggregates that the QuerySet `rows(*values)` selects, in their order; also compiled once."""
    shape, ids = shape_of([(rows, *values)])
    return _compiled_figures(shape).row(ids)


@lru_cache(maxsize=MOST_STATEMENTS)
def _compiled_figures(shape):
    ((rows, *values),) = shape
    sql, params = rows(*placeholders(values)).query.sql_with_params()
    require_ids(rows, values, params)
    return CompiledStatement(sql, params)


def ids_of(rows, *values):
    """The ids of the QuerySet `rows(*values)`, for `filter(pk__in=…)`; likewise compiled once for these values."""
    return RawSQL(*_compiled_ids(rows, *values))  # noqa: S611, as Django compiled it


@lru_cache(maxsize=MOST_STATEMENTS)
def _compiled_ids(rows, *values):
    return _ids(rows(*values))


def _ids(rows):
    return rows.order_by().values("pk").query.sql_with_params()


def _count(rows, values):
    try:
        sql, params = _ids(rows(*placeholders(values)))
    except EmptyResultSet:
        return "0", ()
    require_ids(rows, values, params)
    return f"(SELECT COUNT(*) FROM ({sql}) AS counted)", params
