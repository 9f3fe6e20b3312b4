"""The template context of an open session."""

import uuid

from django.utils import timezone

from clinic.accounts.permissions import CLINICIAN_ROLES
from clinic.records import audit_log
from planning.catalogue.forms import SetNameForm
from planning.catalogue.neck_map import regions_for_choosing
from planning.course.patient_course import last_cycle_before
from planning.session_pages.earlier import as_signed
from planning.session_pages.session_reads import rows_of_session
from planning.sessions.actions.injections import can_be_restored, restore_obstacle
from planning.sessions.forms.reviews import AnswerForm, ReviewForm
from planning.sessions.forms.rows import NewVialForm, VialForm, row_form
from planning.sessions.forms.sessions import (
    AddSetForm,
    AddTypedForm,
    ConsentForm,
    GuidanceForm,
    ProductForm,
    SessionForm,
)
from planning.sessions.models.injection import summary_of
from planning.sessions.scans import read_scan


def workbench(session, *, user, bound=None):
    patient = session.visit.patient
    audit_log.shown(*patient.joined_records)  # read before anything needs their ids
    found = rows_of_session(session, user=user)
    vials, offered = found.vials, found.offered
    rows, muscles = _rows_and_muscles(session, found)
    active = [row for row in rows if row.removed_at is None]
    session.note_rows(active, vials)
    amendment = session.open_amendment()
    earlier = as_signed(found.earlier, session.day_given)

    def fresh(form):
        return bound if bound is not None and bound.prefix == form.prefix and type(bound) is type(form) else form

    return {
        "session": session,
        "patient": patient,
        "state": session.state,
        "saved_at": timezone.localtime(),
        "versions": _versions(session, rows, vials),
        "rows": [(row, fresh(row_form(row, session=session, vials=vials))) for row in active],
        "removed": [
            {"row": row, "obstacle": restore_obstacle(row, amendment, by=user)}
            for row in _last_removed(rows, amendment)
            if _is_missing(row, active)
        ],
        "amendment": amendment,
        "vials": [{"vial": vial, "form": fresh(VialForm(vial=vial))} for vial in vials],
        "new_vial_form": fresh(NewVialForm(session=session)),
        "vials_typed_today": _vials_typed_today(found.lots, vials),
        "product_form": fresh(ProductForm(session=session, offered=offered)),
        "details_form": fresh(SessionForm(session=session, offered=offered)),
        "consent_form": fresh(ConsentForm(session=session)),
        "guidance_form": GuidanceForm(),
        "quick_box": bound if isinstance(bound, AddTypedForm) else AddTypedForm(session=session),
        "neck": regions_for_choosing(muscles, active),
        "off_the_map": _off_the_map(muscles, active),
        "has_plan": any(row.planned_dose for row in active),
        "summary": summary_of((row.given_dose, row.not_given) for row in active),
        "earlier": earlier,
        "last_cycle": last_cycle_before(session, found.earlier, found.responses, found.events),
        "add_set_form": fresh(AddSetForm(session=session, user=user, offered=offered)),
        "set_name_form": fresh(SetNameForm(prefix=f"s{session.pk}-set")),
        "signing_obstacle": session.signing_obstacle(),
        **_reviews(session, found.reviews, fresh),
        "reasons": found.reasons,
        "can_have_injected": any(name in CLINICIAN_ROLES for name in user.role_names),
    }


def _rows_and_muscles(session, found):
    """The rows, and the muscles that can be added: each muscle, group and vial is read once."""
    by_pk, vial_of = {muscle.pk: muscle for muscle in found.muscles}, {vial.pk: vial for vial in found.vials}
    for row in found.rows:
        row.muscle, row.session, row.vial = by_pk[row.muscle_id], session, vial_of.get(row.vial_id)
    return found.rows, [muscle for muscle in found.muscles if not muscle.is_retired]


def _reviews(session, reviews, fresh):
    waiting = next((review for review in reviews if review.is_waiting), None)
    return {
        "reviews": reviews,
        "earlier_reviews": reviews[-2::-1],
        "waiting_review": waiting,
        "review_form": fresh(ReviewForm(session=session)),
        "answer_form": waiting and fresh(AnswerForm(review=waiting)),
    }


def missing_to_sign(page):
    """What keeps the session of this page from being signed, with the id of the field or button for it."""
    elsewhere = {"product": page["product_form"]["product"].id_for_label, "row": "quick-box", "recording": "to-record"}
    details = page["details_form"]
    return [
        {"message": message, "field": details[name].id_for_label if name in details.fields else elsewhere.get(name)}
        for message, name in page["session"].signing_obstacles()
    ]


def saved_row(row, *, seen, rows, vials):
    session = row.session
    row.muscle, session.product = seen.muscle, seen.session.product
    rows = [row if each.pk == row.pk else each for each in rows]
    active = [each for each in rows if each.removed_at is None]
    session.note_rows(active, vials)
    return {
        "session": session,
        "patient_id": session.visit.patient_id,
        "state": session.state,
        "saved_at": timezone.localtime(),
        "versions": _versions(session, rows, vials),
        "lines": [(row, row_form(row, session=session, vials=vials))],
        "vials": vials,
        "rows": active,
        "amendment": session.open_amendment(),
        "summary": summary_of((each.given_dose, each.not_given) for each in active),
        "signing_obstacle": session.signing_obstacle(),
    }


def _versions(session, rows, vials):
    """The versions of everything on the page, so that a script can detect changes by other users."""
    named = [("session", session), *(("row", row) for row in rows), *(("vial", vial) for vial in vials)]
    return " ".join(f"{name}-{each.pk}:{each.version}" for name, each in named)


def _last_removed(rows, amendment):
    removed = [row for row in rows if row.removed_at is not None and can_be_restored(row, amendment)]
    return {(row.muscle_id, row.side): row for row in sorted(removed, key=lambda row: row.removed_at)}.values()


def _is_missing(row, active):
    return all((row.muscle_id, row.side) != (other.muscle_id, other.side) for other in active)


def _off_the_map(muscles, active):
    chosen = {(row.muscle_id, row.side) for row in active}
    return [
        {
            "muscle": muscle,
            "sides": [{"side": side, "chosen": (muscle.pk, side) in chosen} for side in muscle.allowed_sides()],
        }
        for muscle in muscles
        if not muscle.map_place
    ]


def _vials_typed_today(typed, vials):
    own = {(vial.lot_number, vial.expiry) for vial in vials}
    typed = dict.fromkeys((vial.lot_number, vial.expiry) for vial in typed)
    offered = dict.fromkeys(map(_as_read, typed))
    new = [each for each in offered if each not in own]
    return [{"lot_number": lot, "expiry": expiry, "key": uuid.uuid4()} for lot, expiry in new]


def _as_read(typed):
    lot, expiry = typed
    scan = read_scan(lot)
    return (scan.lot, scan.expiry or expiry) if scan else typed
