"""The sources of sessions, their injections, and the provenance of both."""

import datetime as dt

from django.db.models import OuterRef, Prefetch, Q, Subquery

from clinic.accounts.permissions import Permission
from planning.fhir.medications import administration_resource
from planning.fhir.procedures import STATUS, procedure_resource
from planning.fhir.provenance import (
    OF_MARK,
    OF_RECORD,
    OF_UNDOING,
    mark_provenance,
    record_provenance,
    undone_provenance,
)
from planning.fhir.search_parameters import PatientIs, RefersTo, SignedDay, StatusShown
from planning.fhir.signed_versions import changed_at, signed_at
from planning.fhir.sources import Source
from planning.sessions.models.corrections import ErrorMark
from planning.sessions.models.injection import Injection
from planning.sessions.models.session import InjectionSession
from planning.signing.models.signed_record import SignedRecord


def _day_before(at):
    """A lower bound for the time of a signature, which is a text with its own offset."""
    return (at - dt.timedelta(days=1)).date().isoformat()


def _sessions_changed_since(at):
    """Of signed sessions, and perhaps some that were signed earlier that day."""
    signed = SignedRecord.objects.filter(signed_at__gte=_day_before(at)).order_by()
    marked = ErrorMark.objects.filter(Q(marked_at__gte=at) | Q(undone_at__gte=at)).order_by()
    return signed.values("session").union(marked.values("session"))


class ProcedureSource(Source):
    """The rows of a session that is not signed have no time of change, so it is part of every list of changes."""

    kind, permission, patient = "Procedure", Permission.SEE_SESSIONS, "visit__patient_id"
    parameters = {
        "patient": PatientIs("visit__patient"),
        "subject": PatientIs("visit__patient"),
        "encounter": RefersTo("visit", "Encounter"),
        "date": SignedDay("given_day", "performedDateTime", session="pk"),
        "status": StatusShown(*dict.fromkeys(STATUS.values())),
    }

    def rows(self):
        sessions = InjectionSession.objects.with_facts().with_given_day()
        return sessions.select_related("visit").prefetch_related("records", "error_marks")

    def changed_since(self, rows, at):
        return rows.filter(Q(signed_at=None) | Q(pk__in=_sessions_changed_since(at)))

    def changed_at(self, session):
        return changed_at(session)

    def written(self, session):
        return procedure_resource(session)


class AdministrationSource(Source):
    kind, permission = "MedicationAdministration", Permission.SEE_SESSIONS
    patient = "session__visit__patient_id"
    parameters = {
        "patient": PatientIs("session__visit__patient"),
        "subject": PatientIs("session__visit__patient"),
        "context": RefersTo("session__visit", "Encounter"),
        "effective-time": SignedDay("given_day", "effectiveDateTime", session="session"),
        "status": StatusShown("completed", "not-done", "entered-in-error"),
    }

    def rows(self):
        # The sessions are not joined: rows of one session share one copy of its records.
        sessions = InjectionSession.objects.select_related("visit").prefetch_related("records", "error_marks")
        rows = Injection.objects.filter(session__signed_at__isnull=False).annotate(given_day=_given_day())
        return rows.select_related("muscle").prefetch_related(Prefetch("session", sessions))

    def changed_since(self, rows, at):
        return rows.filter(session__in=_sessions_changed_since(at))

    def changed_at(self, row):
        return changed_at(row.session)

    def written(self, row):
        return administration_resource(row)


def _given_day():
    sessions = InjectionSession.objects.filter(pk=OuterRef("session")).with_given_day()
    return Subquery(sessions.values("given_day")[:1])


class ProvenanceSource(Source):
    kind, permission, patient = "Provenance", Permission.SEE_SESSIONS, "session__visit__patient_id"
    parameters = {
        "patient": PatientIs("session__visit__patient"),
        "target": RefersTo("session", "Procedure"),
    }


class RecordSource(ProvenanceSource):
    prefix = OF_RECORD

    def rows(self):
        return SignedRecord.objects.select_related("session__visit")

    def changed_since(self, rows, at):
        return rows.filter(signed_at__gte=_day_before(at))

    def changed_at(self, record):
        return signed_at(record)

    def written(self, record):
        return record_provenance(record)


class MarkSource(ProvenanceSource):
    prefix = OF_MARK

    def rows(self):
        return ErrorMark.objects.select_related("session__visit", "marked_by")

    def changed_since(self, rows, at):
        return rows.filter(marked_at__gte=at)

    def changed_at(self, mark):
        return mark.marked_at

    def written(self, mark):
        return mark_provenance(mark)


class UndoneMarkSource(ProvenanceSource):
    prefix = OF_UNDOING

    def rows(self):
        return ErrorMark.objects.exclude(undone_at=None).select_related("session__visit", "undone_by")

    def changed_since(self, rows, at):
        return rows.filter(undone_at__gte=at)

    def changed_at(self, mark):
        return mark.undone_at

    def written(self, mark):
        return undone_provenance(mark)
