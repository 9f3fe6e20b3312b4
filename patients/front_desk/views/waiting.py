"""The waiting list: patients who would take a time that becomes free."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from clinic.accounts.permissions import Permission, require_permission
from clinic.records import audit_log
from clinic.web.downloads import csv_download, xlsx_download
from clinic.web.page_numbers import page_of
from clinic.web.seen import about
from patients.front_desk.list_files import list_file
from patients.front_desk.waiting_rows import as_table, rows_of
from patients.people.opened_patient import patient_or_404
from patients.waiting.actions import add_to_waiting_list, change_waiting_entry, remove_from_waiting_list
from patients.waiting.forms import EntryForm, NewEntryForm, RemoveEntryForm
from patients.waiting.models.waiting_entry import USUAL_REASONS, WaitingEntry

PAGE_SIZE = 50


def _listed():
    return WaitingEntry.objects.open().for_page().longest_first()


@require_GET
@require_permission(Permission.SEE_DIARY)
def waiting_list(request):
    page = page_of(request, _listed(), PAGE_SIZE)
    audit_log.shown(*(entry.patient_id for entry in page))
    return render(request, "patients/front_desk/waiting_list.html", {"page": page, "rows": rows_of(page)})


@require_GET
@require_permission(Permission.SEE_DIARY)
def waiting_print(request):
    entries = list(_listed())
    audit_log.shown(*(entry.patient_id for entry in entries))
    context = {"rows": rows_of(entries), "today": timezone.localdate(), "clinic_name": request.clinic.name}
    return render(request, "patients/front_desk/waiting_print.html", context)


@require_GET
@require_permission(Permission.SEE_DIARY)
def waiting_csv(request):
    return _file(request, csv_download)


@require_GET
@require_permission(Permission.SEE_DIARY)
def waiting_xlsx(request):
    return _file(request, xlsx_download)


def _file(request, download):
    entries = list(_listed())
    return list_file(request, entries, as_table(rows_of(entries)), download, name="collum-waiting-list")


@require_http_methods(["GET", "POST"])
@require_permission(Permission.CHANGE_DIARY)
def waiting_add(request, pk):
    patient = patient_or_404(pk)
    about(request, patient)
    form = NewEntryForm(request.POST if request.method == "POST" else None, initial={"from_on": timezone.localdate()})
    if form.is_valid() and (entry := form.run_once(add_to_waiting_list, request=request, patient=patient)):
        messages.success(request, f"{patient} is on the waiting list: {entry.wish_text()}.")
        return redirect("patients:waiting-list")
    context = {
        "patient": patient,
        "form": form,
        "obstacle": patient.booking_obstacle(),
        "waiting": WaitingEntry.objects.open_of(patient),
    }
    return render(request, "patients/front_desk/waiting_add.html", context, status=form.status)


@require_http_methods(["GET", "POST"])
@require_permission(Permission.CHANGE_DIARY)
def waiting_change(request, pk):
    entry = _opened(request, pk)
    form = EntryForm(request.POST if request.method == "POST" else None, record=entry)
    if form.is_valid() and (changed := form.run(change_waiting_entry, entry=entry, by=request.user)):
        messages.success(request, f"{entry.patient} waits for: {changed.wish_text()}.")
        return redirect("patients:waiting-list")
    return _page(request, entry, form=form)


@require_POST
@require_permission(Permission.CHANGE_DIARY)
def waiting_remove(request, pk):
    entry = _opened(request, pk)
    form = RemoveEntryForm(request.POST, entry=entry)
    if form.is_valid() and form.run(remove_from_waiting_list, entry=entry, by=request.user):
        messages.success(request, f"{entry.patient} is no longer on the waiting list.")
        return redirect("patients:waiting-list")
    return _page(request, entry, remove_form=form)


def _opened(request, pk):
    entries = WaitingEntry.objects.select_related("patient", "clinician", "added_by", "ended_by", "booked_visit")
    entry = get_object_or_404(entries, pk=pk)
    about(request, entry.patient_id)
    return entry


def _page(request, entry, *, form=None, remove_form=None):
    context = {
        "entry": entry,
        "patient": entry.patient,
        "row": rows_of([entry])[0],
        "form": form or EntryForm(record=entry),
        "remove_form": remove_form or RemoveEntryForm(entry=entry),
        "reasons": USUAL_REASONS,
    }
    status = (remove_form or form).status
    return render(request, "patients/front_desk/waiting_change.html", context, status=status)
