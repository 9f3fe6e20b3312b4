"""Observation: the total of a rating scale. AdverseEvent: an untoward event after a session."""

from planning.catalogue.scores import in_figures
from planning.course.models.adverse_event import Outcome
from planning.course.models.response import YesNo
from planning.fhir.elements import TERMINOLOGY, coding, concept, extension, filled, local, reference
from planning.fhir.json_text import NumberAsTyped

OUTCOMES = {
    Outcome.RECOVERED: "resolved",
    Outcome.RECOVERING: "recovering",
    Outcome.NOT_RECOVERED: "ongoing",
    Outcome.WITH_SEQUELAE: "resolvedWithSequelae",
    Outcome.FATAL: "fatal",
    Outcome.NOT_KNOWN: "unknown",
}
SERIOUSNESS = {YesNo.YES: "serious", YesNo.NO: "non-serious"}


def observation_resource(score):
    assessment, instrument = score.assessment, score.instrument
    visit = assessment.visit
    return {
        "resourceType": "Observation",
        "id": str(score.pk),
        "status": "entered-in-error" if assessment.is_in_error else "final",
        "category": [concept("", coding(f"{TERMINOLOGY}/observation-category", "survey", "Survey"))],
        "code": concept(instrument.full_name or instrument.name, filled(display=instrument.name)),
        "subject": reference("Patient", visit.patient_id),
        "encounter": reference("Encounter", visit.pk),
        "effectiveDateTime": local(visit.starts_at),
        "issued": local(assessment.recorded_at),
        "performer": [reference("Practitioner", assessment.recorded_by_id, str(assessment.recorded_by))],
        "valueQuantity": {"value": NumberAsTyped(in_figures(score.value))},
        **filled(note=[{"text": assessment.error_reason}] if assessment.is_in_error else []),
    }


def adverse_event_resource(event):
    began = event.day_of("began")
    return {
        "resourceType": "AdverseEvent",
        "id": str(event.pk),
        "actuality": "actual",
        "event": concept(": ".join(filter(None, (event.get_kind_display(), event.description)))),
        "subject": reference("Patient", event.session.visit.patient_id),
        "recordedDate": local(event.recorded_at),
        "recorder": reference("Practitioner", event.recorded_by_id, str(event.recorded_by)),
        "suspectEntity": [{"instance": reference("Procedure", event.session_id)}],
        **filled(
            modifierExtension=_error(event),
            extension=[extension("measures", valueString=event.measures)] if event.measures else [],
            encounter=reference("Encounter", event.visit_id),
            date=began.on.isoformat() if began else "",
            seriousness=_coded("seriousness", SERIOUSNESS.get(event.serious), event.get_serious_display()),
            severity=_coded("severity", event.severity, event.get_severity_display()),
            outcome=_coded("outcome", OUTCOMES.get(event.outcome), event.get_outcome_display()),
        ),
    }


def _error(event):
    """An AdverseEvent of R4 has no status. A reader that does not know a modifier must not use the resource."""
    return [extension("entered-in-error", valueString=event.error_reason)] if event.is_in_error else []


def _coded(what, code, text):
    return concept(text, coding(f"{TERMINOLOGY}/adverse-event-{what}", code)) if code else None
