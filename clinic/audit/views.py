"""The audit trail, for auditors: who did what and when, without patient names."""

from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from clinic.accounts.permissions import Permission, require_permission
from clinic.audit import subjects
from clinic.audit.forms import AuditForm
from clinic.records.audit_log import record
from clinic.records.models import AuditEntry

PAGE_SIZE = 100


@require_http_methods(["GET", "POST"])
@require_permission(Permission.SEE_AUDIT)
def audit(request):
    """A record number is sent by POST: a URL is stored in the browser’s history and in access logs."""
    form = AuditForm(request.POST if request.method == "POST" else {"before": request.GET.get("before")})
    number, before = form.value_of("record_number"), form.value_of("before")
    patients = subjects.patient_ids(record_number=number) if number else []
    record("read the audit trail", by=request.user, patients=patients)
    entries = AuditEntry.objects.select_related("actor").order_by("-pk")
    if number or form["record_number"].errors:
        entries = entries.filter(patients__patient_id__in=patients)
    if before:
        entries = entries.filter(pk__lt=before)
    # A page begins at an entry, not at an offset: the audit trail grows while it is read.
    shown = list(entries[: PAGE_SIZE + 1])
    context = {
        "form": form,
        "number": number,
        "patient_known": bool(patients),
        "entries": shown[:PAGE_SIZE],
        "earlier": shown[PAGE_SIZE - 1].pk if len(shown) > PAGE_SIZE else None,
        "is_latest": not before,
    }
    return render(request, "clinic/audit/audit.html", context)
