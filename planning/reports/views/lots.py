"""The lot search for a recall: every session and patient that received the lot, or possibly received it."""

from django.shortcuts import render
from django.views.decorators.http import require_GET

from clinic.accounts.permissions import Permission, require_permission
from clinic.records import audit_log
from clinic.records.together import read_querysets
from clinic.web.downloads import csv_download, xlsx_download
from planning.reports.forms.lots import LotForm
from planning.reports.lot_search import TOO_MANY, as_table, look_up
from planning.sessions.models.lot import FEWEST_TO_COMPARE

MOST_SHOWN = 500


@require_GET
@require_permission(Permission.LOOK_UP_LOTS)
def lot_list(request):
    form = _form(request)
    if not form.is_valid():
        return _list_with_errors(request, form)
    found = look_up(form.cleaned_data["lot"])
    both = found.exact_sessions(), found.possible_sessions()
    read = read_querysets(*(sessions[:MOST_SHOWN] for sessions in both))
    exact, possible = (
        {"rows": found.received(rows), **sessions.how_many()} for rows, sessions in zip(read, both, strict=True)
    )
    audit_log.shown(*(pk for row in (*exact["rows"], *possible["rows"]) for pk in row.patient_ids))
    context = {
        "form": form, "found": found, "exact": exact, "possible": possible, "most_shown": MOST_SHOWN,
        "too_many": TOO_MANY, "fewest": FEWEST_TO_COMPARE,
    }  # fmt: skip
    return render(request, "planning/reports/lot_list.html", context)


@require_GET
@require_permission(Permission.LOOK_UP_LOTS)
def lot_csv(request):
    return _file(request, csv_download)


@require_GET
@require_permission(Permission.LOOK_UP_LOTS)
def lot_xlsx(request):
    return _file(request, xlsx_download)


def _file(request, download):
    form = _form(request)
    if not form.is_valid():
        return _list_with_errors(request, form)
    found = look_up(form.cleaned_data["lot"])
    if found.has_too_many:
        form.add_error("lot", TOO_MANY)  # a file without them would look complete
        return _list_with_errors(request, form)
    exact, possible = read_querysets(found.exact_sessions(), found.possible_sessions())
    rows = [*found.received(exact), *found.received(possible)]
    audit_log.record("exported", by=request.user, patients=sorted({pk for row in rows for pk in row.patient_ids}))
    return download(as_table(rows), name="collum-lot")


def _form(request):
    return LotForm(request.GET if "lot" in request.GET else None)


def _list_with_errors(request, form):
    return render(request, "planning/reports/lot_list.html", {"form": form})
