"""The follow-up list on paper and as a file, with the filters of the page and all rows; without free text."""

from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from clinic.accounts.permissions import Permission, require_permission
from clinic.records import audit_log
from clinic.web.downloads import csv_download, xlsx_download
from patients.followups.forms import FollowUpFilter
from patients.front_desk.followup_rows import as_table, back_to_the_list, row_of, with_attempts
from patients.front_desk.list_files import list_file


@require_GET
@require_permission(Permission.SEE_DIARY)
def followup_print(request):
    today = timezone.localdate()
    form = FollowUpFilter(request.GET)
    follow_ups = with_attempts(form.chosen(today))
    audit_log.shown(*(follow_up.patient_id for follow_up in follow_ups))
    context = {
        "chosen": form.filter_text(),
        "today": today,
        "rows": [row_of(follow_up, today) for follow_up in follow_ups],
        "back": back_to_the_list(request.GET),
        "clinic_name": request.clinic.name,
    }
    return render(request, "patients/front_desk/followup_print.html", context)


@require_GET
@require_permission(Permission.SEE_DIARY)
def followup_csv(request):
    return _file(request, csv_download)


@require_GET
@require_permission(Permission.SEE_DIARY)
def followup_xlsx(request):
    return _file(request, xlsx_download)


def _file(request, download):
    follow_ups = list(with_attempts(FollowUpFilter(request.GET).chosen(timezone.localdate())))
    return list_file(request, follow_ups, as_table(follow_ups), download, name="collum-follow-ups")
