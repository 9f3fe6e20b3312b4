"""Entries of the audit trail as they are read: who, what and about which record, with labels and without names."""

from collections import defaultdict
from typing import NamedTuple

from django.db.models import Count, Min
from django.utils import timezone

from clinic.audit import labels, subjects
from clinic.records.models import AuditedPatient, AuditEntry
from clinic.records.text import counted

NOT_LOGGED_IN = "not logged in"
COLUMNS = ("Time", "Person", "Roles", "What", "Records", "Outcome", "Request")
AT_A_TIME = 5_000


class AuditRow(NamedTuple):
    entry: AuditEntry
    who: str
    what: str
    number: str  # of the one record that it concerns
    patients: int

    @property
    def records(self):
        return self.number or (counted(self.patients, "record") if self.patients else "")


def rows_of(entries, people):
    """`people` are all users by id. Asks as often for many entries as for few, up to thousands of them."""
    entries = list(entries)
    concerned = {}
    for start in range(0, len(entries), AT_A_TIME):
        concerned |= _concerned([entry.pk for entry in entries[start : start + AT_A_TIME]])
    single = {row["one"] for row in concerned.values() if row["many"] == 1}
    numbers = subjects.record_numbers(single) if single else {}
    return [_row(entry, people, concerned.get(entry.pk), numbers) for entry in entries]


def _concerned(pks):
    found = AuditedPatient.objects.filter(entry__in=pks).values("entry")
    return {row["entry"]: row for row in found.annotate(many=Count("pk"), one=Min("patient_id")).order_by()}


def _row(entry, people, concerned, numbers):
    what, account = labels.entry_label(entry), people.get(entry.object_id)
    if entry.object_type == "clinic.user" and account is not None and entry.object_id != entry.actor_id:
        what = f"{what} ({account})"
    many = concerned["many"] if concerned else 0
    # The trail is stored longer than a record may be.
    number = numbers.get(concerned["one"], "") if many == 1 else ""
    return AuditRow(entry, str(people.get(entry.actor_id, NOT_LOGGED_IN)), what, number, many)


def as_table(rows):
    yield COLUMNS
    for row in rows:
        entry = row.entry
        at = timezone.localtime(entry.at)
        yield (
            at.isoformat(timespec="seconds"), row.who, entry.roles, row.what, row.records, entry.outcome,
            entry.request_id,
        )  # fmt: skip


class Visited(NamedTuple):
    """What one user did with a record on one day."""

    day: str
    who: str
    roles: str
    first: str
    last: str
    what: list


def by_day_and_person(rows):
    """As a patient reads it: a line for each day and user, latest day first."""
    groups = defaultdict(list)
    for row in rows:
        at = timezone.localtime(row.entry.at)
        groups[at.date(), row.who, row.entry.roles].append((at, row.what))
    return [
        Visited(day, who, roles, min(seen)[0], max(seen)[0], list(dict.fromkeys(what for _, what in reversed(seen))))
        for (day, who, roles), seen in groups.items()
    ]
