"""The clinic's overview: counts and intervals, without patients."""

from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from clinic.accounts.permissions import Permission, require_permission
from clinic.records import audit_log, standby
from clinic.web.downloads import csv_download, xlsx_download
from planning.course.graphs import month_chart, weeks_chart
from planning.reports.forms.overview import MonthsForm
from planning.reports.overview_figures import SERIES, Span, as_table, median_text, overview_of


@require_GET
@require_permission(Permission.SEE_OVERVIEW)
def overview(request):
    return _page(request, MonthsForm.of(request.GET))


@require_GET
@require_permission(Permission.SEE_OVERVIEW)
def overview_csv(request):
    return _file(request, csv_download)


@require_GET
@require_permission(Permission.SEE_OVERVIEW)
def overview_xlsx(request):
    return _file(request, xlsx_download)


def _file(request, download):
    form = MonthsForm.of(request.GET)
    if form.errors:
        return _page(request, form)
    audit_log.record("exported", by=request.user)
    return download(as_table(_shown(form)), name="collum-overview")


def _shown(form):
    with standby.reads():
        return overview_of(Span(form.chosen(), timezone.localdate()))


def _page(request, form):
    shown = _shown(form)
    context = {
        "form": form,
        "shown": shown,
        "charts": [month_chart(shown, what, title) for what, title in SERIES.items()],
        "weeks_chart": weeks_chart(shown),
        "median": median_text(shown.weeks),
        "totals": {what: shown.total(what) for what in SERIES},
    }
    return render(request, "planning/reports/overview.html", context)
