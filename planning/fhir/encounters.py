"""Appointment and Encounter: the two sides of a visit, as it was booked and as it took place."""

from patients.models import VisitState
from planning.fhir.elements import TERMINOLOGY, coding, concept, filled, local, reference

APPOINTMENT_STATUS = {
    VisitState.BOOKED: "booked",
    VisitState.ARRIVED: "arrived",
    VisitState.FINISHED: "fulfilled",
    VisitState.CANCELLED: "cancelled",
    VisitState.NO_SHOW: "noshow",
    VisitState.ENTERED_IN_ERROR: "entered-in-error",
}
ENCOUNTER_STATUS = {
    VisitState.BOOKED: "planned",
    VisitState.ARRIVED: "arrived",
    VisitState.FINISHED: "finished",
    VisitState.CANCELLED: "cancelled",
    VisitState.NO_SHOW: "cancelled",
    VisitState.ENTERED_IN_ERROR: "entered-in-error",
}
TOOK_PLACE = (VisitState.ARRIVED, VisitState.FINISHED)


def appointment_resource(visit):
    is_cancelled = visit.state == VisitState.CANCELLED
    return {
        "resourceType": "Appointment",
        "id": str(visit.pk),
        "status": APPOINTMENT_STATUS[visit.state],
        "serviceType": [concept(visit.get_kind_display())],
        "start": local(visit.starts_at),
        "end": local(visit.ends_at),
        "minutesDuration": visit.minutes,
        "created": local(visit.booked_at),
        "participant": [
            {"actor": reference("Patient", visit.patient_id), "status": "accepted"},
            {"actor": reference("Practitioner", visit.clinician_id, str(visit.clinician)), "status": "accepted"},
        ],
        **filled(
            # FHIR allows a reason only with these states.
            cancelationReason=concept(visit.reason) if is_cancelled else None,
            comment="" if is_cancelled else visit.reason,
            supportingInformation=[reference("Appointment", visit.moved_from_id, "The visit that was moved")]
            if visit.moved_from_id
            else [],
        ),
    }


def encounter_resource(visit):
    """Collum does not measure when a visit began and ended: the period is the booked time."""
    period = {"start": local(visit.starts_at), "end": local(visit.ends_at)} if visit.state in TOOK_PLACE else None
    return {
        "resourceType": "Encounter",
        "id": str(visit.pk),
        "status": ENCOUNTER_STATUS[visit.state],
        "class": coding(f"{TERMINOLOGY}/v3-ActCode", "AMB", "ambulatory"),
        "type": [concept(visit.get_kind_display())],
        "subject": reference("Patient", visit.patient_id),
        "participant": [{"individual": reference("Practitioner", visit.clinician_id, str(visit.clinician))}],
        "appointment": [reference("Appointment", visit.pk)],
        **filled(period=period),
    }
