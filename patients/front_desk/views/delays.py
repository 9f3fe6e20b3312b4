"""Clinicians who are running late today."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from clinic.accounts.permissions import Permission, require_permission
from clinic.models import User
from clinic.records.local_urls import local_path, wanted_next
from patients.diary.actions.delays import end_delay, note_delay
from patients.diary.forms import DelayEndForm, DelayForm
from patients.diary.models.delay import Delay


@require_GET
@require_permission(Permission.CHANGE_DIARY)
def running_late(request):
    return _page(request, back=local_path(request.GET.get("next", "")))


def _page(request, *, back, typed=None, failed=None):
    """`typed` is the form in which a delay was typed, by the clinician's id."""
    today = timezone.localdate()
    stored = {delay.clinician_id: delay for delay in Delay.objects.filter(day=today).select_related("noted_by")}
    rows = []
    for clinician in User.objects.clinicians():
        delay = stored.get(clinician.pk) or Delay(clinician=clinician, day=today, version=0)
        delay.clinician = clinician
        rows.append((delay, (typed or {}).get(clinician.pk) or DelayForm(delay=delay)))
    context = {"rows": rows, "next": back, "failed": failed}
    status = (failed or next(iter((typed or {}).values()), None) or DelayEndForm()).status
    return render(request, "patients/front_desk/running_late.html", context, status=status)


@require_POST
@require_permission(Permission.CHANGE_DIARY)
def delay_note(request, pk):
    clinician = get_object_or_404(User.objects.clinicians(), pk=pk)
    form = DelayForm(request.POST, delay=Delay.of_today(clinician))
    if form.is_valid() and (delay := form.run(note_delay, clinician=clinician, by=request.user)):
        messages.success(request, f"{clinician} is noted as {delay.as_text()}.")
        return redirect(wanted_next(request) or "patients:running-late")
    return _page(request, back=wanted_next(request), typed={pk: form})


@require_POST
@require_permission(Permission.CHANGE_DIARY)
def delay_end(request, pk):
    clinician = get_object_or_404(User.objects.clinicians(), pk=pk)
    form = DelayEndForm(request.POST)
    if form.is_valid() and form.run(end_delay, clinician=clinician, by=request.user):
        messages.success(request, f"{clinician} is no longer late.")
        return redirect(wanted_next(request) or "patients:running-late")
    return _page(request, back=wanted_next(request), failed=form)
