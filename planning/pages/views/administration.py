"""The administrator's start page: set-up, users, current logins and the reminders."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from clinic.accounts.permissions import Permission, require_permission
from clinic.accounts.set_up import confirm_time_zone, record_restored_backup, send_test_email
from clinic.models import BackupRun, Clinic
from patients.models import ReminderRun
from planning.pages.administration import backup_lines, logins_text, steps_of_set_up, users_and_logins
from planning.pages.forms import RestoredBackupForm


@require_GET
@require_permission(Permission.ADMINISTER)
def set_up(request):
    return _page(request)


@require_POST
@require_permission(Permission.ADMINISTER)
def time_zone_confirm(request):
    confirm_time_zone(by=request.user, seen=request.POST.get("time_zone", ""))
    messages.success(request, "The time zone is confirmed.")
    return redirect("planning:set-up")


@require_POST
@require_permission(Permission.ADMINISTER)
def test_email(request):
    check = send_test_email(by=request.user)
    if check.succeeded:
        messages.success(request, f"The mail server took the test email to {request.user.email}. See if it arrives.")
    else:
        messages.error(request, f"The test email was not sent ({check.error}). Check EMAIL_URL on the server.")
    return redirect("planning:set-up")


@require_POST
@require_permission(Permission.ADMINISTER)
def backup_restored(request):
    form = RestoredBackupForm(request.POST)
    if form.is_valid() and form.run(record_restored_backup, by=request.user):
        messages.success(request, "The restored backup is recorded.")
        return redirect("planning:set-up")
    return _page(request, form)


def _page(request, form=None):
    runs = BackupRun.objects.latest_by_kind()
    steps, lines = steps_of_set_up(runs), users_and_logins()
    context = {
        "steps": steps,
        "done": sum(step.is_done for step in steps),
        "is_complete": all(step.is_done for step in steps),
        "backup_form": form or RestoredBackupForm(),
        "time_zone": Clinic.ours().time_zone,
        "lines": lines,
        "logins": logins_text(lines),
        "backups": backup_lines(runs),
        "run": ReminderRun.objects.first(),
    }
    return render(request, "planning/pages/set_up.html", context, status=form.status if form else 200)
