"""The writes to people, visits, follow-ups and the diary's frame.

Rows are locked in one order, so that no two writes wait for each other: clinician, patient, visit, session, the rows of
a session, follow-up.
"""

from patients.actions.around import add_coverage, add_therapy, change_coverage, change_therapy
from patients.actions.duplicates import mark_not_same_person, undo_not_same_person
from patients.actions.followups import (
    SeeAgain,
    ask_to_return,
    ask_when_again,
    close_follow_up,
    hand_over_follow_up,
    log_contact,
    no_follow_up_needed,
    require_same_answer,
    see_again,
)
from patients.actions.frame import (
    add_absence,
    add_closure,
    change_visit_lengths,
    change_working_hours,
    remove_absence,
    remove_closure,
)
from patients.actions.outbound import change_reminder_text, make_calendar_feed, revoke_calendar_feed, send_reminder
from patients.actions.patients import (
    Alike,
    change_patient,
    patient_to_change,
    register_patient,
    review_alerts,
    set_status,
    status_values,
)
from patients.actions.sameperson import join_records, separate_records
from patients.actions.visits import (
    OutsideHours,
    Taken,
    book_visit,
    is_same_visit_state,
    replace_visit,
    store_visit_state,
    wait_for_turn,
)

__all__ = [
    "Alike",
    "OutsideHours",
    "SeeAgain",
    "Taken",
    "add_absence",
    "add_closure",
    "add_coverage",
    "add_therapy",
    "ask_to_return",
    "ask_when_again",
    "book_visit",
    "change_coverage",
    "change_patient",
    "change_reminder_text",
    "change_therapy",
    "change_visit_lengths",
    "change_working_hours",
    "close_follow_up",
    "hand_over_follow_up",
    "is_same_visit_state",
    "join_records",
    "log_contact",
    "make_calendar_feed",
    "mark_not_same_person",
    "no_follow_up_needed",
    "patient_to_change",
    "register_patient",
    "remove_absence",
    "remove_closure",
    "replace_visit",
    "require_same_answer",
    "review_alerts",
    "revoke_calendar_feed",
    "see_again",
    "send_reminder",
    "separate_records",
    "set_status",
    "status_values",
    "store_visit_state",
    "undo_not_same_person",
    "wait_for_turn",
]
