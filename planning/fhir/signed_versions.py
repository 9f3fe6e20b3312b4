"""The signed records of a session, as the versions of what FHIR shows of it."""

import datetime as dt

from planning.fhir.elements import latest


def versions_of(session):
    """Oldest first. Needs its records in a list."""
    return sorted(session.records.all(), key=lambda record: record.number)


def is_last(record):
    return record == versions_of(record.session)[-1]


def signed_at(record):
    return dt.datetime.fromisoformat(record.signed_at)


def error_mark_of(session):
    """Its active mark; needs its error marks in a list."""
    return next((mark for mark in session.error_marks.all() if mark.undone_at is None), None)


def changed_at(session):
    """When the latest record was signed, or a mark was set or undone; None before the first signature.

    The rows of a session that is not signed have no common time of change.
    """
    if not session.is_signed:
        return None
    marks = [at for mark in session.error_marks.all() for at in (mark.marked_at, mark.undone_at)]
    return latest(signed_at(versions_of(session)[-1]), *marks)


def row_in_records(session, pk):
    """The latest record that contains this injection, and the row as it was signed; (None, None) if none does."""
    for record in reversed(versions_of(session)):
        for row in record.content["injections"]:
            if row["id"] == pk:
                return record, row
    return None, None


def amendment_text(content):
    """*Amended (record 1): Wrong entry. The reason.*; empty for a first record."""
    amendment = content["amendment"]
    if not amendment:
        return ""
    return f"Amends record {amendment['of_record']}. {amendment['kind']}: {amendment['reason']}"
