"""Writing the audit trail: who read, changed, signed or was denied access; never a name, a dose or a search term."""

import datetime as dt
from contextlib import contextmanager
from contextvars import ContextVar

from django.conf import settings
from django.db import DatabaseError, OperationalError
from django.utils import timezone

from clinic.records import audit_rows
from clinic.records.models import AuditedPatient, AuditEntry
from clinic.records.seals import known

READS_LOOKED_AT = 200  # a page that is opened again and again counts once


class AuditTrailError(OperationalError):
    """An entry could not be written, so nothing is stored or shown. As of any database that is away, this is a 503."""


_request = ContextVar("request that the entries name", default=None)
_held_back = ContextVar("entries that wait for the end of an action", default=None)


@contextmanager
def entries_of(request):
    request.patients_shown = set()
    request.patients_recorded = set()
    token = _request.set(request)
    try:
        yield
    finally:
        _request.reset(token)


class _Entries(list):
    def write(self):
        entries, self[:] = list(self), []
        _write(entries)


@contextmanager
def held_back():
    outer = _held_back.get()
    if outer is not None:
        yield _Nothing()
        return
    entries = _Entries()
    token = _held_back.set(entries)
    try:
        yield entries
    finally:
        _held_back.reset(token)


class _Nothing:
    def write(self):
        """Only the outermost action writes."""


def shown(*patients):
    """Note that this response shows these patients (instances or ids); the middleware writes one entry for all."""
    request = _request.get()
    if request is not None:
        request.patients_shown.update(getattr(patient, "pk", patient) for patient in patients)


def record(action, obj=None, *, by, patients=(), outcome="done"):
    """Add an entry: `action` in the past tense, `patients` as ids."""
    entry = {"action": action, "obj": obj, "by": by, "patients": tuple(patients), "outcome": outcome}
    waiting = _held_back.get()
    if waiting is None:
        _write([entry])
    else:
        waiting.append(entry)


def is_own_change(obj):
    """Whether the person of this request, with a browser, made the last change of the object.

    Only changes of the longest possible login are looked at: no page is older.
    """
    request = _request.get()
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated or user.token is not None:
        return False
    since = timezone.now() - dt.timedelta(seconds=settings.SESSION_ABSOLUTE_SECONDS)
    recent = AuditEntry.objects.filter(at__gte=since, outcome="done").exclude(action="read").latest_first()
    last = recent.filter(object_type=obj._meta.label_lower, object_id=obj.pk).first()
    if last is None or last.actor_id != user.pk:
        return False
    # Another record’s entry may have changed this one too, as the guidance of a session does with its rows.
    others = recent.filter(at__gte=last.at).exclude(actor=user)
    return not others.about(last.patients.values("patient_id")).exists()


def record_reads(request):
    unrecorded = request.patients_shown - request.patients_recorded
    if unrecorded:
        record("read", by=request.user, patients=sorted(unrecorded))


def recently_read(user, *, routes, since, most):
    """The ids of the patients whose pages (`routes`) the user opened, latest first."""
    opened = AuditedPatient.objects.filter(
        entry__actor=user, entry__at__gte=since, entry__action="read", entry__route__in=routes
    )
    latest_first = opened.order_by("-entry__at", "-entry_id").values_list("patient_id", flat=True)
    return list(dict.fromkeys(latest_first[:READS_LOOKED_AT]))[:most]


def _write(entries):
    """Write all entries in two statements. Several need a transaction, such as that of an action."""
    if not entries:
        return
    request = _request.get()
    written = [_entry(request, **entry).with_mac(entry["patients"]) for entry in entries]
    try:
        if len(entries) == 1:
            audit_rows.insert(written[0], entries[0]["patients"])
        else:
            _write_many(written, entries)
    except DatabaseError as error:
        raise AuditTrailError("The audit trail could not be written.") from error
    if request is not None:
        request.patients_recorded.update(pk for entry in entries for pk in entry["patients"])


def _write_many(written, entries):
    AuditedPatient.objects.bulk_create(
        AuditedPatient(entry=row, patient_id=pk)
        for row, entry in zip(AuditEntry.objects.bulk_create(written), entries, strict=True)
        for pk in entry["patients"]
    )


def _entry(request, *, action, obj, by, outcome, **of_patients):
    return AuditEntry(
        actor=by if by is not None and by.is_authenticated else None,
        roles=_roles(by),
        action=action,
        object_type=obj._meta.label_lower if obj is not None else "",
        object_id=obj.pk if obj is not None else None,
        outcome=outcome,
        route=_route(request),
        request_id=getattr(request, "id", ""),
        seal_number=known.number,
        seal_digits=known.digits,
    )


def _roles(by):
    if by is None or not by.is_authenticated:
        return ""
    return ", ".join([*by.role_names, *([f"token {by.token.pk}"] if by.token is not None else [])])


def _route(request):
    match = getattr(request, "resolver_match", None)
    return match.view_name or "" if match else ""
