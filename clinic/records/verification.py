"""Finds changes that bypassed Collum: in the audit trail, its seals, signed records and the database's triggers."""

from contextlib import contextmanager
from dataclasses import dataclass, field

from django.db import connection, transaction

from clinic.records import macs, stored_entries, triggers
from clinic.records.in_pages import in_pages
from clinic.records.seals import AuditSeal, Covered

TELL_EVERY = 100_000
COPIES = """
    SELECT MIN(copy) FROM (SELECT MAX(id) AS copy FROM clinic_auditentry GROUP BY nonce HAVING COUNT(*) > 1) AS copies
"""
# An entry names the newest seal that was known. So a seal cannot be removed, or made again, without it.
UNKNOWN_SEALS = """
    SELECT MIN(entry.id) FROM clinic_auditentry entry LEFT JOIN clinic_auditseal seal ON number = seal_number
    WHERE seal_number IS NOT NULL
    AND (number IS NULL OR substr(seal.mac, length(seal.mac) - 63, length(seal_digits)) <> seal_digits)
"""

_registered = {}


def register(name, check):
    """`check(report)` looks at the records of a later package, and adds what it finds to the report."""
    _registered[name] = check


@dataclass
class Report:
    """How many were checked, and the first bad one of each kind."""

    tell: callable = print
    checked: dict = field(default_factory=dict)
    bad: dict = field(default_factory=dict)
    unsealed: int = 0

    def found(self, kind, message):
        self.bad.setdefault(kind, message)

    def each(self, kind, rows):
        """The rows, while they are counted."""
        number = 0
        for number, row in enumerate(rows, start=1):
            yield row
            if number % TELL_EVERY == 0:
                self.tell(f"{number:,} {kind} …")
        self.checked[kind] = number


def verify(report, kept=()):
    """`kept`: seals that left the machine, as `number:MAC`."""
    with _one_state():
        verify_rows(report)
        for number_and_mac in kept:
            _check_kept(report, number_and_mac)
    _check_triggers(report)
    return report


def verify_rows(report):
    _Trail(report).check()
    _check_copies(report)
    _check_known_seals(report)
    for check in _registered.values():
        check(report)
    return report


@contextmanager
def _one_state():
    """All statements see the same rows, while others write."""
    if connection.in_atomic_block:
        yield
    elif connection.vendor == "postgresql":
        with transaction.atomic():
            _execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            yield
    else:
        _execute("BEGIN DEFERRED")  # atomic() would make writers wait
        try:
            yield
        finally:
            _execute("ROLLBACK")


class _Trail:
    """Reads entries, their patients and the seals once, side by side."""

    def __init__(self, report):
        self.report = report
        seals = in_pages(AuditSeal.objects.all(), key="number", size=stored_entries.AT_A_TIME)
        self.seals = report.each("seals", seals)
        self.before, self.seal, self.covered = None, None, Covered()
        self._open_next()
        self.patients = stored_entries.Patients()

    def check(self):
        for pk, mac, *values in self.report.each("audit entries", stored_entries.entries()):
            patients, rows = self.patients.of(pk)
            if fault := macs.fault(mac, "entry", values + patients):
                self.report.found("audit entries", f"Audit entry {pk} {fault}.")
            self._cover(pk, mac, rows)
        while self.seal is not None:
            self._close()
        self.patients.end()
        for pk in self.patients.orphans:
            self.report.found("audit entries", f"Audit entry {pk} is missing, but its patients are stored.")

    def _cover(self, pk, mac, rows):
        while self.seal is not None and pk > self.seal.last_entry:
            self._close()
        if self.seal is None:
            self.report.unsealed += 1
        elif pk < self.seal.first_entry:
            self.report.found("audit entries", f"Audit entry {pk} is in front of the entries of its seal.")
        else:
            self.covered.add(pk, mac, rows)

    def _open_next(self):
        self.covered = Covered()
        self.seal = next(self.seals, None)
        if self.seal is None:
            return
        number = self.before.number + 1 if self.before else 1
        first = self.before.last_entry + 1 if self.before else 1
        if self.seal.number != number:
            self._found(f"Seal {number} is missing.")
        elif fault := self.seal.fault():
            self._found(f"Seal {number} {fault}.")
        elif (self.seal.first_entry, self.seal.previous_mac) != (first, self.before.mac if self.before else ""):
            self._found(f"Seal {number} does not continue the seal before it.")

    def _close(self):
        seal, covered = self.seal, self.covered
        if covered.entries != seal.entries:
            self._found(f"{seal}: {covered.entries} entries are stored.")
        elif covered.hexdigest() != seal.digest:
            self._found(f"{seal}: they are not those that were sealed.")
        self.before = seal
        self._open_next()

    def _found(self, message):
        self.report.found("seals", message)


def _check_copies(report):
    """A copy of an entry has its MAC too, so it is found by its nonce. As a rule, a constraint lets none in."""
    if not _nonces_are_unique() and (copy := _first(COPIES)) is not None:
        report.found("audit entries", f"Audit entry {copy} is a copy.")


def _nonces_are_unique():
    with connection.cursor() as cursor:
        constraints = connection.introspection.get_constraints(cursor, "clinic_auditentry")
    return constraints.get("clinic_auditentry_is_not_a_copy", {}).get("unique", False)


def _check_known_seals(report):
    if (entry := _first(UNKNOWN_SEALS)) is not None:
        report.found("seals", f"Audit entry {entry} names a seal that is not stored now.")


def _check_kept(report, number_and_mac):
    number, _, mac = number_and_mac.partition(":")
    seal = AuditSeal.objects.filter(number=number).first()
    if seal is None:
        report.found("kept seals", f"Seal {number} is missing.")
    elif seal.mac != mac:
        report.found("kept seals", f"Seal {number} has another MAC than the one that was kept.")
    report.checked["kept seals"] = report.checked.get("kept seals", 0) + 1


def _check_triggers(report):
    for name in triggers.missing():
        report.found("triggers", f"The trigger {name} is missing.")
    for name in triggers.altered():
        report.found("triggers", f"The trigger {name} is altered or disabled.")
    if not _nonces_are_unique():
        report.found("triggers", "The constraint clinic_auditentry_is_not_a_copy is missing.")
    report.checked["triggers"] = len(triggers.guards())


def _first(statement):
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchone()[0]


def _execute(statement):
    with connection.cursor() as cursor:
        cursor.execute(statement)
