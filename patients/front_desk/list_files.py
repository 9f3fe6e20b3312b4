"""The front desk's lists of patients as files."""

from clinic.records import audit_log


def list_file(request, listed, table, download, *, name):
    """A download of the table. Its audit entry names the patients of what is listed, with their joined records."""
    records = {record.pk for each in listed for record in (each.patient, *each.patient.joined_records)}
    audit_log.record("exported", by=request.user, patients=sorted(records))
    return download(table, name=name)
