"""The vials of a session, as typed."""

from clinic.records.actions import action, assign, is_stored, require_version, store
from clinic.records.exceptions import Refused
from planning.sessions.actions.products import open_for
from planning.sessions.actions.sessions import note_recorder, recorded
from planning.sessions.models.vial import Vial


def _require_recording(session):
    if not session.is_recording:
        raise Refused("Start recording what was given before you enter vials.")


def _locked_if_stored(vial):
    return Vial.objects.select_for_update().filter(pk=vial.pk).first()


@action
def add_vial(*, session, product, by, **typed):
    session = open_for(product, session, by=by)
    _require_recording(session)
    if not any(typed.values()):
        raise Refused("Type the lot number first.", field="lot_number")
    vial = store(Vial(session=session, **typed), by=by)
    note_recorder(session, by=by)
    recorded("added", vial, session=session, by=by)
    return vial


@action
def change_vial(*, vial, product, by, version, **typed):
    """Repeating it succeeds; otherwise raises Conflict for a stale version."""
    session = open_for(product, vial.session, by=by)
    vial = _locked_if_stored(vial)
    if vial is None:
        raise Refused("This vial was removed. Add it again to continue.")
    if is_stored(vial, typed):
        return vial
    _require_recording(session)
    require_version(vial, version)
    assign(vial, typed)
    store(vial, by=by)
    note_recorder(session, by=by)
    recorded("changed", vial, session=session, by=by)
    return vial


@action
def remove_vial(*, vial, product, by, version):
    """Raises Refused if a row uses it. Succeeds if it is already removed."""
    session = open_for(product, vial.session, by=by)
    vial = _locked_if_stored(vial)
    if vial is None:
        return session
    _require_recording(session)
    require_version(vial, version)
    if vial.injections.active().exists():
        raise Refused("An injection names this vial. Change it there first.")
    for row in vial.injections.all():
        assign(row, {"vial": None})
        store(row, by=by)
    note_recorder(session, by=by)
    recorded("removed", vial, session=session, by=by)
    # Not vial.delete(), which would clear the id that the audit entry needs.
    Vial.objects.filter(pk=vial.pk).delete()
    return session
