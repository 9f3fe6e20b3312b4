"""The look-up of a lot, for a recall: every session and patient that received it."""

from django.shortcuts import render
from django.views.decorators.http import require_GET

from clinic import audit
from clinic.downloads import csv_download, xlsx_download
from clinic.permissions import Permission, require_permission
from planning.forms import LotForm
from planning.lots import as_table, received, sessions_with
from planning.models import InjectionSession

MOST_SHOWN = 500


@require_GET
@require_permission(Permission.LOOK_UP_LOTS)
def lot_list(request):
    form = LotForm(request.GET if "lot" in request.GET else None)
    if not form.is_valid():
        return _asked_again(request, form)
    lot = form.cleaned_data["lot"]
    rows = received(sessions_with(lot)[:MOST_SHOWN])
    audit.shown(*(pk for row in rows for pk in row.patient_ids))
    context = {
        "form": form,
        "lot": lot,
        "rows": rows,
        "most_shown": MOST_SHOWN,
        **InjectionSession.objects.that_received(lot).how_many(),
    }
    return render(request, "planning/lot_list.html", context)


@require_GET
@require_permission(Permission.LOOK_UP_LOTS)
def lot_csv(request):
    return _file(request, csv_download)


@require_GET
@require_permission(Permission.LOOK_UP_LOTS)
def lot_xlsx(request):
    return _file(request, xlsx_download)


def _file(request, download):
    """All of them, however many; the trail says that they left Collum."""
    form = LotForm(request.GET if "lot" in request.GET else None)
    if not form.is_valid():
        return _asked_again(request, form)
    rows = received(sessions_with(form.cleaned_data["lot"]))
    audit.record("exported", by=request.user, patients=sorted({pk for row in rows for pk in row.patient_ids}))
    return download(as_table(rows), name="collum-lot")


def _asked_again(request, form):
    return render(request, "planning/lot_list.html", {"form": form})
