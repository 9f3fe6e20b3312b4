"""Database guards: signed records, and the rows they were made from, cannot be written."""

from clinic.records.triggers import Trigger, append_only

AMENDED = (
    "EXISTS (SELECT 1 FROM planning_amendment amendment WHERE amendment.session_id = {session} "
    "AND amendment.signed_as_id IS NULL AND amendment.discarded_at IS NULL)"
)
SIGNED = (
    "(EXISTS (SELECT 1 FROM planning_signedrecord WHERE session_id = {row}.{column}) AND NOT "
    + AMENDED.format(session="{row}.{column}")
    + ")"
)
# SQLite's OR REPLACE deletes the row with the new row's id without running DELETE triggers.
TAKEN = (
    "EXISTS (SELECT 1 FROM {table} taken JOIN planning_signedrecord record ON record.session_id = taken.{column} "
    "WHERE taken.id = NEW.id AND NOT " + AMENDED.format(session="taken.{column}") + ")"
)


def _frozen_when_signed(table, column):
    """Rows of `table` that belong to a signed session cannot be added, changed, moved or deleted.

    While the session is being amended, they can.
    """
    rule = f"{table}_is_read_only_after_signing"
    old, new = SIGNED.format(row="OLD", column=column), SIGNED.format(row="NEW", column=column)
    taken = TAKEN.format(table=table, column=column)
    return [
        Trigger(rule, table, "INSERT", f"({new} OR {taken})"),
        Trigger(rule, table, "UPDATE", f"({old} OR {new} OR {taken})"),
        Trigger(rule, table, "DELETE", old),
        Trigger(rule, table, "TRUNCATE", "EXISTS (SELECT 1 FROM planning_signedrecord)", engines=("postgresql",)),
    ]


def _lots_are_spelled(table):
    """A row of `table` can only have a lot whose spelling a recall can find."""
    unknown = "(NEW.lot_number <> '' AND NOT EXISTS (SELECT 1 FROM planning_lotspelling WHERE typed = NEW.lot_number))"
    return [Trigger(f"{table}_lot_number_has_a_spelling", table, event, unknown) for event in ("INSERT", "UPDATE")]


def _ended_for_good(table, *, ended, unchanged):
    """Rows of `table` are closed once, and the values they were opened with never change."""
    rule = f"{table}_can_only_be_ended"
    changed = " OR ".join(f"NEW.{column} <> OLD.{column}" for column in unchanged)
    return [
        Trigger(rule, table, "UPDATE", f"({ended} OR {changed})"),
        Trigger(rule, table, "DELETE", "TRUE"),
        Trigger(rule, table, "INSERT", f"EXISTS (SELECT 1 FROM {table} WHERE id = NEW.id)", engines=("sqlite",)),
        Trigger(rule, table, "TRUNCATE", "TRUE", engines=("postgresql",)),
    ]


GUARDS = [
    *append_only("planning_signedrecord", unique_together=[("session_id", "number")]),
    *append_only("planning_signedlot", unique_together=[("record_id", "lot_number")]),
    *append_only("planning_lotspelling", unique_together=[("typed",)]),
    *_lots_are_spelled("planning_vial"),
    *_lots_are_spelled("planning_signedlot"),
    *_frozen_when_signed("planning_injection", "session_id"),
    *_frozen_when_signed("planning_vial", "session_id"),
    *_frozen_when_signed("planning_injectionsession", "id"),
    Trigger(
        "planning_signedrecord_needs_a_signed_session",
        "planning_signedrecord",
        "INSERT",
        "NOT EXISTS (SELECT 1 FROM planning_injectionsession WHERE id = NEW.session_id AND signed_at IS NOT NULL)",
    ),
    Trigger(
        "planning_session_signed_at_does_not_change",
        "planning_injectionsession",
        "UPDATE",
        "(OLD.signed_at IS NOT NULL AND (NEW.signed_at IS NULL OR NEW.signed_at <> OLD.signed_at))",
    ),
    Trigger(
        "planning_a_further_record_needs_an_amendment",
        "planning_signedrecord",
        "INSERT",
        SIGNED.format(row="NEW", column="session_id"),
    ),
    *_ended_for_good(
        "planning_amendment",
        ended="(OLD.signed_as_id IS NOT NULL OR OLD.discarded_at IS NOT NULL)",
        unchanged=("session_id", "record_id", "kind", "reason", "opened_by_id", "opened_at", "rows_as_signed"),
    ),
    *_ended_for_good(
        "planning_errormark",
        ended="OLD.undone_at IS NOT NULL",
        unchanged=("session_id", "reason", "marked_by_id", "marked_at"),
    ),
    Trigger(
        "planning_injection_muscle_and_side_do_not_change",
        "planning_injection",
        "UPDATE",
        "(NEW.muscle_id <> OLD.muscle_id OR NEW.side <> OLD.side OR NEW.session_id <> OLD.session_id)",
    ),
    *(
        Trigger(
            "planning_score_is_in_range",
            "planning_score",
            event,
            "EXISTS (SELECT 1 FROM planning_instrument instrument WHERE instrument.id = NEW.instrument_id "
            "AND (NEW.value < instrument.lowest OR NEW.value > instrument.highest))",
        )
        for event in ("INSERT", "UPDATE")
    ),
    Trigger(
        "planning_session_visit_changes_only_by_a_move",
        "planning_injectionsession",
        "UPDATE",
        "(NEW.visit_id <> OLD.visit_id AND NOT EXISTS (SELECT 1 FROM patients_visit moved "
        "WHERE (moved.id = NEW.visit_id AND moved.moved_from_id = OLD.visit_id) "
        # A move is undone.
        "OR (moved.id = OLD.visit_id AND moved.moved_from_id = NEW.visit_id)))",
    ),
]
