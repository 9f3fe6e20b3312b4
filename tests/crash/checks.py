"""What must be true after every crash: each acknowledged write is there, once and complete, and all of it verifies."""

from collections import Counter

from django.db import connection

from clinic.models import AuditEntry
from clinic.records.verification import Report, verify
from patients.models import FollowUp, Patient, VisitState
from planning.models import Injection, InjectionSession, SignedRecord
from tests.crash.writers import Changes, Registers, Signs, Types

_STORED = ("given_name", "date_of_birth", "sex", "phone", "note")


def faults_of(writers, *, whole):
    """As sentences; none if all is well. `whole`: every write and every MAC, not only what was written last."""
    connection.close()  # the database may have been killed
    found = [fault for writer in writers for fault in writer.faults]
    for writer in writers:
        done = writer.done if whole else writer.done[writer.checked :]
        found += _CHECKS[type(writer)](writer, done)
        writer.checked = len(writer.done)
    if whole:
        found += verify(Report(tell=str)).bad.values()
        for writer in writers:
            found += _never_sent(writer) if isinstance(writer, Registers) else ()
    return found


def _registered(writer, done):
    sent = done if writer.in_doubt is None else [*done, writer.in_doubt]
    stored = {work["body"]["family_name"]: [] for work in sent}
    for patient in Patient.objects.filter(family_name__in=stored):
        stored[patient.family_name].append(patient)
    ids = [patient.pk for patients in stored.values() for patient in patients]
    entries = AuditEntry.objects.filter(action="registered", object_type="patients.patient", object_id__in=ids)
    entries = Counter(entries.values_list("object_id", flat=True))
    states = Counter(Patient.history.filter(id__in=ids).values_list("id", flat=True))
    for work in sent:
        body, found = work["body"], stored[work["body"]["family_name"]]
        if not found and work is writer.in_doubt:
            continue
        if len(found) != 1 or found[0].pk != work.get("id", found[0].pk):
            yield f"{body['family_name']} is stored {len(found)} times."
            continue
        pk = found[0].pk
        is_whole = all(str(getattr(found[0], name)) == body[name] for name in _STORED)
        if not is_whole or (entries[pk], states[pk]) != (1, 1):
            yield f"{body['family_name']} is not complete, or has {entries[pk]} entries and {states[pk]} states."


def _never_sent(writer):
    sent = len(writer.done) + (writer.in_doubt is not None)
    stored = Patient.objects.filter(family_name__startswith=f"{writer.name} ").count()
    if stored > sent:
        yield f"{sent} patients were sent, and {stored} are stored."


def _changed(writer, done):
    patient = Patient.objects.get(pk=writer.patient)
    shown = {"version": patient.version - 1, "phone": patient.phone, "note": patient.note}
    yield from _is_last(writer, shown)
    if patient.history.count() != patient.version:
        yield f"A patient of version {patient.version} has {patient.history.count()} states."


def _typed(writer, done):
    row = Injection.objects.get(pk=writer.row)
    yield from _is_last(writer, {"version": row.version - 1, "given_dose": row.given_dose, "note": row.note})


def _is_last(writer, shown):
    """Or the one that was sent last and not acknowledged, if it was stored."""
    allowed = writer.done[-1:] + ([] if writer.in_doubt is None else [writer.in_doubt])
    is_untouched = not writer.done and not shown["note"]
    if shown not in allowed and not is_untouched:
        yield f"{type(writer).__name__}: stored is {shown}, acknowledged was {writer.done[-1:]}."


def _signed(writer, done):
    for work in done if writer.in_doubt is None else [*done, writer.in_doubt]:
        session = InjectionSession.objects.get(pk=work["session"]["id"])
        records = list(SignedRecord.objects.filter(session=session))
        follow_ups = FollowUp.objects.filter(patient=work["session"]["patient"]).count()
        is_finished = session.visit.state == VisitState.FINISHED
        parts = (len(records), follow_ups, session.is_signed, is_finished)
        if parts != (1, 1, True, True) and (work is not writer.in_doubt or parts != (0, 0, False, False)):
            yield f"Session {session.pk}: {parts} are its records, follow-ups, whether signed and finished."
        if not all(record.is_intact() for record in records):
            yield f"Session {session.pk}: its record is not intact."


_CHECKS = {Registers: _registered, Changes: _changed, Types: _typed, Signs: _signed}
