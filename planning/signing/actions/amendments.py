"""Amending a signed record: the same rows are open again, until the next record is signed or the amendment
discarded.
"""

import json

from django.core.serializers.json import DjangoJSONEncoder
from django.utils import timezone

from clinic.accounts.permissions import Permission, may, require_person
from clinic.models import Clinic
from clinic.records import audit_log
from clinic.records.actions import action, assign, require_version, store
from clinic.records.exceptions import Conflict, Refused
from planning.sessions.actions.sessions import PERSON_TYPES_DOSES
from planning.sessions.models.corrections import Amendment
from planning.sessions.models.injection import Injection
from planning.sessions.models.session import InjectionSession
from planning.sessions.models.session_fields import SESSION_FIELDS
from planning.sessions.models.vial import VIAL_FIELDS, Vial
from planning.signing.models.signed_record import digest

FIELDS_OF_SESSION = ("product", *SESSION_FIELDS, "recorder")
FIELDS_OF_VIAL = (*VIAL_FIELDS, "added_at")
FIELDS_OF_ROW = (
    "planned_dose", "planned_typed_by", "given_dose", "given_typed_by", "typed_at", "not_given", "not_given_reason",
    "sites", "guidance", "vial", "note", "removed_at",
)  # fmt: skip


@action
def open_amendment(*, session, kind, reason, by, version):
    """Open the rows of a signed session again; its latest record stays valid until the amendment is signed."""
    _require_signer(by)
    session = InjectionSession.objects.locked(session.pk)
    require_version(session, version)
    if obstacle := session.amending_obstacle():
        raise Refused(obstacle)
    amendment = Amendment(session=session, record=session.record(), kind=kind, reason=reason, opened_by=by)
    amendment.opened_at, amendment.rows_as_signed = timezone.now(), _as_signed(session)
    store(amendment, by=by)
    store(session, by=by)  # only the version changes: pages opened earlier do not show the amendment
    audit_log.record("opened amendment", amendment, by=by, patients=[session.visit.patient_id])
    return amendment


@action
def discard_amendment(*, session, by, content_hash):
    """Restore every value to what was signed.

    `content_hash` is that of the content to discard, as the user read it. Repeating it succeeds.
    """
    _require_signer(by)
    with timezone.override(Clinic.ours().zone):
        return _discard(session, by=by, content_hash=content_hash)


def _discard(session, *, by, content_hash):
    session = InjectionSession.objects.locked(session.pk)
    amendment = session.open_amendment()
    if amendment is None:
        _require_discarded(session.amendments.last(), by=by)
        return session
    if digest(session.content()) != content_hash:
        raise Conflict("This amendment changed after the page was opened. Read it again before discarding it.")
    _restore(amendment.as_signed(), session, by=by)
    store(session, by=by)  # pages opened earlier still show the amendment
    amendment.discarded_by, amendment.discarded_at = by, timezone.now()
    store(amendment, by=by)
    audit_log.record("discarded amendment", amendment, by=by, patients=[session.visit.patient_id])
    return session


def _require_discarded(amendment, *, by):
    """Raises Refused unless this user has discarded the amendment already."""
    if amendment is None:
        raise Refused("This session is not being amended.")
    if amendment.signed_as is not None:
        raise Refused(f"This amendment was signed as record {amendment.signed_as.number}, so it cannot be discarded.")
    if amendment.discarded_by != by:
        raise Refused(f"{amendment.discarded_by} has already discarded this amendment.")


def _require_signer(by):
    require_person(by, PERSON_TYPES_DOSES)
    if not may(by, Permission.SIGN_SESSIONS):
        raise Refused("Only a neurologist can amend a signed record.")


def _as_signed(session):
    return json.dumps(
        {
            "session": _fields(session, FIELDS_OF_SESSION),
            "vials": {vial.pk: _fields(vial, FIELDS_OF_VIAL) for vial in session.vials.all()},
            "rows": {row.pk: _fields(row, FIELDS_OF_ROW) for row in session.injections.all()},
        },
        cls=DjangoJSONEncoder,
    )


def _fields(instance, names):
    return {name: instance._meta.get_field(name).value_from_object(instance) for name in names}


def _restore(signed, session, *, by):
    """Rows are detached first and restored last, because each refers to its vial."""
    rows = list(Injection.objects.select_for_update().filter(session=session).order_by("pk"))
    for row in rows:
        if row.vial_id is not None or str(row.pk) not in signed["rows"]:
            _assign(row, {"vial": None, "removed_at": timezone.now()}, by=by)
    _restore_vials(signed["vials"], session, by=by)
    for row in rows:
        if str(row.pk) in signed["rows"]:
            _assign(row, signed["rows"][str(row.pk)], by=by)
    _assign(session, signed["session"], by=by)


def _restore_vials(signed, session, *, by):
    there = {str(vial.pk): vial for vial in session.vials.select_for_update()}
    for pk, fields in signed.items():
        _assign(there.get(pk) or Vial(pk=int(pk), session=session), fields, by=by)
    Vial.objects.filter(pk__in=[vial.pk for pk, vial in there.items() if pk not in signed]).delete()


def _assign(instance, fields, *, by):
    columns = {instance._meta.get_field(name): value for name, value in fields.items()}
    values = {field.attname: field.to_python(value) for field, value in columns.items()}
    if assign(instance, values) or instance._state.adding:
        store(instance, by=by)
