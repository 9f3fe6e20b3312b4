"""Marking a record as entered in error, and undoing it: one page for every kind of record that is never deleted."""

from django.contrib import messages
from django.shortcuts import redirect, render

from clinic import audit
from clinic.actions import mark_entered_in_error, undo_entered_in_error
from patients.forms import ErrorMarkForm


def correction_page(request, record, *, back):
    """Answers for a Correctable; `back` is the page to return to, as an address or an object that has one."""
    audit.shown(record.patient, *filter(None, [record.patient.same_as]))
    undoes = request.method == "POST" and "undo" in request.POST
    form = ErrorMarkForm(request.POST if request.method == "POST" and not undoes else None, record=record)
    if undoes:
        undo_entered_in_error(record=record, by=request.user)
        messages.success(request, "“Entered in error” is undone.")
        return redirect(back)
    if form.is_valid() and form.attempt(mark_entered_in_error, record=record, by=request.user):
        messages.success(request, "It is marked as entered in error.")
        return redirect(back)
    context = {
        "record": record,
        "noun": record._meta.verbose_name,
        "patient": record.patient,
        "form": form,
        "back": back if isinstance(back, str) else back.get_absolute_url(),
    }
    return render(request, "patients/entered_in_error.html", context, status=form.status)
