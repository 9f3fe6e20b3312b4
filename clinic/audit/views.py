"""The audit trail, for auditors: who did what and when, without patient names."""

from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from clinic.accounts.permissions import Permission, require_permission
from clinic.audit.forms import AuditForm, SealsForm
from clinic.audit.ready_made import COUNTED_DAYS, ready_made
from clinic.audit.rows import as_table, by_day_and_person, rows_of
from clinic.records.audit_log import record
from clinic.records.seals import AuditSeal
from clinic.web.downloads import csv_download, xlsx_download

PAGE_SIZE = 100
MOST_IN_A_FILE = 20_000
TOO_MANY = f"There are more than {MOST_IN_A_FILE:,} entries. Choose fewer days, and try again.".replace(",", " ")


@require_http_methods(["GET", "POST"])
@require_permission(Permission.SEE_AUDIT)
def audit(request):
    """A record number is sent by POST: a URL is stored in the browser’s history and in access logs."""
    form = _form(request)
    record("read the audit trail", by=request.user, patients=form.patients)
    return _page(request, form)


@require_POST
@require_permission(Permission.SEE_AUDIT)
def audit_csv(request):
    return _file(request, csv_download)


@require_POST
@require_permission(Permission.SEE_AUDIT)
def audit_xlsx(request):
    return _file(request, xlsx_download)


@require_POST
@require_permission(Permission.SEE_AUDIT)
def audit_print(request):
    """Who opened a record, in which role and when, for its patient: what was done, without what was refused."""
    form = _form(request)
    if not form.errors and not form.number:
        form.add_error("record_number", "Type the patient’s record number.")
    entries = _all(form, form.chosen().filter(outcome="done") if form.is_valid() else form.chosen())
    if form.errors:
        return _page(request, form)
    record("printed who opened the record", by=request.user, patients=form.patients)
    context = {
        "number": form.number,
        "since": form.cleaned_data["since"],
        "until": form.cleaned_data["until"],
        "lines": by_day_and_person(rows_of(entries, form.people)),
        "clinic": request.clinic,
        "now": timezone.localtime(),
    }
    return render(request, "clinic/audit/audit_print.html", context)


@require_GET
@require_permission(Permission.SEE_AUDIT)
def audit_seals(request):
    """The seals, to print and to keep elsewhere: only a seal that was kept shows that the end of the trail was cut."""
    begins_before = SealsForm(request.GET).begins_before
    seals = AuditSeal.objects.order_by("-number")
    if begins_before:
        seals = seals.filter(number__lt=begins_before)
    shown = list(seals[: PAGE_SIZE + 1])
    record("read the seals", by=request.user)
    context = {
        "seals": shown[:PAGE_SIZE],
        "earlier": shown[PAGE_SIZE - 1].number if len(shown) > PAGE_SIZE else None,
        "is_latest": not begins_before,
        "clinic": request.clinic,
        "now": timezone.localtime(),
    }
    return render(request, "clinic/audit/audit_seals.html", context)


def _file(request, download):
    form = _form(request)
    entries = _all(form, form.chosen())
    if form.errors:
        return _page(request, form)
    record("downloaded the audit trail", by=request.user, patients=form.patients)
    return download(as_table(rows_of(entries, form.people)), name="collum-audit-trail")


def _form(request):
    """By GET without a record number, which is not accepted in a URL."""
    asked = request.POST if request.method == "POST" else request.GET.copy()
    if request.method != "POST":
        asked.pop("record_number", None)
    form = AuditForm(asked)
    form.full_clean()
    return form


def _all(form, entries):
    """A part of them would look complete, so too many are an error."""
    found = list(entries[: MOST_IN_A_FILE + 1])
    if len(found) > MOST_IN_A_FILE:
        form.add_error("since", TOO_MANY)
    return found


def _page(request, form):
    entries = form.chosen()
    if form.begins_before:
        entries = entries.before(form.begins_before)
    # A page begins at an entry, not at an offset: the audit trail grows while it is read.
    shown = list(entries[: PAGE_SIZE + 1])
    rows = rows_of(shown[:PAGE_SIZE], form.people)
    context = {
        "form": form,
        "number": form.number,
        "entries": [row.entry for row in rows],
        "rows": rows,
        "earlier": shown[PAGE_SIZE - 1].pk if len(shown) > PAGE_SIZE else None,
        "is_latest": not form.begins_before,
        "ready_made": ready_made(),
        "counted_days": COUNTED_DAYS,
    }
    return render(request, "clinic/audit/audit.html", context)
