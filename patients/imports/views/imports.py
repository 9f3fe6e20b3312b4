"""The pages of an import: upload, match, check, decide, confirm, and undo."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from clinic.accounts.login_lifetime import not_activity
from clinic.accounts.permissions import Permission, may, require_permission
from clinic.records import audit_log
from clinic.records.exceptions import Incomplete
from clinic.web.body_limits import takes_files
from clinic.web.page_numbers import page_of
from clinic.web.seen import INCOMPLETE, number
from patients.imports.actions import imports as actions
from patients.imports.forms import DecisionForm, MatchForm, UploadForm
from patients.imports.import_steps import run_step
from patients.imports.kinds.row_kind import kind_named, kinds_for
from patients.imports.models.import_batch import ImportBatch, ImportState
from patients.imports.models.import_row import RowOutcome
from patients.people.models.patient import Patient

PAGE_SIZE = 50
BATCHES_SHOWN = 20


def _can_import(user):
    return may(user, Permission.IMPORT_PATIENTS)


@require_http_methods(["GET", "POST"])
@require_permission(Permission.IMPORT_PATIENTS)
def import_list(request):
    data = (request.POST, request.FILES) if request.method == "POST" else ()
    form = UploadForm(*data, user=request.user)
    if form.is_valid() and (batch := form.run_once(actions.upload_file, request=request)):
        return redirect(batch)
    names = [kind.name for kind in kinds_for(request.user)]
    batches = ImportBatch.objects.filter(kind__in=names).select_related("uploaded_by", "file").defer("file__text")
    page = page_of(request, batches.latest_first(), BATCHES_SHOWN)
    rows = [(batch, kind_named(batch.kind).title) for batch in page]
    context = {"form": form, "page": page, "rows": rows}
    return render(request, "patients/imports/import_list.html", context, status=form.status)


takes_files(import_list, is_open_to=_can_import)


def _opened(request, pk):
    batches = ImportBatch.objects.select_related("uploaded_by", "confirmed_by", "undone_by", "file")
    batch = get_object_or_404(batches.defer("file__text"), pk=pk)
    if not kind_named(batch.kind).is_open_to(request.user):
        raise PermissionDenied
    return batch


@require_GET
@require_permission(Permission.IMPORT_PATIENTS)
def import_detail(request, pk):
    return _page(request, _opened(request, pk))


def _page(request, batch, *, form=None):
    can_match = batch.state in (ImportState.MATCHING, ImportState.CHECKED)
    form = form or (MatchForm(batch=batch) if can_match else None)
    context = {"batch": batch, "kind": kind_named(batch.kind), "form": form, "counts": _counts(batch)}
    context["left_out"] = [column for column in batch.columns if not column["field"]]
    status = form.status if form else 200
    return render(request, "patients/imports/import_detail.html", context, status=status)


def _counts(batch):
    """(outcome, its label, number), in the order of the report."""
    if batch.state in (ImportState.MATCHING, ImportState.CHECKING):
        return []
    counts = batch.counts()
    return [(outcome.value, outcome.label, counts.get(outcome, 0)) for outcome in RowOutcome]


@require_POST
@require_permission(Permission.IMPORT_PATIENTS)
def import_match(request, pk):
    batch = _opened(request, pk)
    form = MatchForm(request.POST, batch=batch)
    if form.is_valid() and form.run(actions.match_columns, batch=batch, by=request.user):
        return redirect(batch)
    return _page(request, batch, form=form)


@not_activity
@require_POST
@require_permission(Permission.IMPORT_PATIENTS)
def import_step(request, pk):
    """One step. The page asks for the next one as long as the import is running."""
    batch = run_step(_opened(request, pk))
    if not request.htmx:
        return redirect(batch)
    if not batch.is_running:
        return HttpResponse(headers={"HX-Redirect": batch.get_absolute_url()})
    return render(request, "patients/imports/_progress.html", {"batch": batch})


@require_GET
@require_permission(Permission.IMPORT_PATIENTS)
def import_rows(request, pk):
    batch = _opened(request, pk)
    only = request.GET.get("only", "")
    rows = batch.rows.in_order()
    if only in RowOutcome.values:
        rows = rows.filter(outcome=only)
    page = page_of(request, rows, PAGE_SIZE)
    context = {
        "batch": batch,
        "page": page,
        "rows": _with_patients(page),
        "only": RowOutcome(only).label if only in RowOutcome.values else "All rows",
        "can_decide": batch.state == ImportState.CHECKED,
        "undecided": batch.rows.undecided().count(),
    }
    return render(request, "patients/imports/import_rows.html", context)


def _with_patients(rows):
    """(row, its patient, the similar patients, the similar earlier rows)."""
    ids = {each["patient"] for row in rows for each in row.alike if "patient" in each}
    ids |= {row.patient for row in rows if row.patient}
    patients = Patient.objects.prefetch_related("others").in_bulk(ids)
    audit_log.shown(*patients)
    for row in rows:
        similar = [patients[each["patient"]] for each in row.alike if each.get("patient") in patients]
        yield row, patients.get(row.patient), similar, [each["row"] for each in row.alike if "row" in each]


@require_POST
@require_permission(Permission.IMPORT_PATIENTS)
def import_decide(request, pk):
    batch = _opened(request, pk)
    form = DecisionForm(request.POST)
    if not form.is_valid():
        raise Incomplete(INCOMPLETE)
    decision, version = form.cleaned_data["decision"], form.cleaned_data["version"]
    if form.cleaned_data["row"]:
        row = get_object_or_404(batch.rows, pk=form.cleaned_data["row"])
        actions.decide_row(batch=batch, row=row, decision=decision, by=request.user, version=version)
    elif decision in (actions.NEW, actions.SKIP, actions.SAME):
        decided = actions.decide_all(batch=batch, decision=decision, by=request.user, version=version)
        messages.success(request, f"Rows decided: {decided}.")
    else:
        raise Incomplete(INCOMPLETE)
    if batch.rows.undecided().exists():
        return redirect(f"{reverse('patients:import-rows', args=[batch.pk])}?only=ask")
    return redirect(batch)


@require_POST
@require_permission(Permission.IMPORT_PATIENTS)
def import_confirm(request, pk):
    return redirect(actions.confirm_import(batch=_opened(request, pk), by=request.user, version=number(request)))


@require_POST
@require_permission(Permission.IMPORT_PATIENTS)
def import_undo(request, pk):
    return redirect(actions.undo_import(batch=_opened(request, pk), by=request.user, version=number(request)))


@require_POST
@require_permission(Permission.IMPORT_PATIENTS)
def import_discard(request, pk):
    actions.discard_import(batch=_opened(request, pk), by=request.user, version=number(request))
    messages.success(request, "The import is discarded, and its file is deleted.")
    return redirect("patients:import-list")
