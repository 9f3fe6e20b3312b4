"""The writes to people, visits and follow-ups."""

from patients.actions.followups import ask_to_return, close_follow_up, no_follow_up_needed
from patients.actions.patients import Alike, change_patient, register_patient, review_alerts, set_status
from patients.actions.sameperson import confirm_same_person, undo_same_person
from patients.actions.visits import book_visit, change_visit_state

__all__ = [
    "Alike",
    "ask_to_return",
    "book_visit",
    "change_patient",
    "change_visit_state",
    "close_follow_up",
    "confirm_same_person",
    "no_follow_up_needed",
    "register_patient",
    "review_alerts",
    "set_status",
    "undo_same_person",
]
