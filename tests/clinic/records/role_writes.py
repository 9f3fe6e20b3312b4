"""What the server's role writes, and what it is denied: `python -m tests.clinic.records.role_writes` prints JSON."""

import json
import os
import sys

import django


def denied(statements):
    """Those that the database does not reject because a privilege is missing."""
    from django.db import ProgrammingError, connection, transaction

    done = []
    for statement in statements:
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(statement)
        except ProgrammingError as error:
            if "permission denied" in str(error) or "must be owner" in str(error):
                continue
            raise
        done.append(statement)
    return done


def results():
    from django.core.management import call_command
    from django.db import transaction

    from clinic.models import AuditEntry
    from clinic.records import privileges, sealing, triggers
    from clinic.records.verification import Report, verify
    from tests.world import World

    with transaction.atomic():
        world = World()  # everything that the actions write, with a signed record
    call_command("clearsessions")
    seals = sealing.seal_all()
    tables = triggers.append_only_tables()
    return {
        "excessive": privileges.excessive(),
        "record": world.record.pk,
        "entries": AuditEntry.objects.count(),
        "seals": len(seals),
        "bad": verify(Report(tell=str)).bad,
        "tables": tables,
        "done": denied(
            [
                *(f"DELETE FROM {table}" for table in tables),
                *(f"UPDATE {table} SET {'number' if table == 'clinic_auditseal' else 'id'} = 1" for table in tables),
                *(f"TRUNCATE {table} CASCADE" for table in tables),
                *(f"ALTER TABLE {table} DISABLE TRIGGER ALL" for table in tables),
                "DROP TRIGGER clinic_auditentry_is_append_only__update ON clinic_auditentry",
                "CREATE OR REPLACE FUNCTION clinic_auditentry_is_append_only__update() RETURNS trigger"
                " LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
                "CREATE TABLE other (id int)",
                "TRUNCATE patients_patient CASCADE",
                "ALTER TABLE patients_patient ADD COLUMN other int",
                f"SET ROLE {sys.argv[1]}",
                "SET session_replication_role = replica",
            ]
        ),
    }


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clinic.settings")
    django.setup()
    print(json.dumps(results(), default=str))  # noqa: T201
