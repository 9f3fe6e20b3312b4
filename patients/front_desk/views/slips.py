"""The appointment slip that a patient takes home."""

from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.html import format_html
from django.views.decorators.http import require_GET

from clinic.accounts.permissions import Permission, require_permission
from clinic.records import audit_log
from clinic.records.exceptions import Refused
from patients.diary.models.slip import KINDS_FOR_PATIENTS, SlipText, slip_obstacle
from patients.diary.models.visit import Visit


@require_GET
@require_permission(Permission.SEE_DIARY)
def visit_slip(request, pk):
    visit = get_object_or_404(Visit.objects.select_related("patient", "clinician"), pk=pk)
    audit_log.shown(visit.patient_id)
    if obstacle := slip_obstacle(visit):
        raise Refused(obstacle)
    context = {
        "visit": visit,
        "patient": visit.patient,
        "kind": KINDS_FOR_PATIENTS[visit.kind],
        "clinic": request.clinic,
        "what_to_bring": SlipText.ours().what_to_bring,
    }
    return render(request, "patients/front_desk/visit_slip.html", context)


def with_link_to_slip(message, visit):
    """The message after a visit was booked or moved."""
    if slip_obstacle(visit):
        return message
    return format_html('{} <a href="{}">Print the slip</a>', message, reverse("patients:visit-slip", args=[visit.pk]))
