"""Marking a record as entered in error, and undoing it: one page for all kinds of record that are never deleted."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from clinic.accounts.permissions import require_permission
from clinic.records.actions import mark_entered_in_error, undo_entered_in_error
from clinic.web.seen import about, number
from patients.people.forms.corrections import ErrorMarkForm


def correction_view(records, *, permission, back):
    """The view for one kind of Correctable: `records` returns all of them, `back` the URL to return to."""

    @require_http_methods(["GET", "POST"])
    @require_permission(permission)
    def correction(request, pk):
        record = get_object_or_404(records(), pk=pk)
        return _correction_page(request, record, back=back(record))

    return correction


def _correction_page(request, record, *, back):
    about(request, record.patient, *filter(None, [record.patient.same_as]))
    undoes = request.method == "POST" and "undo" in request.POST
    form = ErrorMarkForm(request.POST if request.method == "POST" and not undoes else None, record=record)
    if undoes:
        undo_entered_in_error(record=record, by=request.user, version=number(request))
        messages.success(request, "“Entered in error” is undone.")
        return redirect(back)
    if form.is_valid() and form.run(mark_entered_in_error, record=record, by=request.user):
        messages.success(request, "Marked as entered in error.")
        return redirect(back)
    context = {
        "record": record,
        "noun": record._meta.verbose_name,
        "patient": record.patient,
        "form": form,
        "back": back,
    }
    return render(request, "patients/people/entered_in_error.html", context, status=form.status)
