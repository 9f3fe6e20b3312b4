"""Exports of the data of all patients, for neurologists: each with a reason, and in the audit trail."""

from django.db import connection
from django.http import StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from clinic.accounts.permissions import Permission, require_permission
from clinic.backup.snapshots import snapshot
from clinic.web.downloads import CSV, xlsx_download
from planning.exports.actions import record_export
from planning.exports.audit_lines import audit_lines, patients_in_lines
from planning.exports.everything import csv_lines, everything_as_zip, in_csv
from planning.exports.forms import EverythingForm, ResearchForm, SessionsForm
from planning.exports.models import DataExport, ExportKind
from planning.exports.pseudonyms import Pseudonyms
from planning.exports.research import research_as_zip
from planning.exports.zip_stream import in_blocks

LATEST_SHOWN = 20
MOST_IN_XLSX = 20_000
TOO_MANY = "There are more than 20 000 lines. Choose fewer days, or download the CSV."
ZIP = "application/zip"


@require_GET
@require_permission(Permission.EXPORT_ALL)
def export_list(request):
    return _page(request)


def _page(request, **failed):
    forms = {"everything": EverythingForm(), "research": ResearchForm(), "sessions": SessionsForm()} | failed
    status = max(form.status for form in forms.values())
    earlier = DataExport.objects.select_related("by").order_by("-pk")[:LATEST_SHOWN]
    context = {"forms": forms, "earlier": earlier}
    return render(request, "planning/exports/export_list.html", context, status=status)


@require_POST
@require_permission(Permission.EXPORT_ALL)
def export_everything(request):
    form = EverythingForm(request.POST)
    if not form.is_valid():
        return _page(request, everything=form)
    export = form.run(record_export, kind=ExportKind.EVERYTHING, by=request.user)
    return _streamed(_snapshot(everything_as_zip, at=export.at), ZIP, f"collum-everything-{timezone.localdate()}.zip")


@require_POST
@require_permission(Permission.EXPORT_ALL)
def export_research(request):
    form = ResearchForm(request.POST)
    if not form.is_valid():
        return _page(request, research=form)
    export = form.run(record_export, kind=ExportKind.RESEARCH, by=request.user)
    blocks = _snapshot(research_as_zip, pseudonyms=Pseudonyms(form.key, export.dates), zone=request.clinic.zone)
    return _streamed(blocks, ZIP, f"collum-research-{timezone.localdate()}.zip")


@require_POST
@require_permission(Permission.EXPORT_ALL)
def export_sessions_csv(request):
    form = SessionsForm(request.POST)
    if not form.is_valid():
        return _page(request, sessions=form)
    _record_sessions(request, form)
    blocks = _snapshot(_sessions_in_blocks, since=form.cleaned_data["since"], until=form.cleaned_data["until"])
    return _streamed(blocks, CSV, f"collum-sessions-{timezone.localdate()}.csv")


@require_POST
@require_permission(Permission.EXPORT_ALL)
def export_sessions_xlsx(request):
    form = SessionsForm(request.POST)
    if not form.is_valid():
        return _page(request, sessions=form)
    lines = _first_lines(since=form.cleaned_data["since"], until=form.cleaned_data["until"])
    if len(lines) > MOST_IN_XLSX + 1:
        form.add_error("until", TOO_MANY)
        return _page(request, sessions=form)
    _record_sessions(request, form)
    return xlsx_download(lines, name="collum-sessions")


def _first_lines(**days):
    """Not more than are needed to know that there are too many."""
    with snapshot(connection) as source:
        return [line for line, _ in zip(audit_lines(source, **days), range(MOST_IN_XLSX + 2), strict=False)]


def _sessions_in_blocks(source, **days):
    return in_blocks(csv_lines([in_csv(cell) for cell in line] for line in audit_lines(source, **days)))


def _record_sessions(request, form):
    typed = form.cleaned_data
    with snapshot(connection) as source:
        patients = patients_in_lines(source, since=typed["since"], until=typed["until"])
    record_export(kind=ExportKind.SESSIONS, reason=typed["reason"], patients=patients, by=request.user)


def _snapshot(export, **how):
    """The connection of the snapshot is open while the file is sent, and closed with it."""
    with snapshot(connection) as source:
        yield from export(source, **how)


def _streamed(blocks, kind, filename):
    headers = {
        "Content-Disposition": f'attachment; filename="{filename}"',
        "X-Accel-Buffering": "no",  # nginx would store patients in a temporary file
    }
    return StreamingHttpResponse(blocks, content_type=kind, headers=headers)
