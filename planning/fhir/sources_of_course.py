"""The sources of scores, adverse events and the audit trail."""

from django.db.models import Q

from clinic.accounts.permissions import Permission
from clinic.models import AuditEntry
from planning.course.models.adverse_event import AdverseEvent
from planning.course.models.assessment import Assessment
from planning.course.models.score import Score
from planning.fhir.audit_events import audit_event_resource
from planning.fhir.elements import latest
from planning.fhir.findings_of_course import adverse_event_resource, observation_resource
from planning.fhir.search_parameters import EntryAbout, On, PatientIs, RefersTo, ShownDay, StatusIn
from planning.fhir.sources import Source, history_of


class ObservationSource(Source):
    kind, permission, patient = "Observation", Permission.SEE_COURSE, "assessment__visit__patient_id"
    parameters = {
        "patient": PatientIs("assessment__visit__patient"),
        "subject": PatientIs("assessment__visit__patient"),
        "encounter": RefersTo("assessment__visit", "Encounter"),
        "date": On("assessment__visit__starts_at"),
        "status": StatusIn(
            {"final": Q(assessment__error_at=None), "entered-in-error": Q(assessment__error_at__isnull=False)}
        ),
    }

    def rows(self):
        scores = Score.objects.annotate(
            changed_at=history_of(Score, id="pk"), assessed_at=history_of(Assessment, id="assessment")
        )
        return scores.select_related("instrument", "assessment__visit", "assessment__recorded_by")

    def changed_since(self, rows, at):
        scores = Score.history.filter(history_date__gte=at).values("id")
        assessments = Assessment.history.filter(history_date__gte=at).values("id")
        return rows.filter(Q(pk__in=scores) | Q(assessment__in=assessments))

    def changed_at(self, score):
        return latest(score.changed_at, score.assessed_at, score.assessment.recorded_at)

    def written(self, score):
        return observation_resource(score)


class AdverseEventSource(Source):
    kind, permission, patient = "AdverseEvent", Permission.SEE_COURSE, "session__visit__patient_id"
    parameters = {
        "subject": PatientIs("session__visit__patient"),
        "patient": PatientIs("session__visit__patient"),
        "date": ShownDay("date"),
    }

    def rows(self):
        events = AdverseEvent.objects.annotate(changed_at=history_of(AdverseEvent, id="pk"))
        return events.select_related("session__visit", "recorded_by")

    def changed_since(self, rows, at):
        return rows.filter(pk__in=AdverseEvent.history.filter(history_date__gte=at).values("id"))

    def changed_at(self, event):
        return latest(event.changed_at, event.recorded_at)

    def written(self, event):
        return adverse_event_resource(event)


class AuditEventSource(Source):
    """The audit trail names patients by their ids only, so that its readers need not be able to open a record."""

    kind, permission = "AuditEvent", Permission.SEE_AUDIT
    parameters = {
        "patient": EntryAbout(),
        "agent": RefersTo("actor", "Practitioner"),
        "date": On("at"),
    }

    def rows(self):
        return AuditEntry.objects.select_related("actor").prefetch_related("patients")

    def changed_since(self, rows, at):
        return rows.filter(at__gte=at)

    def changed_at(self, entry):
        return entry.at

    def written(self, entry):
        return audit_event_resource(entry)
