"""Counts that every page shows. Compiling such a statement for each request takes longer than running it."""

from functools import lru_cache

from django.core.exceptions import EmptyResultSet
from django.db import connection

MOST_STATEMENTS = 512


def count_of(rows, *values):
    """The number of rows of the QuerySet `rows(*values)`, whose statement is compiled once for these values.

    So nothing but the values can decide which rows these are: not the current time, and not another query.
    """
    statement = _compiled(rows, *values)
    if statement is None:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(*statement)
        return cursor.fetchone()[0]


@lru_cache(maxsize=MOST_STATEMENTS)
def _compiled(rows, *values):
    try:
        sql, params = rows(*values).order_by().values("pk").query.sql_with_params()
    except EmptyResultSet:
        return None
    return f"SELECT COUNT(*) FROM ({sql}) AS counted", params
