"""Recording that data of all patients left Collum, before it does."""

from clinic.records import audit_log
from clinic.records.actions import action, store
from planning.exports.models import DataExport


@action
def record_export(*, kind, reason, patients, by, dates=""):
    """`patients` are the ids of those in the export. `by` is None for a command on the server."""
    export = DataExport(kind=kind, reason=reason, dates=dates, by=by)
    store(export, by=by)
    audit_log.record("exported", export, by=by, patients=patients)
    return export
