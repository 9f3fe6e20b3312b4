"""Database guards of visits: no overlaps, and the patient never changes."""

from clinic.records.triggers import Exclusion, Trigger

ACTIVE = "('booked', 'arrived', 'finished')"
OVERLAP_RULES = {
    "clinician_id": "patients_visit_clinician_is_in_one_place",
    "patient_id": "patients_visit_patient_is_in_one_place",
}
# Two records of one person, as long as they are joined: a visit can move between them.
JOINED = (
    "EXISTS (SELECT 1 FROM patients_sameperson said WHERE said.undone_at IS NULL "
    "AND said.patient_id IN (OLD.patient_id, NEW.patient_id) AND said.other_id IN (OLD.patient_id, NEW.patient_id))"
)


def _no_overlap(column, rule):
    overlapping = (
        f"NEW.state IN {ACTIVE} AND EXISTS (SELECT 1 FROM patients_visit other WHERE other.id IS NOT NEW.id "
        f"AND other.{column} = NEW.{column} AND other.state IN {ACTIVE} "
        "AND other.starts_at < NEW.ends_at AND other.ends_at > NEW.starts_at)"
    )
    return [
        Trigger(rule, "patients_visit", "INSERT", overlapping, engines=("sqlite",)),
        Trigger(rule, "patients_visit", "UPDATE", overlapping, engines=("sqlite",)),
        Exclusion(
            rule,
            "patients_visit",
            # int8range replaces equality, for which GiST needs an extension.
            f"USING gist (int8range({column}, {column}, '[]') WITH &&, tstzrange(starts_at, ends_at) WITH &&) "
            f"WHERE (state IN {ACTIVE})",
        ),
    ]


def _whole_minutes(condition, engine):
    rule = "patients_visit_starts_on_a_whole_minute"
    return [
        Trigger(rule, "patients_visit", event, condition, engines=(engine,))
        for event in ("INSERT", "UPDATE OF starts_at")
    ]


GUARDS = [
    *_whole_minutes("substr(NEW.starts_at, 18) <> '00'", "sqlite"),
    *_whole_minutes("NEW.starts_at <> date_trunc('minute', NEW.starts_at)", "postgresql"),
    *_no_overlap("clinician_id", OVERLAP_RULES["clinician_id"]),
    *_no_overlap("patient_id", OVERLAP_RULES["patient_id"]),
    Trigger(
        "patients_visit_patient_does_not_change",
        "patients_visit",
        "UPDATE",
        f"(NEW.patient_id <> OLD.patient_id AND NOT {JOINED})",
    ),
    *(
        Trigger(
            "patients_patient_same_as_has_one_level",
            "patients_patient",
            event,
            "(NEW.same_as_id IS NOT NULL AND ("
            "EXISTS (SELECT 1 FROM patients_patient chief WHERE chief.id = NEW.same_as_id "
            "AND chief.same_as_id IS NOT NULL) "
            "OR EXISTS (SELECT 1 FROM patients_patient follower WHERE follower.same_as_id = NEW.id)))",
        )
        for event in ("INSERT", "UPDATE")
    ),
]
