"""Recording that data of all patients left Collum, before it does."""

from clinic.records import audit_log
from clinic.records.actions import action, store
from patients.models import Patient
from planning.exports.models import DataExport


@action
def record_export(*, kind, reason, by, dates="", patients=None):
    """`patients` are the ids of those in the export; all, if it is None. `by` is None for a command on the server."""
    if patients is None:
        patients = Patient.objects.values_list("pk", flat=True).order_by("pk")
    export = DataExport(kind=kind, reason=reason, dates=dates, by=by)
    store(export, by=by)
    audit_log.record("exported", export, by=by, patients=patients)
    return export
