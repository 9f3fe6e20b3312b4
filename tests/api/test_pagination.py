"""Pagination: each row once, even if rows are added in between; the last page costs as much as the first."""

import base64
import datetime as dt
import json
import re
from itertools import pairwise

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.dateparse import parse_datetime

from clinic.api.pagination import MOST, UNREADABLE, Ordering, Pages
from clinic.api.router import RESOURCES
from patients.models import Visit
from planning.models import InjectionSession, Muscle
from planning.sessions.actions.injections import add_injection
from tests import builders
from tests.api.many_rows import Crowd, lists, on
from tests.extent import MANY, some

pytestmark = pytest.mark.django_db

LISTS = {name: RESOURCES[prefix] for name in lists() for prefix in RESOURCES if prefix.endswith(name.replace("_", "-"))}
# What a row calls what its list is ordered by, and the row itself.
FIELD = {"given_day": "given_on"}
ID = {"lots": "session", "seals": "number"}


@pytest.fixture(scope="module")
def made_world(module_transaction):
    crowd = Crowd(builders.a_clinician())
    assert crowd.templates
    return crowd


@pytest.fixture
def crowd(world):
    return world


@pytest.fixture
def neurologist(crowd):
    return crowd.by


@pytest.fixture
def reader(api, neurologist, auditor):
    """`reader(name)` asks as a user with the permission read that list."""
    return lambda name: api(auditor if name in {"audit", "seals"} else neurologist)


def asked(path, **query):
    words = "&".join(f"{name}={value}" for name, value in query.items())
    return f"{path}{'&' if '?' in path else '?'}{words}"


def pages_from(program, path):
    """Each page from this one on, by the URLs that the answers give."""
    for _ in range(MOST):
        response = program.get(path)
        assert response.status_code == 200, response.json()
        yield response.json()["results"]
        path = response.json()["next"]
        if path is None:
            return
    raise AssertionError("there is always another page")


def ids(name, pages):
    return [row[ID.get(name, "id")] for page in pages for row in page]


def test_every_paginated_list_is_tested():
    in_pages = {resource for resource in RESOURCES.values() if resource.pagination_class is Pages}
    by_kind = RESOURCES["visit-lengths"]  # one row for each kind of visit
    assert set(LISTS.values()) == in_pages - {by_kind}
    others = {resource.kind for resource in RESOURCES.values() if "list" in resource.permissions} - {
        resource.kind for resource in in_pages
    }
    assert others == {"free-time", "me", "schema", "docs"}  # which are short for any number of rows


def each_ordering():
    """The short run takes the first of each list."""
    for name, resource in LISTS.items():
        for ordering in resource.orderings:
            yield pytest.param(name, ordering, marks=[] if ordering == resource.orderings[0] else [pytest.mark.full])


@pytest.mark.engine
@pytest.mark.parametrize(("name", "ordering"), each_ordering())
def test_pages_list_each_row_once_while_rows_are_added(name, ordering, crowd, reader):
    # Given a list that is longer than a page
    program, grow = reader(name), getattr(crowd, name)
    grow(7)
    whole = program.get(asked(crowd.path(name), ordering=ordering)).json()
    assert whole["next"] is None
    there = ids(name, [whole["results"]])
    assert len(there) == len(set(there)) >= 7

    # And which is in order
    field = FIELD.get(ordering.strip("-"), ordering.strip("-"))
    values = [(row[field], row[ID.get(name, "id")]) for row in whole["results"]]
    assert values == sorted(values, reverse=ordering.startswith("-"))

    # When it is read page by page, and others come before, behind and between what was read
    pages = pages_from(program, asked(crowd.path(name), ordering=ordering, page_size=3))
    read = [next(pages)]
    grow(4)
    read += list(pages)

    # Then each existing row is on one page, in the same order, and none is there twice
    assert {len(page) for page in read[:-1]} == {3}
    assert 0 < len(read[-1]) <= 3
    seen = ids(name, read)
    assert len(seen) == len(set(seen))
    assert [one for one in seen if one in set(there)] == there


@pytest.mark.engine
@pytest.mark.parametrize("name", some(LISTS, one_of=6))  # by the same code for all
def test_default_ordering_is_the_first(name, crowd, reader):
    getattr(crowd, name)(4)
    rows = [
        ids(name, [reader(name).get(path).json()["results"]])
        for path in (crowd.path(name), asked(crowd.path(name), ordering=LISTS[name].orderings[0]))
    ]
    assert rows[0] == [one for one in rows[1] if one in rows[0]]
    assert len(rows[0]) >= 4


@pytest.mark.engine
def test_next_link_includes_the_query(crowd, reader):
    crowd.visits(9)
    path = f"visits/?state=finished&from={crowd_day()}&ordering=-starts_at&page_size=4"
    first, second, third = pages_from(reader("visits"), path)
    moments = [parse_datetime(row["starts_at"]) for row in (*first, *second, *third)]
    assert [len(page) for page in (first, second, third)] == [4, 4, 1]
    assert all(one >= other for one, other in pairwise(moments))


def crowd_day():
    return on(0).date()


def test_page_has_at_most_100_rows(crowd, reader):
    crowd.visits(MOST + 1)
    for path in ("visits/", "visits/?page_size=101", "visits/?page_size=100000000000"):
        response = reader("visits").get(path).json()
        assert len(response["results"]) == MOST
        assert response["next"] is not None
    assert len(reader("visits").get("visits/?page_size=1").json()["results"]) == 1


@pytest.mark.engine
def test_page_that_ends_with_the_last_row_has_no_next_link(crowd, reader):
    crowd.visits(4)
    assert [len(page) for page in pages_from(reader("visits"), "visits/?state=finished&page_size=2")] == [2, 2]
    assert reader("visits").get("visits/?state=no_show").json() == {"next": None, "results": []}


# What cannot be asked


UNKNOWN = [
    ("ordering", "family_name"), ("ordering", "pk"), ("ordering", ""), ("ordering", "id,-id"), ("ordering", "--id"),
    ("page_size", "0"), ("page_size", "-1"), ("page_size", "x"), ("page_size", ""), ("page_size", "1.5"),
    ("offset", "10"), ("page", "2"), ("limit", "5"), ("id", "1"), ("patient__family_name", "x"), ("format", "json"),
    ("cursor", "x"), ("cursor", ""), ("search__in", "x"), ("Patient", "1"),
]  # fmt: skip


@pytest.mark.parametrize("name", LISTS)
def test_unknown_parameter_is_rejected_by_name(name, crowd, reader):
    program, path = reader(name), crowd.path(name)
    for field, value in some(UNKNOWN, one_of=1 if name == "visits" else 7):
        response = program.get(asked(path, **{field: value}))
        assert (response.status_code, list(response.json()["errors"])) == (400, [field]), (field, value)
    twice = program.get(asked(path, ordering="id") + "&ordering=id")
    assert (twice.status_code, twice.json()["errors"]) == (
        400,
        {"ordering": [("This parameter is sent twice. Send it once.")]},
    )


def a_cursor(place):
    return base64.urlsafe_b64encode(json.dumps(place).encode()).decode().rstrip("=")


MOMENT = "2026-01-01T09:00:00+00:00"
BROKEN = [
    "x", "!!!", "====", "é", "a" * 400, a_cursor([]), a_cursor({}), a_cursor("x"), a_cursor(None), a_cursor(7),
    a_cursor([MOMENT]), a_cursor([MOMENT, 1, 2]), a_cursor([MOMENT, "1"]), a_cursor([MOMENT, True]),
    a_cursor([MOMENT, 1.5]), a_cursor([MOMENT, None]), a_cursor([None, 1]), a_cursor([7, 1]), a_cursor([[], 1]),
    a_cursor([{}, 1]), a_cursor(["yesterday", 1]), a_cursor(["2026-02-30T09:00:00+00:00", 1]), a_cursor(["", 1]),
    a_cursor(["0001-01-01T00:00:00+14:00", 1]), a_cursor(["9999-12-31T23:59:59-14:00", 1]),
]  # fmt: skip


@pytest.mark.engine
def test_invented_cursor_is_rejected(crowd, reader):
    program = reader("visits")
    for cursor in BROKEN:
        for ordering in ("starts_at", "-starts_at"):
            response = program.get(asked("visits/", cursor=cursor, ordering=ordering))
            assert (response.status_code, response.json()["errors"]) == (400, {"cursor": [UNREADABLE]}), cursor
    assert program.get("visits/?cursor=" + "a" * 401).status_code == 400


@pytest.mark.engine
def test_cursor_after_the_last_row_returns_an_empty_page(crowd, reader):
    crowd.visits(3)
    for cursor in ([MOMENT, 10**30], ["9999-12-30T00:00:00+00:00", 1]):
        response = reader("visits").get(asked("visits/?state=finished", cursor=a_cursor(cursor)))
        assert (response.status_code, response.json()) == (200, {"next": None, "results": []})
    assert reader("visits").get(asked("visits/", cursor=a_cursor([1, -(10**30)]), ordering="id")).status_code == 200


# What it costs


def queries_of(program, path, *, is_noted=False):
    """Once the login is noted as in use."""
    if not is_noted:
        program.get(path)
    with CaptureQueriesContext(connection) as queries:
        response = program.get(path)
    assert response.status_code == 200
    return len(queries), len(response.json().get("results", ()))


@pytest.mark.parametrize("name", LISTS)
def test_list_runs_as_many_queries_for_many_rows_as_for_5(name, crowd, reader):
    program, path, grow = reader(name), crowd.path(name), getattr(crowd, name)
    grow(5)
    few, rows = queries_of(program, path)
    grow(MANY - 5)
    many, more_rows = queries_of(program, path, is_noted=True)
    late, _ = queries_of(program, later_page(program, asked(path, page_size=MANY // 3)), is_noted=True)
    assert more_rows >= rows + MANY - 5
    assert few == many == late


def later_page(program, path):
    """The address of the third page."""
    for _ in range(2):
        path = program.get(path).json()["next"]
    return path


def test_session_runs_as_many_queries_for_many_rows_as_for_few(crowd, reader, neurologist):
    # Given one session of a row and a vial, and one of ten
    def a_session(many):
        session = builders.a_given_session(by=neurologist, visit=builders.a_visit(), muscles=())
        crowd.muscles(many)
        for muscle in Muscle.objects.order_by("-pk")[: 2 * many : 2]:
            add_injection(session=session, product=session.product, muscle=muscle, side="left", by=neurologist)
            builders.a_vial(session=session)
        return session

    program, sessions = reader("sessions"), [a_session(1), a_session(10)]
    few, many = (queries_of(program, f"sessions/{one.pk}/") for one in sessions)
    assert few == many

    # And once they are signed, the second one four times
    for session, times in zip(sessions, (1, 4), strict=True):
        builders.sign(session, by=neurologist)
        for dose in ("7.77", "8.88", "9.99")[: times - 1]:
            session = InjectionSession.objects.get(pk=session.pk)
            builders.an_amendment(session, by=neurologist)
            builders.amend(session, by=neurologist, given_dose=dose)
            builders.sign(session, by=neurologist)
    for path in ("sessions/{0.pk}/", "sessions/{0.pk}/injections/", "records/{1.pk}/"):
        few, many = (queries_of(program, path.format(one, one.record()))[0] for one in sessions)
        assert few == many, path


def test_detail_runs_as_many_queries_for_many_rows_as_for_few(reader, neurologist, trainee, staff):
    program = reader("follow_ups")
    follow_up = builders.a_follow_up()
    assessments = [
        builders.an_assessment(visit=builders.an_arrived_visit(), by=neurologist, **found)
        for found in (
            {"postures": [("torticollis", "left")], "scores": [(builders.an_instrument("Tsui"), 9)]},
            {
                "postures": [("torticollis", "left"), ("laterocollis", "right"), ("lateral_shift", "left")],
                "scores": [(builders.an_instrument(each), 3) for each in ("Tsui", "CGI-S", "CGI-I")],
            },
        )
    ]
    counts = []
    for by in (neurologist, trainee, staff, neurologist):
        builders.a_contact(follow_up, how="phone", outcome="no_answer", by=by)
        counts.append(queries_of(program, f"follow-ups/{follow_up.pk}/"))
    assert len(set(counts)) == 1
    few, many = (queries_of(program, f"assessments/{one.pk}/") for one in assessments)
    assert few == many


# Depth


def many_visits(crowd, number=3000):
    """Three with each timestamp."""
    (_, patient, clinician), *_ = crowd.people(1)
    Visit.objects.bulk_create(
        Visit(
            patient=patient, clinician=clinician, kind="review", state="no_show", minutes=10,
            starts_at=(moment := on(0) + dt.timedelta(minutes=10 * (place // 3))),
            ends_at=moment + dt.timedelta(minutes=10),
        )
        for place in range(number)
    )  # fmt: skip
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            # This table alone: of the others PostgreSQL would note for good that they are empty, and read them whole.
            cursor.execute("ANALYZE patients_visit")


def statement_of_page(program, path):
    with CaptureQueriesContext(connection) as queries:
        assert len(program.get(path).json()["results"]) == 50
    statements = [query["sql"] for query in queries]
    [statement] = [sql for sql in statements if 'FROM "patients_visit"' in sql and "LIMIT" in sql]
    return statement


@pytest.mark.parametrize("ordering", some(["starts_at", "-id", "-starts_at", "id"], one_of=2))
def test_late_page_costs_as_much_as_the_first(ordering, crowd, reader):
    # Given thousands of visits
    many_visits(crowd)
    program = reader("visits")
    path = f"visits/?ordering={ordering}&page_size=50"
    first = statement_of_page(program, path)

    # When a page far behind is read
    in_order = Ordering(ordering, Visit.objects.all())
    before = in_order.sort(Visit.objects.all())[2_000]
    late = statement_of_page(program, asked(path, cursor=in_order.cursor_behind(before)))

    # Then no row before it is read: the index finds its start
    assert " OFFSET " not in late
    field = ordering.strip("-")
    assert begins_in_an_index(late, field)
    assert not begins_in_an_index(first, field)
    assert rows_read(late) <= 1.5 * rows_read(first)


def begins_in_an_index(statement, field):
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {'QUERY PLAN ' if connection.vendor == 'sqlite' else ''}{statement}")
        plan = "\n".join(str(row[-1]) for row in cursor.fetchall())
    if connection.vendor == "sqlite":
        field = {"id": "rowid"}.get(field, field)
        return re.search(rf"SEARCH patients_visit USING .*\({field}[<>]", plan) is not None
    return re.search(rf"Index Cond: \(+(patients_visit\.)?{field} [<>]", plan) is not None


def rows_read(statement):
    """What the database goes through for it: rows on PostgreSQL, steps of its machine on SQLite."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}")
            return _rows_in(cursor.fetchone()[0][0]["Plan"])
    steps = []
    connection.connection.set_progress_handler(lambda: steps.append(1) and 0, 10)
    try:
        with connection.cursor() as cursor:
            cursor.execute(statement)
            cursor.fetchall()
    finally:
        connection.connection.set_progress_handler(None, 0)
    return len(steps)


def _rows_in(node):
    removed = node.get("Rows Removed by Filter", 0) + node.get("Rows Removed by Index Recheck", 0)
    return (node["Actual Rows"] + removed) * node["Actual Loops"] + sum(map(_rows_in, node.get("Plans", ())))


def test_skipped_rows_are_detected_in_a_plan(crowd):
    many_visits(crowd)
    deep = str(Visit.objects.order_by("starts_at", "pk")[2500:2550].query)
    shallow = str(Visit.objects.order_by("starts_at", "pk")[:50].query)
    assert rows_read(deep) > 5 * rows_read(shallow)
    assert not begins_in_an_index(deep, "starts_at")
