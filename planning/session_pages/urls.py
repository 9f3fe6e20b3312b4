"""URLs of a session's pages, from its plan to its signed record."""

from django.urls import path

from planning.session_pages.views import amendments, endings, muscle_sets, prints, reviews, rows, sessions, signing

urlpatterns = [
    path("sessions/<int:pk>/", sessions.session_detail, name="session-detail"),
    path("sessions/<int:pk>/product/", sessions.session_product, name="session-product"),
    path("sessions/<int:pk>/details/", sessions.session_change, name="session-change"),
    path("sessions/<int:pk>/record/", sessions.session_record, name="session-record"),
    path("sessions/<int:pk>/plan/", sessions.session_back, name="session-back"),
    path("sessions/<int:pk>/plan/print/", prints.plan_print, name="plan-print"),
    path("sessions/<int:pk>/same-muscles/", rows.session_repeat, name="session-repeat"),
    path("sessions/<int:pk>/set/", muscle_sets.session_set, name="session-set"),
    path("sessions/<int:pk>/save-set/", muscle_sets.session_save_set, name="session-save-set"),
    path("sessions/<int:pk>/guidance/", rows.session_guidance, name="session-guidance"),
    path("sessions/<int:pk>/muscles/", rows.muscle_match, name="muscle-match"),
    path("sessions/<int:pk>/injections/", rows.injection_add, name="injection-add"),
    path("sessions/<int:pk>/injections/<int:row>/", rows.injection_change, name="injection-change"),
    path("sessions/<int:pk>/injections/<int:row>/remove/", rows.injection_remove, name="injection-remove"),
    path("sessions/<int:pk>/injections/<int:row>/restore/", rows.injection_restore, name="injection-restore"),
    path("sessions/<int:pk>/vials/", rows.vial_add, name="vial-add"),
    path("sessions/<int:pk>/vials/<int:vial>/", rows.vial_change, name="vial-change"),
    path("sessions/<int:pk>/vials/<int:vial>/remove/", rows.vial_remove, name="vial-remove"),
    path("sessions/<int:pk>/consents/", rows.consent_record, name="consent-record"),
    path("sessions/<int:pk>/review/", reviews.review_ask, name="review-ask"),
    path("sessions/<int:pk>/review/<int:review>/", reviews.review_answer, name="review-answer"),
    path("sessions/<int:pk>/review/<int:review>/withdraw/", reviews.review_withdraw, name="review-withdraw"),
    path("sessions/<int:pk>/sign/", signing.session_sign, name="session-sign"),
    path("sessions/<int:pk>/amend/", amendments.session_amend, name="session-amend"),
    path("sessions/<int:pk>/amendment/", amendments.session_amendment, name="session-amendment"),
    path("sessions/<int:pk>/amendment/discard/", amendments.amendment_discard, name="amendment-discard"),
    path("sessions/<int:pk>/end/", endings.session_end, name="session-end"),
    path("sessions/<int:pk>/not-done/", endings.session_not_done, name="session-not-done"),
    path("sessions/<int:pk>/not-done/undo/", endings.session_not_done_undo, name="session-not-done-undo"),
    path("sessions/<int:pk>/not-today/", endings.session_not_today, name="session-not-today"),
    path("sessions/<int:pk>/entered-in-error/", endings.session_error, name="session-error"),
    path("sessions/<int:pk>/entered-in-error/undo/", endings.session_error_undo, name="session-error-undo"),
    path("records/<int:pk>/", signing.record_detail, name="record-detail"),
    path("records/<int:pk>/print/", prints.record_print, name="record-print"),
    path("records/<int:pk>/text/", prints.record_text, name="record-text"),
]
