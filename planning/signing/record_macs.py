"""Verifies that signed records, and the lots by which a recall finds them, are those that Collum stored."""

from django.db import connection

from clinic.records import macs
from clinic.records.in_pages import in_pages
from planning.sessions.models.lot import LotSpelling, SignedLot, lot_key
from planning.signing.models.signed_record import SignedRecord, lots_of

KIND, LOTS, SPELLINGS = "signed records", "signed lots", "lot spellings"
# The audit trail says which records were signed.
_MISSING = (
    "SELECT MIN(object_id) FROM clinic_auditentry entry WHERE action = 'signed' AND outcome = 'done' AND "
    "object_type = 'planning.signedrecord' AND NOT EXISTS (SELECT 1 FROM planning_signedrecord WHERE id = object_id)"
)
_WITHOUT_RECORD = (
    "SELECT MIN(record_id) FROM planning_signedlot "
    "WHERE NOT EXISTS (SELECT 1 FROM planning_signedrecord record WHERE record.id = record_id)"
)
_NOT_SPELLED = (
    "SELECT MIN(lot.id) FROM planning_signedlot lot "
    "WHERE NOT EXISTS (SELECT 1 FROM planning_lotspelling WHERE typed = lot_number)"
)


def check(report):
    for record in report.each(KIND, in_pages(SignedRecord.objects.prefetch_related("lots"))):
        if fault := macs.fault(record.mac, "signed record", record.mac_values()):
            report.found(KIND, f"{record} (id {record.pk}) {fault}.")
        # Lots have no MAC: the signed content shows what they must be.
        elif sorted(lot.lot_number for lot in record.lots.all()) != sorted(lots_of(record.content)):
            report.found(LOTS, f"{record} (id {record.pk}) has other lots for a recall than those that were signed.")
    report.checked[LOTS] = SignedLot.objects.count()
    if (missing := _first(_MISSING)) is not None:
        report.found(KIND, f"The signed record with the id {missing} is missing.")
    if (missing := _first(_WITHOUT_RECORD)) is not None:
        report.found(LOTS, f"The record with the id {missing} is missing, but its lots are stored.")
    _check_spellings(report)


def _check_spellings(report):
    """A recall finds a lot by the letters and digits of each spelling that was typed."""
    for spelling in report.each(SPELLINGS, in_pages(LotSpelling.objects.all(), size=5_000)):
        if spelling.key != lot_key(spelling.typed):
            report.found(SPELLINGS, f"The lot spelling with the id {spelling.pk} would not be found.")
    if (lot := _first(_NOT_SPELLED)) is not None:
        report.found(SPELLINGS, f"The spelling of the signed lot with the id {lot} is missing.")


def _first(statement):
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchone()[0]
