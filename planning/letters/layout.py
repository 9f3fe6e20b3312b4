"""A whole letter as text, in the order in which it is printed."""

from django.utils import timezone

from clinic.records.dates import format_date
from planning.letters.placeholders import patient_title, with_injections


def signed_off_text(letter, *, clinic, by, at):
    return full_text(letter, clinic=clinic, signed=f"Signed off by {by.printed_name}.", at=at)


def full_text(letter, *, clinic, signed, at):
    """`signed` says who signed it off; the injections are those of the signed record, as typed."""
    parts = [
        _letterhead(clinic),
        letter.recipient,
        format_date(timezone.localtime(at).date()),
        patient_title(letter.patient),
        with_injections(letter.text, letter.record),
        " ".join([signed, *_about(letter.record)]),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _letterhead(clinic):
    return "\n".join(filter(None, (clinic.name, clinic.address, clinic.phone)))


def _about(record):
    if record is None:
        return []
    amended = record.content.get("amendment")
    note = f" It amends record {amended['of_record']}: {amended['reason']}" if amended else ""
    return [f"This letter is about signed record {record.number} of the session.{note}"]
