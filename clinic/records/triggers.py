"""SQL that enforces Collum's rules on both engines, reinstalled after each migrate.

SQLite drops a table's triggers whenever a migration rebuilds it, and cannot rebuild a table that another table's
trigger mentions. So each app lists its triggers here. They are dropped before migrations run, installed afterwards,
and checked (`manage.py check --database default`).
"""

from dataclasses import dataclass, field

from django.core import checks
from django.db import connection

BOTH = ("sqlite", "postgresql")
# Of pg_trigger.tgtype
TRIGGER_BEFORE, TRIGGER_EVENTS = 2, {"INSERT": 4, "DELETE": 8, "UPDATE": 16, "TRUNCATE": 32}
LONGEST_NAME = 63  # PostgreSQL truncates longer names, and the trigger would not be found again


@dataclass(frozen=True)
class Trigger:
    """Rejects `event` on a row of `table` if `condition` is true; the error message is `rule`, a named sentence.

    `condition` is SQL over NEW and OLD that both engines support. A trigger that is `once` runs before the statement.
    """

    rule: str
    table: str
    event: str
    condition: str
    engines: tuple[str, ...] = field(default=BOTH)
    once: bool = False

    def __post_init__(self):
        if len(self.name) > LONGEST_NAME:
            raise ValueError(f"“{self.name}” is longer than {LONGEST_NAME} characters.")

    @property
    def name(self):
        return f"{self.rule}__{self.event.split()[0].lower()}"

    def create(self, vendor):
        if vendor == "sqlite":
            return [
                f"CREATE TRIGGER {self.name} BEFORE {self.event} ON {self.table} FOR EACH ROW WHEN {self.condition} "
                f"BEGIN SELECT RAISE(ABORT, '{self.rule}'); END"
            ]
        return [
            f"CREATE OR REPLACE FUNCTION {self.name}() RETURNS trigger LANGUAGE plpgsql AS $${self._body()}$$",
            f"CREATE TRIGGER {self.name} BEFORE {self.event} ON {self.table} "
            f"FOR EACH {self._each} EXECUTE FUNCTION {self.name}()",
        ]

    def _body(self):
        passed = "NULL" if self._each == "STATEMENT" else "OLD" if self.event == "DELETE" else "NEW"
        return (
            f" BEGIN IF {self.condition} THEN "
            f"RAISE EXCEPTION '{self.rule}' USING ERRCODE = 'integrity_constraint_violation'; END IF; "
            f"RETURN {passed}; END "
        )

    @property
    def _each(self):
        return "STATEMENT" if self.once or self.event == "TRUNCATE" else "ROW"

    def as_stored(self, vendor):
        """What the database's own catalogue contains if the trigger is unchanged; see installed()."""
        if vendor == "sqlite":
            return self.create(vendor)[0]
        kind = TRIGGER_BEFORE | TRIGGER_EVENTS[self.event.split()[0]] | (self._each == "ROW")
        return f"{self.table} {kind} {self._body()}"

    def drop(self, vendor):
        on_table = "" if vendor == "sqlite" else f" ON {self.table}"
        return [f"DROP TRIGGER IF EXISTS {self.name}{on_table}"]

    lasting = False


@dataclass(frozen=True)
class Exclusion:
    """A PostgreSQL exclusion constraint named `rule`; it is slow to build, so it is built only if it is missing."""

    rule: str
    table: str
    definition: str
    engines: tuple[str, ...] = field(default=("postgresql",))
    lasting = True

    @property
    def name(self):
        return self.rule

    def create(self, vendor):
        return [f"ALTER TABLE {self.table} ADD CONSTRAINT {self.name} EXCLUDE {self.definition}"]

    def drop(self, vendor):
        return [f"ALTER TABLE {self.table} DROP CONSTRAINT IF EXISTS {self.name}"]


def append_only(table, *, key="id", unique_together=()):
    """Rows of `table` can be added, but not changed, replaced or deleted, by any SQL.

    `unique_together` lists further sets of columns by which SQLite's INSERT OR REPLACE could replace an old row.
    """
    rule = f"{table}_is_append_only"
    keys = [(key,), *unique_together]
    replaced = " OR ".join(
        f"EXISTS (SELECT 1 FROM {table} WHERE " + " AND ".join(f"{column} = NEW.{column}" for column in key) + ")"
        for key in keys
    )
    return [
        Trigger(rule, table, "UPDATE", "TRUE"),
        Trigger(rule, table, "DELETE", "TRUE"),
        Trigger(rule, table, "INSERT", f"({replaced})", engines=("sqlite",)),
        Trigger(rule, table, "TRUNCATE", "TRUE", engines=("postgresql",)),
    ]


_registered = {}


def register(app_label, guards):
    _registered[app_label] = list(guards)


def guards(app_label=None):
    labels = [app_label] if app_label else list(_registered)
    return [guard for label in labels for guard in _registered.get(label, ()) if connection.vendor in guard.engines]


def append_only_tables():
    return sorted({guard.table for guard in guards() if not guard.lasting and _forbids_changes(guard)})


def _forbids_changes(guard):
    return guard.event == "UPDATE" and guard.condition == "TRUE"


def install(app_label=None):
    tables = set(connection.introspection.table_names())
    present = _present()
    with connection.cursor() as cursor:
        for guard in guards(app_label):
            if guard.table not in tables or (guard.lasting and guard.name in present):
                continue
            for statement in [*guard.drop(connection.vendor), *guard.create(connection.vendor)]:
                cursor.execute(statement)


def lift():
    """Drop the triggers, for the clean-up of a test. Constraints stay, because they do not prevent deletions."""
    with connection.cursor() as cursor:
        for guard in guards():
            if not guard.lasting:
                for statement in guard.drop(connection.vendor):
                    cursor.execute(statement)


def missing():
    tables, present = set(connection.introspection.table_names()), _present()
    return [guard.name for guard in guards() if guard.table in tables and guard.name not in present]


def altered():
    """The triggers that do something else than Collum's, or are disabled. Only the owner of the table can do this."""
    stored = _stored()
    ours = [guard for guard in guards() if not guard.lasting and guard.name in _present()]
    return [guard.name for guard in ours if stored.get(guard.name) != guard.as_stored(connection.vendor)]


def _present():
    read = {
        "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'",
        "postgresql": "SELECT tgname FROM pg_trigger UNION SELECT conname FROM pg_constraint",
    }
    return {row[0] for row in _rows(read[connection.vendor])}


def _stored():
    """By name. A trigger that is disabled on PostgreSQL is missing, as is one with a condition or columns."""
    read = {
        "sqlite": "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'",
        "postgresql": "SELECT tgname, tgrelid::regclass || ' ' || tgtype || ' ' || prosrc FROM pg_trigger "
        "JOIN pg_proc ON pg_proc.oid = tgfoid WHERE tgenabled IN ('O', 'A') AND tgqual IS NULL",
    }
    return dict(_rows(read[connection.vendor]))


def _rows(statement):
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall()


def lift_before_migrate(sender, **kwargs):
    """SQLite rebuilds a table by renaming it, which fails while a trigger of another table mentions it."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            for name in _present():
                cursor.execute(f"DROP TRIGGER {name}")


def install_after_migrate(sender, **kwargs):
    install(sender.label)


@checks.register(checks.Tags.database)
def guards_are_installed(app_configs, databases=None, **kwargs):
    if not databases:
        return []
    return [
        checks.Warning(f"The database is missing {name}.", hint="Run “manage.py migrate”.", id="clinic.W001")
        for name in missing()
    ]
