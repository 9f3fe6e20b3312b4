"""AuditEvent: an entry of the audit trail. It contains no names of patients and no clinical content."""

from clinic.audit import labels
from planning.fhir.elements import OWN, TERMINOLOGY, coding, concept, filled, local, reference

OUTCOMES = {"done": "0", "refused": "4", "failed": "8"}
READS = {labels.READ, labels.EXPORTED, "read the audit trail"}
PERSON, SYSTEM_OBJECT = "1", "2"


def audit_event_resource(entry):
    return {
        "resourceType": "AuditEvent",
        "id": str(entry.pk),
        "type": coding(f"{TERMINOLOGY}/audit-event-type", "rest", "RESTful Operation"),
        "subtype": [coding(f"{OWN}audit-action", entry.action, labels.entry_label(entry))],
        "action": "R" if entry.action in READS else "E",
        "recorded": local(entry.at),
        "outcome": OUTCOMES[entry.outcome],
        "agent": [_agent(entry)],
        "source": {"observer": {"display": "Collum"}},
        "entity": [
            _object(entry),
            *(_patient(row.patient_id) for row in entry.patients.all()),
        ],
    }


def _agent(entry):
    who = reference("Practitioner", entry.actor_id, str(entry.actor or "")) or {"display": "not logged in"}
    return filled(role=[concept(role) for role in entry.roles.split(", ") if role], who=who) | {"requestor": True}


def _object(entry):
    details = {"route": entry.route, "request": entry.request_id}
    return {
        "type": coding(f"{TERMINOLOGY}/audit-entity-type", SYSTEM_OBJECT, "System Object"),
        "name": f"{entry.object_type} {entry.object_id or ''}".strip() or "none",
        **filled(detail=[{"type": name, "valueString": value} for name, value in details.items() if value]),
    }


def _patient(pk):
    return {
        "what": reference("Patient", pk),
        "type": coding(f"{TERMINOLOGY}/audit-entity-type", PERSON, "Person"),
    }
