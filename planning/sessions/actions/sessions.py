"""Planning a session, choosing its product, and switching from planning to recording."""

from django.utils import timezone

from clinic.accounts.permissions import require_person
from clinic.records import audit_log
from clinic.records.actions import action, assign, is_repeat, require_version, store
from clinic.records.exceptions import Refused
from clinic.records.text import counted
from clinic.records.together import read_together
from patients.models import Visit
from planning.sessions.models.session import InjectionSession
from planning.sessions.models.session_fields import RECORDING_FIELDS, SESSION_FIELDS

PERSON_TYPES_DOSES = "A token cannot write doses. A person types them in Collum."
PERSON_RECORDS = "A token cannot record what was given. A person records it in Collum."
FACTS_OF_A_PERSON = {*SESSION_FIELDS} - {"notes"}


def open_session(session, *, by):
    """The session, locked. Raises Refused if it cannot be changed now.

    A program can only plan: once recording has started, a user must continue.
    """
    InjectionSession.objects.locked(session.pk)
    # Query again after locking: the locking statement's subqueries may be as old as its wait for the lock.
    ((locked,),) = read_together((_with_obstacles, session.pk))
    if obstacle := locked.change_obstacle():
        raise Refused(obstacle)
    require_person_if_recorded(locked, by=by)
    return locked


def _with_obstacles(session):
    return InjectionSession.objects.with_obstacles().filter(pk=session)


def require_person_if_recorded(session, *, by):
    """Deny programs a session that was ever recorded: even back in planning, a row can be marked *not given*."""
    if session.recorder_id is not None:
        require_person(by, PERSON_RECORDS)


def recorded(action_name, obj, *, session, by):
    if session.is_ready_for_review:
        # Its version stays the same: the question is not changed, and can still be answered.
        session.reviews.open().update(changed_by=by, changed_at=timezone.now())
    audit_log.record(action_name, obj, by=by, patients=[session.visit.patient_id])


@action
def plan_session(*, visit, by, product=None):
    visit = Visit.objects.locked(visit.pk)
    if not visit.is_active:
        raise Refused(f"The visit is {visit.get_state_display().lower()}; no session can be planned for it.")
    if obstacle := visit.patient.change_obstacle():
        raise Refused(obstacle)
    if product is not None and product.is_retired:
        raise Refused("This product is retired.", field="product")
    session = store(InjectionSession(visit=visit, product=product, planned_by=by), by=by)
    recorded("planned", session, session=session, by=by)
    return session


@action
def choose_product(*, session, product, by, version, empties_confirmed=False, text_on_page=False):
    """Choose or change the product. A change deletes doses and vials, and raises Refused until this is confirmed.

    `text_on_page` means that a dose field or a vial form on the page has text, stored or not; the page clears it
    too. Repeating it succeeds; otherwise raises Conflict for a stale version.
    """
    session = open_session(session, by=by)
    if session.product_id == product.pk:
        return session
    require_version(session, version)
    if product.is_retired:
        raise Refused("This product is retired.", field="product")
    if message := product_change_warning(session, text_on_page=text_on_page):
        require_person(by, PERSON_TYPES_DOSES)
        if not empties_confirmed:
            raise Refused(message, field="product")
        _empty_doses_and_vials(session, by=by)
    session.product = product
    store(session, by=by)
    recorded("chose product", session, session=session, by=by)
    return session


def product_change_warning(session, *, text_on_page=False):
    rows = list(session.injections.all())
    doses = sum(bool(dose) for row in rows for dose in (row.planned_dose, row.given_dose))
    vials = session.vials.count()
    if session.product is None or not (doses or vials or text_on_page):
        return None
    unsaved = ", and any text on this page that is not saved" if text_on_page else ""
    messages = [
        f"Doses and vials belong to {session.product.brand_name}. Changing the product removes what was typed for it: "
        f"{counted(doses, 'dose')}, {counted(vials, 'vial')}{unsaved}.",
        "Changing back does not restore it.",
    ]
    if _duplicates(rows):
        messages.insert(1, "A muscle and side that are listed more than once, with different vials, become one row.")
    return " ".join(messages)


def _duplicates(rows):
    seen, duplicates = set(), []
    for row in sorted((row for row in rows if row.removed_at is None), key=lambda row: row.pk):
        duplicates += [row] if (row.muscle_id, row.side) in seen else []
        seen.add((row.muscle_id, row.side))
    return duplicates


def _empty_doses_and_vials(session, *, by):
    """Including removed rows: if restored, they would have doses of another product."""
    rows = list(session.injections.select_for_update().order_by("pk"))
    for row in _duplicates(rows):
        row.removed_at = timezone.now()
    # Remove duplicates first: without their vials, they would violate the unique constraint.
    for row in sorted(rows, key=lambda row: row.removed_at is None):
        emptied = assign(row, {"planned_dose": "", "given_dose": "", "vial": None})
        if emptied:
            store(row, by=by)
    session.vials.all().delete()


@action
def change_session(*, session, by, version, **details):
    """`details` has values of SESSION_FIELDS. Repeating it succeeds."""
    session = open_session(session, by=by)
    if FACTS_OF_A_PERSON & details.keys():
        require_person(by, PERSON_RECORDS)
    if "operator" in details and details["operator"] not in (None, session.operator):
        _require_clinician(details["operator"])
    if obstacle := _consent_obstacle(details.get("consent"), session):
        raise Refused(obstacle, field="consent")
    _require_recording_phase(session, details)
    if is_repeat(session, details, version=version):
        return session
    assign(session, details)
    store(session, by=by)
    recorded("changed", session, session=session, by=by)
    return session


def _consent_obstacle(consent, session):
    if consent is None or consent.pk == session.consent_id:
        return None
    problem = consent.selection_problem(session.visit.patient)
    return problem and f"This consent {problem}"


def _require_recording_phase(session, details):
    for name, what in RECORDING_FIELDS.items():
        if not session.is_recording and details.get(name, getattr(session, name)) != getattr(session, name):
            raise Refused(f"Start recording to enter {what}.", field=name)


def _require_clinician(user):
    if not user.is_clinician:
        raise Refused("Choose a neurologist or a trainee as the person who injected.", field="operator")


@action
def start_recording(*, session, by, version):
    """From now on, what was given is entered, and the plan is shown next to it. Repeating it succeeds."""
    session = open_session(session, by=by)
    if session.is_recording:
        return session
    require_version(session, version)
    require_person(by, PERSON_RECORDS)
    if obstacle := session.recording_obstacle():
        raise Refused(obstacle)
    session.recording_since, session.recorder = timezone.now(), by
    store(session, by=by)
    recorded("started recording", session, session=session, by=by)
    return session


@action
def back_to_plan(*, session, by, version):
    """From now on, the plan is entered again; what was given stays stored. Repeating it succeeds."""
    session = open_session(session, by=by)
    if not session.is_recording:
        return session
    require_version(session, version)
    if session.is_signed:
        raise Refused("A signed session does not return to its plan. Amend what was given.")
    session.recording_since = None
    store(session, by=by)
    recorded("went back to the plan", session, session=session, by=by)
    return session


@action
def revise_session(*, session, by, version, product=None, empties_confirmed=False, recording=None, **details):
    """Change the product, then the phase, then the details: all of it, or nothing.

    `version` is the one that was read before the first of these.
    """
    stored = open_session(session, by=by)
    is_stale = stored.version != version
    if product is not None:
        stored = choose_product(
            session=stored, product=product, by=by, version=version, empties_confirmed=empties_confirmed
        )
    if recording is not None and recording != stored.is_recording:
        step = start_recording if recording else back_to_plan
        stored = step(session=stored, by=by, version=version if is_stale else stored.version)
    if details:
        stored = change_session(session=stored, by=by, version=version if is_stale else stored.version, **details)
    return stored


def note_recorder(session, *, by):
    """The recorder is the last user who entered what was given.

    The version stays the same, because no typed value is overwritten and open forms must not become stale.
    """
    if session.recorder_id != by.pk:
        session.recorder = by
        InjectionSession.objects.filter(pk=session.pk).update(recorder=by)
