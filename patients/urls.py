"""Addresses of patients, the diary and its frame, and follow-ups."""

from django.urls import path

from clinic import api
from patients.api.coverage import CoverageResource, TherapyResource
from patients.api.diary import FreeTimeResource
from patients.api.followups import FollowUpResource
from patients.api.patients import PatientResource
from patients.views import around, calendar, diary, duplicates, followups, frame, patients, visits

app_name = "patients"
urlpatterns = [
    path("patients/", patients.patient_list, name="patient-list"),
    path("patients/new/", patients.patient_register, name="patient-register"),
    path("patients/possible-duplicates/", duplicates.duplicate_list, name="duplicate-list"),
    path("patients/<int:pk>/not-same-person/<int:same>/", duplicates.duplicate_mark, name="duplicate-mark"),
    path("patients/<int:pk>/not-same-person/<int:same>/undo/", duplicates.duplicate_unmark, name="duplicate-unmark"),
    path("patients/<int:pk>/edit/", patients.patient_change, name="patient-change"),
    path("patients/<int:pk>/alerts/", patients.patient_alerts, name="patient-alerts"),
    path("patients/<int:pk>/return/", followups.patient_return, name="patient-return"),
    path("patients/<int:pk>/coverage/", around.coverage_list, name="coverage-list"),
    path("patients/<int:pk>/therapies/", around.therapy_list, name="therapy-list"),
    path("coverage/<int:pk>/", around.coverage_change, name="coverage-change"),
    path("coverage/<int:pk>/entered-in-error/", around.coverage_error, name="coverage-error"),
    path("therapies/<int:pk>/", around.therapy_change, name="therapy-change"),
    path("therapies/<int:pk>/entered-in-error/", around.therapy_error, name="therapy-error"),
    path("patients/<int:pk>/visits/new/", visits.visit_book, name="visit-book"),
    path("visits/", diary.diary, name="diary"),
    path("visits/new/", visits.visit_new, name="visit-new"),
    path("visits/to-move/", diary.visit_to_move, name="visit-to-move"),
    path("visits/unsettled/", diary.visit_unsettled, name="visit-unsettled"),
    path("visits/not-authorised/", diary.visit_not_authorised, name="visit-not-authorised"),
    path("free-times/", diary.free_times, name="free-times"),
    path("diary/frame/", frame.frame, name="frame"),
    path("diary/frame/clinicians/<int:pk>/", frame.hours_change, name="hours-change"),
    path("diary/frame/clinicians/<int:pk>/absences/", frame.absence_add, name="absence-add"),
    path("diary/frame/absences/<int:pk>/remove/", frame.absence_remove, name="absence-remove"),
    path("diary/frame/closures/", frame.closure_add, name="closure-add"),
    path("diary/frame/closures/<int:pk>/remove/", frame.closure_remove, name="closure-remove"),
    path("diary/frame/lengths/", frame.lengths_change, name="lengths-change"),
    path("diary/frame/reminders/", frame.reminder_text, name="reminder-text"),
    path("calendar/", calendar.calendar_address, name="calendar-address"),
    path("calendar/revoke/", calendar.calendar_revoke, name="calendar-revoke"),
    path("calendar/<str:token>.ics", calendar.calendar_feed, name="calendar-feed"),
    path("follow-ups/", followups.followup_list, name="followup-list"),
    path("follow-ups/unattended/", followups.unattended, name="unattended"),
    path("follow-ups/<int:pk>/", followups.followup_detail, name="followup-detail"),
    path("follow-ups/<int:pk>/contact-attempts/", followups.followup_contact, name="followup-contact"),
    path("follow-ups/<int:pk>/close/", followups.followup_close, name="followup-close"),
    path("follow-ups/<int:pk>/clinician/", followups.followup_hand_over, name="followup-hand-over"),
]

api.register(
    {
        "patients": PatientResource,
        "patients/<int:patient>/coverage": CoverageResource,
        "patients/<int:patient>/therapies": TherapyResource,
        "follow-ups": FollowUpResource,
        "free-times": FreeTimeResource,
    }
)
