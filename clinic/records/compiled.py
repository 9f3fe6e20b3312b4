"""Statements that are compiled once for any ids, and that PostgreSQL plans once for a connection."""

from itertools import chain, count

from django.db import connection

FIRST_PLACEHOLDER = 2**62  # no id is as high


def shape_of(wanted):
    """What the statement of `(rows, *values), …` is compiled for, and the ids that it is run with.

    A value is an id, a tuple of ids, or anything else that can be hashed.
    """
    ids = []
    return tuple((rows, *[_shape(value, ids) for value in values]) for rows, *values in wanted), ids


def placeholders(values):
    """Those of a shape, with numbers that no row has in place of the ids."""
    return [_placeholder(value) for value in values]


def require_ids(rows, values, params):
    """Raises ValueError if an id of the shape is not a parameter: it would be that of the first request for ever."""
    ids = chain.from_iterable([each] if type(each) is _Id else each for each in values if type(each) in (_Id, _Ids))
    if missing := {FIRST_PLACEHOLDER + each for each in ids} - {each for each in params if _is_placeholder(each)}:
        raise ValueError(f"{rows}: {len(missing)} ids are not parameters of its statement, which is compiled once.")


class CompiledStatement:
    """SQL with parameters, of which some are placeholders of ids."""

    def __init__(self, sql, params):
        self._sql, self._params = sql, list(params)
        self._ids = [
            (place, param - FIRST_PLACEHOLDER) for place, param in enumerate(self._params) if _is_placeholder(param)
        ]

    def row(self, ids):
        """The first row that it selects."""
        params = list(self._params)
        for place, number in self._ids:
            params[place] = ids[number]
        with connection.cursor() as cursor:
            cursor.execute(self._sql, params)
            if not isinstance(self._sql, RepeatedSQL):  # run again, it is worth a plan that PostgreSQL stores
                self._sql = RepeatedSQL(self._sql, [place for place, _ in self._ids])
            return cursor.fetchone()


class RepeatedSQL(str):
    """SQL that is run again and again with other ids at `ids_at`; its other parameters are the same each time."""

    _numbers = count()

    def __new__(cls, sql, ids_at):
        repeated = super().__new__(cls, sql)
        repeated.ids_at, repeated.number = ids_at, next(cls._numbers)
        return repeated


class _Id(int):
    """The place of an id among those of the request."""


class _Ids(tuple):
    """The same of several ids. A tuple that is no id of a request is a value like any other."""


def _shape(value, ids):
    if type(value) is int:
        ids.append(_in_range(value))
        return _Id(len(ids) - 1)
    if type(value) is tuple and all(type(each) is int for each in value):
        ids.extend(map(_in_range, value))
        return _Ids(range(len(ids) - len(value), len(ids)))
    return value


def _in_range(pk):
    """An id of a URL can be too large for the database; no row has 0."""
    return pk if pk < FIRST_PLACEHOLDER else 0


def _placeholder(shape):
    if type(shape) is _Id:
        return FIRST_PLACEHOLDER + shape
    return [FIRST_PLACEHOLDER + each for each in shape] if type(shape) is _Ids else shape


def _is_placeholder(param):
    return type(param) is int and param >= FIRST_PLACEHOLDER
