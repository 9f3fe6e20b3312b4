"""The audit trail as it is stored, in the order of ids, in bounded memory and without the cost of model instances."""

from django.db import connection

AT_A_TIME = 5_000

# In the order of AuditEntry.with_mac(), after id and MAC.
_ENTRIES = (
    "SELECT id, mac, {nonce}, {at}, actor_id, roles, action, object_type, object_id, outcome, route, request_id, "
    "seal_number, seal_digits FROM clinic_auditentry WHERE id >= %s AND id <= %s ORDER BY id LIMIT %s"
)
_PATIENTS = (
    "SELECT entry_id, patient_id, id FROM clinic_auditedpatient WHERE entry_id >= %s AND entry_id <= %s "
    "ORDER BY entry_id, patient_id"
)
_EXPRESSIONS = {
    "postgresql": {"nonce": "nonce::text", "at": "(EXTRACT(EPOCH FROM at) * 1000000)::bigint"},
    # Text, with six digits after the point or without a point.
    "sqlite": {
        "nonce": "substr(nonce, 1, 8) || '-' || substr(nonce, 9, 4) || '-' || substr(nonce, 13, 4) || '-' || "
        "substr(nonce, 17, 4) || '-' || substr(nonce, 21)",
        "at": "strftime('%%s', at) * 1000000 + substr(substr(at, 21) || '000000', 1, 6)",
    },
}
LOWEST, HIGHEST = -(2**63), 2**63 - 1


def entries(first=LOWEST, last=HIGHEST, most=HIGHEST):
    """(id, MAC, the values of the MAC except the patients …)."""
    return _rows(_ENTRIES.format(**_EXPRESSIONS[connection.vendor]), [first, last, most])


def seal_over(covered, first, last):
    """Add the stored entries of this range to the digest of a seal."""
    patients = Patients(first, last)
    for entry in _rows("SELECT id, mac FROM clinic_auditentry WHERE id >= %s AND id <= %s ORDER BY id", [first, last]):
        covered.add(*entry, patients.of(entry[0])[1])


class Patients:
    """The patients of one entry after the other. Those of an entry that does not exist are `orphans`."""

    def __init__(self, first=LOWEST, last=HIGHEST):
        self.orphans = []
        self._rows = _rows(_PATIENTS, [first, last])
        self._next = next(self._rows, None)

    def of(self, entry_id):
        """The ids of the patients, in order, and of their rows."""
        patients, rows, row = [], [], self._next
        while row is not None and row[0] <= entry_id:
            if row[0] == entry_id:
                patients.append(row[1])
                rows.append(row[2])
            elif not self.orphans:
                self.orphans.append(row[0])
            row = next(self._rows, None)
        self._next = row
        return patients, rows

    def end(self):
        if self._next is not None and not self.orphans:
            self.orphans.append(self._next[0])


def _rows(statement, values):
    # A cursor of the server on PostgreSQL. SQLite's own reads as it goes.
    with connection.chunked_cursor() as cursor:
        cursor.execute(statement, values)
        while batch := cursor.fetchmany(AT_A_TIME):
            yield from batch
