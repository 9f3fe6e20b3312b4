"""One audit entry with its patients, in as few statements as the engine allows.

They are written here, because nearly every page ends with them, and compiling them takes longer than running them.
"""

import json
from functools import cache

from django.db import connection, transaction

from clinic.records.models import AuditEntry


def insert(entry, patients):
    """All or nothing: an entry that does not name its patients would be incomplete."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(_together(), [*_values(entry), list(patients)])
    elif not patients:
        _insert_apart(entry, patients)
    else:
        with transaction.atomic():
            _insert_apart(entry, patients)


def _insert_apart(entry, patients):
    """SQLite has no statement that inserts into two tables."""
    with connection.cursor() as cursor:
        cursor.execute(_entry_alone(), _values(entry))
        (pk,) = cursor.fetchone()
        if patients:
            cursor.execute(
                "INSERT INTO clinic_auditedpatient (entry_id, patient_id) SELECT %s, value FROM json_each(%s)",
                [pk, json.dumps(list(patients))],
            )


def _together():
    return (
        f"WITH entry AS ({_entry_alone()}) INSERT INTO clinic_auditedpatient (entry_id, patient_id) "
        "SELECT entry.id, patient FROM entry, unnest(%s::bigint[]) AS patient"
    )


@cache
def _entry_alone():
    columns = [field.column for field in _fields()]
    values = ", ".join(["%s"] * len(columns))
    return f"INSERT INTO clinic_auditentry ({', '.join(columns)}) VALUES ({values}) RETURNING id"


def _values(entry):
    return [field.get_db_prep_save(getattr(entry, field.attname), connection) for field in _fields()]


def _fields():
    return [field for field in AuditEntry._meta.concrete_fields if not field.primary_key]
