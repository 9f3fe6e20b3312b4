"""The rows of a session."""

from django.utils import timezone

from clinic.accounts.permissions import require_person
from clinic.records.actions import action, assign, name_who_changed, require_version, store
from clinic.records.exceptions import ANOTHER_USER, Conflict, Refused
from planning.catalogue.models.muscle import Muscle
from planning.sessions.actions.products import open_for
from planning.sessions.actions.sessions import PERSON_TYPES_DOSES, note_recorder, open_session, recorded
from planning.sessions.models.injection import Injection

DOSES = {"planned_dose", "given_dose"}
FACTS_OF_GIVING = {"given_dose", "not_given", "not_given_reason", "vial"}


@action
def add_injection(*, session, product, muscle, side, by, another_vial=False):
    """Return the active row of this muscle and side, or add an empty one.

    `another_vial` adds a second row if the active one has a vial.
    """
    session = open_for(product, session, by=by)
    active = session.injections.active().filter(muscle=muscle, side=side)
    if another_vial:
        active = active.filter(vial=None)
    if row := active.first():
        return row
    _require_addable(session, muscle, side)
    row = store(Injection(session=session, muscle=muscle, side=side), by=by)
    recorded("added", row, session=session, by=by)
    return row


@action
def add_injections(*, session, product, muscle, sides, by):
    """All of these sides, or none."""
    return [add_injection(session=session, product=product, muscle=muscle, side=side, by=by) for side in sides]


@action
def add_typed_injection(*, session, product, muscle, side, by, another_vial=False, **typed):
    """As add_injection(), with the values typed for the new row.

    Raises Refused if an active row has other values.
    """
    row = add_injection(session=session, product=product, muscle=muscle, side=side, by=by, another_vial=another_vial)
    is_untouched = row.version == 1
    if not is_untouched and any(getattr(row, name) != value for name, value in typed.items()):
        raise Refused(f"{row} is already in the list. Change that row.", field="muscle")
    return change_injection(injection=row, product=product, by=by, version=row.version, **typed)


def _require_addable(session, muscle, side):
    if muscle.is_retired:
        raise Refused(f"{muscle} is retired.")
    if side not in muscle.allowed_sides():
        raise Refused(f"{muscle} has no {side} side." if side != "midline" else f"{muscle} has no midline.")
    _require_no_overlap(session, muscle, side)


def _require_no_overlap(session, muscle, side):
    """A group and its part cannot both be active on one side."""
    active = session.injections.active().filter(side=side).select_related("muscle")
    for row in active:
        if row.muscle_id == muscle.group_id or row.muscle.group_id == muscle.pk:
            raise Refused(
                f"{row.muscle}, {side}, is already in the list, and {muscle} overlaps with it. Remove that row first."
            )


@action
def change_injection(*, injection, product, by, version, **values):
    """Change the typed values of a row. Repeating it succeeds; otherwise raises Conflict for a stale version."""
    session = open_for(product, injection.session, by=by)
    row = Injection.objects.locked(injection.pk)
    row.session = session
    changes = {name: value for name, value in values.items() if getattr(row, name) != value}
    if not changes:
        return row
    if DOSES & changes.keys():
        require_person(by, PERSON_TYPES_DOSES)
    if row.removed_at is not None:
        raise Refused("This row was removed. Restore it to continue.")
    _require_right_time(session, changes)
    require_version(row, version)
    assign(row, changes)
    row.note_typed(DOSES & changes.keys(), by=by)
    _require_own_vial(session, row, changes)
    _require_given_or_not(row)
    store(row, by=by)
    if FACTS_OF_GIVING & changes.keys():
        note_recorder(session, by=by)
    recorded("changed", row, session=session, by=by)
    return row


def _require_right_time(session, changes):
    if session.is_recording and "planned_dose" in changes:
        raise Refused("What was given is being recorded. Go back to the plan to change it.")
    if not session.is_recording and FACTS_OF_GIVING & changes.keys():
        raise Refused("This session is back in planning. Start recording to type what was given.")
    if session.product_id is None and (changes.get("planned_dose") or changes.get("given_dose")):
        raise Refused("Choose the product first.")


def _require_own_vial(session, row, changes):
    """One of several vials of this session, and not that of another row of this muscle and side."""
    if "vial" not in changes:
        return
    vials = {vial.pk for vial in session.vials.all()}
    if row.vial_id is not None and row.vial_id not in vials:
        raise Refused("This vial does not belong to this session, or was removed.", field="vial")
    if row.vial_id is not None and len(vials) < 2:
        raise Refused("This session has only one vial. Leave the vial of the row empty.", field="vial")
    if _others_like(session, row).exists():
        raise Refused("This muscle and side are already in the list with this vial.", field="vial")


def _others_like(session, row):
    same = session.injections.active().filter(muscle=row.muscle_id, side=row.side, vial=row.vial_id)
    return same.exclude(pk=row.pk)


def _require_given_or_not(row):
    if row.not_given and row.given_dose:
        raise Refused("A given dose is typed. Clear it first, or clear “not given”.", field="not_given")
    if row.not_given_reason and not row.not_given:
        raise Refused(
            "A reason for leaving out the muscle is entered. Clear it first, or mark the row “not given”.",
            field="not_given_reason",
        )


@action
def remove_injection(*, injection, product, by, version):
    """The typed values stay in the row and can be restored. Raises Conflict if they have changed."""
    session = open_for(product, injection.session, by=by)
    row = Injection.objects.locked(injection.pk)
    if row.removed_at is None:
        require_version(row, version, "Another user has changed this row. Check it again before you remove it.")
        if row.planned_dose or row.given_dose:
            require_person(by, PERSON_TYPES_DOSES)
        if row.given_dose and not session.is_recording:
            raise Refused("A given dose is typed in this row. Start recording to remove it.")
        row.removed_at = timezone.now()
        store(row, by=by)
        recorded("removed", row, session=session, by=by)
    return row


@action
def restore_injection(*, injection, product, by, version):
    """Restore a removed row as typed. A dose returns only for the user who typed it, or as it was signed.

    Repeating it succeeds.
    """
    session = open_for(product, injection.session, by=by)
    row = Injection.objects.locked(injection.pk)
    if row.removed_at is None:
        return row
    require_version(row, version)
    if row.planned_dose or row.given_dose:
        require_person(by, PERSON_TYPES_DOSES)
    if obstacle := restore_obstacle(row, session.open_amendment(), by=by):
        raise Refused(obstacle)
    if _others_like(session, row).exists():
        raise Refused(f"{row} was already added again.")
    _require_no_overlap(session, row.muscle, row.side)
    row.removed_at = None
    store(row, by=by)
    recorded("restored", row, session=session, by=by)
    return row


def can_be_restored(row, amendment):
    """Rows removed before the amendment was opened cannot return: their removal was signed."""
    return amendment is None or row.removed_at >= amendment.opened_at


def restore_obstacle(row, amendment, *, by):
    if not can_be_restored(row, amendment):
        return "This row was removed before the record was signed. Add the muscle again."
    signed = amendment.as_signed()["rows"].get(str(row.pk), {}) if amendment else {}
    for name, dose, typed_by in row.typed_doses():
        if typed_by != by and signed.get(name) != dose:
            return f"{typed_by or 'Another user'} typed a dose in this row. Add the muscle again, and type the dose."
    return None


@action
def repeat_muscles(*, session, product, earlier, by):
    """Add the missing muscles and sides of an earlier session's record, without any other values.

    Rows marked *not given* are left out. Returns the added rows, and as text those that could not be added.
    """
    session = open_for(product, session, by=by)
    if earlier.visit.patient_id not in session.visit.patient.record_ids():
        raise Refused("That session belongs to another patient.")
    if not earlier.counts:
        raise Refused("That session is not signed. Choose a signed session.")
    made = add_missing(session, muscles_given(earlier.record()), by=by)
    recorded("copied muscles and sides", session, session=session, by=by)
    return made


def add_missing(session, muscles_and_sides, *, by):
    """Add an empty row for each that the session is missing. Returns these rows, and as text those that failed."""
    added, left_out = [], []
    for muscle, side in muscles_and_sides:
        if session.injections.active().filter(muscle=muscle, side=side).exists():
            continue
        try:
            _require_addable(session, muscle, side)
        except Refused as refused:
            left_out.append(refused.message)
            continue
        added.append(store(Injection(session=session, muscle=muscle, side=side), by=by))
    return added, left_out


def muscles_given(record):
    """(muscle, side) of each row signed as given; an open amendment is ignored."""
    rows = [row for row in record.content["injections"] if not row["not_given"]]
    muscles = Muscle.objects.select_related("group").in_bulk({row["muscle"]["id"] for row in rows})
    return [(muscles[row["muscle"]["id"]], row["side"]) for row in rows]


@action
def set_guidance(*, session, guidance, seen, by):
    """Set the guidance of every row. `seen` contains the version of each row that was read, by the row's id."""
    session = open_session(session, by=by)
    rows = [row for row in session.injections.active().select_for_update() if row.guidance != guidance]
    if changed := [row for row in rows if seen.get(row.pk) != row.version]:
        names = "; ".join(map(str, changed))
        message = f"{ANOTHER_USER}these rows: {names}. Reload the page, then set it again."
        raise Conflict(name_who_changed(*changed, message=message))
    for row in rows:
        row.guidance = guidance
        store(row, by=by)
    recorded("set guidance", session, session=session, by=by)
    return session
