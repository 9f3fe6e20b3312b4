"""The rows of several QuerySets in one statement, compiled once. See docs/decisions/0025.

A page that reads ten tables would otherwise run ten statements, and Django would compile each of them for each request.
"""

import datetime as dt
import json
from decimal import Decimal
from functools import lru_cache
from itertools import chain
from uuid import UUID

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models.expressions import RawSQL
from django.db.models.query import get_related_populators, normalize_prefetch_lookups

from clinic.records.compiled import CompiledStatement, placeholders, require_ids, shape_of

MOST_STATEMENTS = 512
MOST_ARGUMENTS = 100  # of one function of PostgreSQL


def read_together(*wanted):
    """A list of the records of each QuerySet `rows(*values)`, given as (rows, *values).

    A value is an id, a tuple of ids, or anything else that can be hashed. The statement is compiled once for any ids,
    and anew for other values. So nothing but the values can decide which rows these are, as in `counts_of()`.
    What a QuerySet prefetches is read in the same statement, also by Prefetch objects and along joined records.
    """
    shape, ids = shape_of(wanted)
    return _compiled(shape).run(ids)


def read_querysets(*querysets):
    """The same for QuerySets with other values at each request, such as a search: the statement is compiled anew."""
    return _Statement([(querysets.__getitem__, number) for number in range(len(querysets))]).run([])


def put_related(records, name, related, to_attr=None):
    """As `prefetch_related(name)` would, with the related records already read."""
    if not records:
        return
    relation = _relation(type(records[0]), name)
    by_pk, found = {record.pk: record for record in records}, {}
    for each in related:
        pk = getattr(each, relation.field.attname)
        if pk in by_pk:
            relation.field.set_cached_value(each, by_pk[pk])
            found.setdefault(pk, []).append(each)
    empty = relation.related_model._base_manager.none()
    for record in records:
        theirs = found.get(record.pk, [])
        if to_attr:
            setattr(record, to_attr, theirs)
        elif relation.one_to_one:
            relation.set_cached_value(record, next(iter(theirs), None))
        else:
            rows = empty._chain()
            rows._result_cache, rows._prefetch_done = theirs, True
            record.__dict__.setdefault("_prefetched_objects_cache", {})[relation.cache_name] = rows


def _relation(model, name):
    """That of the related records: a ForeignKey or OneToOneField to the model."""
    descriptor = getattr(model, name)
    return getattr(descriptor, "rel", None) or descriptor.related


class _Statement:
    """Each QuerySet is a table of its own, and its rows one JSON text."""

    def __init__(self, shape):
        self._tables = []
        self.reads = [self._added(rows, values) for rows, *values in shape]
        tables = ", ".join(f"{read.table}({read.names}) AS ({read.sql})" for read in self._tables)
        texts = ", ".join(read.text for read in self._tables) or "NULL"
        params = [param for read in self._tables for param in read.params]
        self.statement = CompiledStatement(f"{'WITH ' if tables else ''}{tables} SELECT {texts}", params)

    def _added(self, rows, values):
        """None for a QuerySet without rows, such as that of no ids at all."""
        begin = len(self._tables)
        read = self._read(rows(*placeholders(values)))
        if read:
            require_ids(rows, values, [param for each in self._tables[begin:] for param in each.params])
        return read

    def _read(self, rows):
        try:
            read = _Read(rows, len(self._tables))
        except EmptyResultSet:
            return None
        self._tables.append(read)
        for lookup in normalize_prefetch_lookups(rows._prefetch_related_lookups):
            self._prefetch(read, [], lookup.prefetch_to, lookup)
        return read

    def _prefetch(self, read, joined, path, lookup):
        """Along `path`: from `read`, over records that it joins, to related records, and perhaps from there on."""
        name, _, rest = path.partition("__")
        if rest and read.joins([*joined, name]):
            self._prefetch(read, [*joined, name], rest, lookup)
            return
        known = next((each for each in read.related if (each.joined, each.name) == (joined, name)), None)
        related = known or self._related(read, joined, name, None if rest else lookup)
        if rest and related.read:
            self._prefetch(related.read, [], rest, lookup)

    def _related(self, read, joined, name, lookup):
        info = read.joins(joined)
        relation = _relation(info["model"], lookup.prefetch_through.rpartition("__")[2] if lookup else name)
        rows = lookup.queryset if lookup and lookup.queryset is not None else relation.related_model._default_manager
        among = RawSQL(f"SELECT {read.column(info)} FROM {read.table}", ())  # noqa: S608, S611
        related = _Related(joined, name, relation.get_accessor_name(), lookup and lookup.to_attr)
        read.related.append(related)
        related.read = self._read(rows.filter(**{f"{relation.field.name}__in": among}))
        return related

    def run(self, ids):
        found = self.statement.row(ids)
        return [read(found) if read else [] for read in self.reads]


@lru_cache(maxsize=MOST_STATEMENTS)
def _compiled(shape):
    return _Statement(shape)


class _Related:
    """What is read with the records of a QuerySet, or with those that they join."""

    def __init__(self, joined, name, accessor, to_attr):
        self.joined, self.name, self.accessor, self.to_attr, self.read = joined, name, accessor, to_attr, None

    def put(self, records, found):
        for name in self.joined:
            records = [each for record in records if (each := getattr(record, name)) is not None]
        put_related(records, self.accessor, self.read(found) if self.read else [], self.to_attr)


class _Read:
    """How the records of a QuerySet are selected as JSON, and made from it."""

    def __init__(self, rows, number):
        compiler = rows.query.get_compiler(connection=connection)
        self.sql, self.params = compiler.as_sql()
        self.number, self.table, self.related = number, f"r{number}", []
        columns = [column for column, *_ in compiler.select]
        names = [f"c{number}" for number in range(len(columns))]
        self.names = ", ".join(names)
        self.text = f"(SELECT {_as_json(list(map(_selected, names, columns)))} FROM {self.table})"  # noqa: S608
        self._converters = _converters(compiler, columns)
        self._describe(compiler)

    def _describe(self, compiler):
        self._info, self._select = compiler.klass_info, compiler.select
        fields = self._info["select_fields"]
        self._slice, self._model = slice(fields[0], fields[-1] + 1), self._info["model"]
        self._names = [column.target.attname for column, *_ in compiler.select[self._slice]]
        self._populators = get_related_populators(self._info, compiler.select, connection.alias)
        self._annotations = list(compiler.annotation_col_map.items())

    def joins(self, names):
        """Django's description of the records that it joins by these names, or None."""
        info = self._info
        for name in names:
            joined = info.get("related_klass_infos", ())
            info = next((each for each in joined if not each["reverse"] and each["field"].name == name), None)
            if info is None:
                return None
        return info

    def column(self, info):
        """Of the primary key."""
        return next(f"c{place}" for place in info["select_fields"] if self._select[place][0].target.primary_key)

    def __call__(self, found):
        records = [self._record(list(chain.from_iterable(parts))) for parts in json.loads(found[self.number] or "[]")]
        for related in self.related:
            related.put(records, found)
        return records

    def _record(self, row):
        for place, convert, column in self._converters:
            if row[place] is not None:
                row[place] = convert(row[place], column, connection)
        record = self._model.from_db(connection.alias, self._names, row[self._slice])
        for populator in self._populators:
            populator.populate(row, record)
        for name, place in self._annotations:
            setattr(record, name, row[place])
        return record


def _as_json(columns):
    array, group = ("json_build_array", "json_agg") if _is_postgresql() else ("json_array", "json_group_array")
    parts = [columns[begin : begin + MOST_ARGUMENTS] for begin in range(0, len(columns), MOST_ARGUMENTS)]
    arrays = ", ".join(f"{array}({', '.join(part)})" for part in parts)
    return f"{group}({array}({arrays})){'::text' if _is_postgresql() else ''}"


def _selected(name, column):
    """A decimal number would become a float. Django reads JSON as text."""
    kind = column.output_field.get_internal_type()
    if kind == "DecimalField" and _is_postgresql():
        return f"{name}::text"
    return f"json({name})" if kind == "JSONField" and not _is_postgresql() else name


def _converters(compiler, columns):
    """(place, function, column): what JSON makes of the database's types, and then as Django."""
    found = []
    for place, column in enumerate(columns):
        kind = column.output_field.get_internal_type()
        if kind == "JSONField":
            continue
        if kind in NOT_IN_JSON and _is_postgresql():
            found.append((place, NOT_IN_JSON[kind], column))
        converters, expression = compiler.get_converters([column]).get(0, ((), column))
        found += [(place, converter, expression) for converter in converters]
    return found


NOT_IN_JSON = {
    "DateTimeField": lambda value, *_: dt.datetime.fromisoformat(value),
    "DateField": lambda value, *_: dt.date.fromisoformat(value),
    "TimeField": lambda value, *_: dt.time.fromisoformat(value),
    "DecimalField": lambda value, *_: Decimal(value),
    "UUIDField": lambda value, *_: UUID(value),
}


def _is_postgresql():
    return connection.vendor == "postgresql"
