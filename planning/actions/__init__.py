"""The writes to sessions and their records, and to visits as far as sessions hang on them."""

from planning.actions.amendments import discard_amendment, open_amendment
from planning.actions.assessments import change_assessment, change_score, record_assessment, record_score
from planning.actions.catalogue import add_entry, bring_back, change_entry, retire
from planning.actions.consents import record_consent, record_information
from planning.actions.course import change_event, change_response, record_event, record_response
from planning.actions.endings import end_as_not_done, mark_as_error, undo_error_mark
from planning.actions.injections import (
    add_injection,
    add_injections,
    add_typed_injection,
    change_injection,
    put_injection_back,
    remove_injection,
    same_muscles,
    set_guidance,
)
from planning.actions.patients import change_patient_status, confirm_same_person, undo_same_person
from planning.actions.sessions import (
    back_to_plan,
    change_session,
    choose_product,
    plan_session,
    revise_session,
    start_recording,
)
from planning.actions.sessionsets import add_set
from planning.actions.sets import add_to_set, make_set, remove_set, rename_set, take_from_set
from planning.actions.signing import sign_session
from planning.actions.vials import add_vial, change_vial, remove_vial
from planning.actions.visits import change_visit_state, move_visit

__all__ = [
    "add_entry",
    "add_injection",
    "add_injections",
    "add_set",
    "add_to_set",
    "add_typed_injection",
    "add_vial",
    "back_to_plan",
    "bring_back",
    "change_assessment",
    "change_entry",
    "change_event",
    "change_injection",
    "change_patient_status",
    "change_response",
    "change_score",
    "change_session",
    "change_vial",
    "change_visit_state",
    "choose_product",
    "confirm_same_person",
    "discard_amendment",
    "end_as_not_done",
    "make_set",
    "mark_as_error",
    "move_visit",
    "open_amendment",
    "plan_session",
    "put_injection_back",
    "record_assessment",
    "record_consent",
    "record_event",
    "record_information",
    "record_response",
    "record_score",
    "remove_injection",
    "remove_set",
    "remove_vial",
    "rename_set",
    "retire",
    "revise_session",
    "same_muscles",
    "set_guidance",
    "sign_session",
    "start_recording",
    "take_from_set",
    "undo_error_mark",
    "undo_same_person",
]
