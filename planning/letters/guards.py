"""Database guards: what was signed off, and that it was sent, stays."""

from clinic.records.triggers import Trigger, append_only

UNCHANGED = ("session_id", "record_id", "replaces_id", "template_name", "recipient", "text", "signed_off_at",
             "signed_off_by_id", "signed_off_as", "full_text")  # fmt: skip
RULE = "planning_letter_is_read_only_after_sign_off"

GUARDS = [
    *append_only("planning_lettersending"),
    Trigger(
        RULE,
        "planning_letter",
        "UPDATE",
        "(OLD.signed_off_at IS NOT NULL AND ("
        + " OR ".join(
            f"COALESCE(CAST(NEW.{name} AS TEXT), '') <> COALESCE(CAST(OLD.{name} AS TEXT), '')" for name in UNCHANGED
        )
        + "))",
    ),
    Trigger(RULE, "planning_letter", "DELETE", "TRUE"),
    Trigger(
        RULE,
        "planning_letter",
        "INSERT",
        "EXISTS (SELECT 1 FROM planning_letter WHERE id = NEW.id)",
        engines=("sqlite",),
    ),
    Trigger(RULE, "planning_letter", "TRUNCATE", "TRUE", engines=("postgresql",)),
]
