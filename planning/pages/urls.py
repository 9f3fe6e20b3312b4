"""URLs of pages that join several subjects."""

from django.urls import path

from clinic.api import router
from planning.pages.api import ConsentResource, InformationResource, PatientStatusResource, VisitResource
from planning.pages.views import administration, papers, patients, same_person, today, undo, visits

urlpatterns = [
    path("", today.today, name="today"),
    path("set-up/", administration.set_up, name="set-up"),
    path("set-up/time-zone/", administration.time_zone_confirm, name="time-zone-confirm"),
    path("set-up/test-email/", administration.test_email, name="test-email"),
    path("set-up/backup/", administration.backup_restored, name="backup-restored"),
    path("day/print/", today.day_print, name="day-print"),
    path("to-sign/", today.to_sign, name="to-sign"),
    path("for-review/", today.review_list, name="review-list"),
    path("patients/<int:pk>/", patients.patient_detail, name="patient-detail"),
    path("patients/<int:pk>/papers/", papers.papers, name="papers"),
    path("patients/<int:pk>/consents/", papers.patient_consent, name="patient-consent"),
    path("patients/<int:pk>/information/", papers.information_record, name="information-record"),
    path("consents/<int:pk>/entered-in-error/", papers.consent_error, name="consent-error"),
    path("information/<int:pk>/entered-in-error/", papers.information_error, name="information-error"),
    path("patients/<int:pk>/status/", patients.patient_status, name="patient-status"),
    path("patients/<int:pk>/same-person/", same_person.patient_same, name="patient-same"),
    path("patients/<int:pk>/same-person/undo/", same_person.patient_same_undo, name="patient-same-undo"),
    path("patients/<int:pk>/same-person/<int:same>/", same_person.patient_same_confirm, name="patient-same-confirm"),
    path("visits/<int:pk>/", visits.visit_detail, name="visit-detail"),
    path("visits/<int:pk>/move/", visits.visit_move, name="visit-move"),
    path("visits/<int:pk>/state/", visits.visit_state, name="visit-state"),
    path("visits/<int:pk>/undo-booking/", undo.undo_of_booking, name="booking-undo"),
    path("visits/<int:pk>/undo-move/", undo.undo_of_move, name="move-undo"),
    path("visits/<int:pk>/undo-end/", undo.undo_of_end, name="end-undo"),
    path("visits/<int:pk>/sessions/", visits.session_plan, name="session-plan"),
]

router.register(
    {
        "patients": PatientStatusResource,
        "patients/<int:patient>/consents": ConsentResource,
        "patients/<int:patient>/information": InformationResource,
        "visits": VisitResource,
    }
)
