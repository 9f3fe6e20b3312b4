"""Addresses of patients, bookings, follow-ups and the audit trail."""

from django.urls import path

from patients.views import audit, followups, patients, visits

app_name = "patients"
urlpatterns = [
    path("patients/", patients.patient_list, name="patient-list"),
    path("patients/new/", patients.patient_register, name="patient-register"),
    path("patients/<int:pk>/edit/", patients.patient_change, name="patient-change"),
    path("patients/<int:pk>/alerts/", patients.patient_alerts, name="patient-alerts"),
    path("patients/<int:pk>/visits/new/", visits.visit_book, name="visit-book"),
    path("follow-ups/", followups.followup_list, name="followup-list"),
    path("follow-ups/<int:pk>/close/", followups.followup_close, name="followup-close"),
    path("audit/", audit.audit, name="audit"),
]
