"""URLs of the diary, and of finding, registering and booking patients."""

from django.urls import path

from clinic.api import router
from patients.front_desk.api.followups import FollowUpResource
from patients.front_desk.api.waiting import WaitingListResource
from patients.front_desk.views import (
    delays,
    diary,
    duplicates,
    followup_calls,
    followup_lists,
    followups,
    opening_hours,
    patients,
    slips,
    visits,
    waiting,
)

urlpatterns = [
    path("patients/", patients.patient_list, name="patient-list"),
    path("patients/new/", patients.patient_register, name="patient-register"),
    path("patients/possible-duplicates/", duplicates.duplicate_list, name="duplicate-list"),
    path("patients/<int:pk>/not-same-person/<int:same>/", duplicates.duplicate_mark, name="duplicate-mark"),
    path("patients/<int:pk>/not-same-person/<int:same>/undo/", duplicates.duplicate_unmark, name="duplicate-unmark"),
    path("patients/<int:pk>/edit/", patients.patient_change, name="patient-change"),
    path("patients/<int:pk>/alerts/", patients.patient_alerts, name="patient-alerts"),
    path("patients/<int:pk>/return/", followups.patient_return, name="patient-return"),
    path("patients/<int:pk>/waiting-list/", waiting.waiting_add, name="waiting-add"),
    path("patients/<int:pk>/visits/new/", visits.visit_book, name="visit-book"),
    path("patients/<int:pk>/here-now/", visits.here_now, name="here-now"),
    path("visits/", diary.diary, name="diary"),
    path("visits/new/", visits.visit_new, name="visit-new"),
    path("visits/to-move/", diary.visit_to_move, name="visit-to-move"),
    path("visits/unsettled/", diary.visit_unsettled, name="visit-unsettled"),
    path("visits/not-authorised/", diary.visit_not_authorised, name="visit-not-authorised"),
    path("free-times/", diary.free_times, name="free-times"),
    path("diary/opening-hours/", opening_hours.opening_hours, name="opening-hours"),
    path("diary/opening-hours/clinicians/<int:pk>/", opening_hours.hours_change, name="hours-change"),
    path("diary/opening-hours/clinicians/<int:pk>/absences/", opening_hours.absence_add, name="absence-add"),
    path("diary/opening-hours/absences/<int:pk>/remove/", opening_hours.absence_remove, name="absence-remove"),
    path("diary/opening-hours/closures/", opening_hours.closure_add, name="closure-add"),
    path("diary/opening-hours/closures/<int:pk>/remove/", opening_hours.closure_remove, name="closure-remove"),
    path("diary/opening-hours/lengths/", opening_hours.lengths_change, name="lengths-change"),
    path("diary/opening-hours/reminders/", opening_hours.reminder_text, name="reminder-text"),
    path("diary/opening-hours/slip/", opening_hours.slip_text, name="slip-text"),
    path("visits/<int:pk>/slip/", slips.visit_slip, name="visit-slip"),
    path("running-late/", delays.running_late, name="running-late"),
    path("running-late/<int:pk>/", delays.delay_note, name="delay-note"),
    path("running-late/<int:pk>/end/", delays.delay_end, name="delay-end"),
    path("follow-ups/", followups.followup_list, name="followup-list"),
    path("follow-ups/print/", followup_lists.followup_print, name="followup-print"),
    path("follow-ups/csv/", followup_lists.followup_csv, name="followup-csv"),
    path("follow-ups/xlsx/", followup_lists.followup_xlsx, name="followup-xlsx"),
    path("follow-ups/unattended/", followups.unattended, name="unattended"),
    path("follow-ups/<int:pk>/", followups.followup_detail, name="followup-detail"),
    path("follow-ups/<int:pk>/book/", followup_calls.followup_book, name="followup-book"),
    path("follow-ups/<int:pk>/contact-attempts/", followups.followup_contact, name="followup-contact"),
    path("follow-ups/<int:pk>/contact-attempts/<int:contact>/undo/", followups.contact_undo, name="contact-undo"),
    path("follow-ups/<int:pk>/close/", followups.followup_close, name="followup-close"),
    path("follow-ups/<int:pk>/clinician/", followups.followup_hand_over, name="followup-hand-over"),
    path("waiting-list/", waiting.waiting_list, name="waiting-list"),
    path("waiting-list/print/", waiting.waiting_print, name="waiting-print"),
    path("waiting-list/csv/", waiting.waiting_csv, name="waiting-csv"),
    path("waiting-list/xlsx/", waiting.waiting_xlsx, name="waiting-xlsx"),
    path("waiting-list/<int:pk>/", waiting.waiting_change, name="waiting-change"),
    path("waiting-list/<int:pk>/remove/", waiting.waiting_remove, name="waiting-remove"),
]

router.register(
    {
        "follow-ups": FollowUpResource,
        "waiting-list": WaitingListResource,
    }
)
