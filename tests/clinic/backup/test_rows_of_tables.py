"""Each kind of column has the same text on both engines, and comes back as it was."""

import pytest
from django.apps import apps
from django.db import connection, models

from clinic.backup.backed_up_tables import Table, applied_to, tables_at
from clinic.backup.column_kinds import KINDS, canonical_json, escape, kind_of, unescape
from clinic.backup.errors import BackupError
from clinic.backup.table_rows import digest, read_rows, store_rows

pytestmark = [pytest.mark.engine, pytest.mark.django_db]

COLUMNS = (
    ("id", "integer"), ("name", "text"), ("is_true", "boolean"), ("day", "date"), ("at", "datetime"), ("clock", "time"),
    ("value", "decimal 2"), ("key", "uuid"), ("content", "json"),
)  # fmt: skip
TABLE = Table("backup_kinds", COLUMNS, ("id",))
TYPES = {
    "sqlite": "id integer PRIMARY KEY, name varchar(900), is_true bool, day date, at datetime, clock time, "
    "value decimal, key char(32), content text",
    "postgresql": "id bigint PRIMARY KEY, name varchar(900), is_true boolean, day date, at timestamptz, clock time, "
    "value numeric(7, 2), key uuid, content jsonb",
}
TEXT = "2.50 Zażółć 漢字 😀 e\u0301 \u00a0 '\"%s%% ?1 {}"
UUID = "0f8fad5b-d9cb-469f-a165-70867728950e"
ROWS = [
    ("1", "plain", "t", "2026-11-30", "2026-11-30 09:08:07+00", "09:08:07", "2.50", UUID, '{"a":1}'),
    ("2", "", "f", "0001-01-01", "2026-11-30 09:08:07.1+00", "09:08:07.00001", "-0.01", UUID, "null"),
    ("3", None, None, None, None, None, None, None, None),
    ("4", "a\tb\nc\\d\re\bf\fg\vh", "t", "9999-12-31", "2026-11-30 09:08:07.123456+00", "00:00:00", "0.00", UUID, "[]"),
    ("5", "\\N", "t", "2024-02-29", "1970-01-01 00:00:00.000001+00", "23:59:59.999999", "99999.99", UUID, '"\\\\N\\n"'),
    ("6", "\\.", "t", "2024-02-29", "1970-01-01 00:00:00+00", "10:00:00", "10.00", UUID, '{"b":[1,2.5,"é"],"ä":null}'),
    (
        "7",
        TEXT,
        "t",
        "2024-02-29",
        "1970-01-01 00:00:00.5+00",
        "10:20:00",
        "7.10",
        UUID,
        "1",
    ),
    ("9223372036854775807", "x" * 900, "f", "2024-02-29", "1970-01-01 00:00:00.5+00", "10:20:00", "7.10", UUID, "{}"),
]


def as_block(rows):
    cells = [["\\N" if cell is None else escape(cell) for cell in row] for row in rows]
    return "".join("\t".join(row) + "\n" for row in cells).encode()


@pytest.fixture
def table(db):
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE backup_kinds ({TYPES[connection.vendor]})")
    return TABLE


def text_of(table):
    blocks = []
    read_rows(connection, table, blocks.append)
    return b"".join(blocks)


def test_rows_come_back_as_they_were_stored(table):
    store_rows(connection, table, [as_block(ROWS[:3]), as_block(ROWS[3:])])
    assert text_of(table) == as_block(ROWS)
    assert digest(connection, table).rows == len(ROWS)


def test_rows_are_in_the_order_of_their_keys(table):
    store_rows(connection, table, [as_block(ROWS[::-1])])
    assert text_of(table) == as_block(ROWS)


def test_text_keys_are_ordered_by_bytes(table):
    by_name = Table("backup_kinds", COLUMNS, ("name",))
    rows = [(str(number), name, *ROWS[0][2:]) for number, name in enumerate(["B", "Z", "_", "a", "ab", "é", "漢"])]
    store_rows(connection, table, [as_block(rows[::-1])])
    assert text_of(by_name) == as_block(rows)


def test_many_rows_are_read_in_blocks(table):
    rows = [(str(number), "x" * 800, *ROWS[0][2:]) for number in range(2500)]
    store_rows(connection, table, [as_block(rows)])
    blocks = []
    read_rows(connection, table, blocks.append)
    assert len(blocks) > 2
    assert max(map(len, blocks)) < 2_000_000
    assert b"".join(blocks) == as_block(rows)


@pytest.mark.parametrize("cells", [["1"], [*ROWS[0], "more"]])
def test_rows_that_do_not_fit_are_rejected_without_their_text(cells, table):
    with pytest.raises(BackupError, match=r"The rows of backup_kinds do not fit into it \(\w+\)\.") as error:
        store_rows(connection, table, [as_block([cells])])
    assert error.value.__suppress_context__


def test_every_column_has_a_kind():
    known = {*KINDS.values(), "decimal 2", "decimal 1"}
    tables = tables_at(applied_to(connection))
    assert {kind for table in tables for _, kind in table.columns} - {"decimal 1", "decimal 2"} <= known
    ours = {model._meta.db_table for model in apps.get_models(include_auto_created=True)}
    assert {"django_migrations", *ours} - {table.name for table in tables} == {"clinic_loginfailures", "django_session"}


def test_unknown_kind_of_column_is_named():
    field = models.DurationField()
    field.column = "pause"
    with pytest.raises(BackupError, match="cannot contain the column pause yet"):
        kind_of(field)


def test_escapes_are_undone():
    text = "\\N \\\\ a\\nb\n\t\\"
    assert unescape(escape(text)) == text
    assert "\n" not in escape(text)
    assert canonical_json('{"b": 1, "a": [1, 2]}') == '{"a":[1,2],"b":1}'
