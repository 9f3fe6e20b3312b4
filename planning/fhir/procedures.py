"""Procedure: an injection session. A signed session shows its latest signed record, any other one only its state."""

from planning.fhir.elements import OWN, concept, filled, note, reference
from planning.fhir.signed_versions import amendment_text, error_mark_of, versions_of
from planning.sessions.models.session import SessionState

RECORD_HASH = f"{OWN}signed-record-hash"
WHAT = "Injection of botulinum toxin"
STATUS = {
    SessionState.PLANNED: "preparation",
    SessionState.GIVEN: "in-progress",
    SessionState.SIGNED: "completed",
    SessionState.AMENDED: "completed",
    SessionState.BEING_AMENDED: "completed",
    SessionState.NOT_DONE: "not-done",
    SessionState.ENTERED_IN_ERROR: "entered-in-error",
}


def procedure_resource(session):
    return {
        "resourceType": "Procedure",
        "id": str(session.pk),
        "status": STATUS[session.state],
        "code": concept(WHAT),
        "subject": reference("Patient", session.visit.patient_id),
        "encounter": reference("Encounter", session.visit_id),
        **filled(statusReason=_reason(session)),
        **(_as_signed(versions_of(session)[-1]) if session.is_signed else {}),
    }


def _reason(session):
    mark = error_mark_of(session)
    reason = mark.reason if mark else "" if session.is_signed else session.not_done_reason
    return concept(reason) if reason else None


def _as_signed(record):
    content = record.content
    return filled(
        identifier=[
            {
                "type": concept(f"Hash of signed record {record.number}"),
                "system": RECORD_HASH,
                "value": record.hash,
            }
        ],
        performedDateTime=content["given_on"],
        recorder=person_reference(content["recorder"]),
        asserter=reference("Practitioner", record.signer_id, record.signer_name),
        performer=[{"actor": person_reference(content["operator"])}] if content["operator"] else [],
        bodySite=[concept(site_text(row)) for row in content["injections"] if not row["not_given"]],
        complication=[concept(content["complications"])] if content["complications"] else [],
        note=note(amendment_text(content), content["notes"]),
    )


def person_reference(person):
    """A user as a signed record names them."""
    return reference("Practitioner", person["id"], person["name"]) if person else None


def site_text(row):
    return f"{row['muscle']['name']}, {row['side']}"
