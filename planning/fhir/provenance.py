"""Provenance: each signed record of a session, and each mark *entered in error*, with who did it, when and why."""

from planning.fhir.elements import TERMINOLOGY, coding, concept, filled, local, reference
from planning.fhir.procedures import RECORD_HASH, person_reference
from planning.fhir.signed_versions import signed_at

OF_RECORD, OF_MARK, OF_UNDOING = "record-", "mark-", "undone-"


def record_provenance(record):
    content = record.content
    return {
        "resourceType": "Provenance",
        "id": f"{OF_RECORD}{record.pk}",
        "target": [
            reference("Procedure", record.session_id, f"Signed record {record.number}"),
            *(reference("MedicationAdministration", row["id"]) for row in content["injections"]),
        ],
        "occurredDateTime": content["given_on"],
        "recorded": local(signed_at(record)),
        "activity": _activity("UPDATE" if content["amendment"] else "CREATE"),
        "agent": [
            *_agent("author", reference("Practitioner", record.signer_id, record.signer_name), record.signer_roles),
            *_agent("performer", person_reference(content["operator"])),
            *_agent("enterer", person_reference(content["recorder"])),
        ],
        "entity": [
            _entity("source", record.hash, f"Signed record {record.number}. {record.meaning}"),
            *([_entity("revision", record.previous_hash, "The record before")] if record.previous_hash else []),
        ],
        **filled(reason=_reason(content["amendment"])),
    }


def _reason(amendment):
    return [concept(f"{amendment['kind']}: {amendment['reason']}")] if amendment else []


def mark_provenance(mark):
    """A session that was marked as entered in error."""
    return _of_mark(mark, OF_MARK, "NULLIFY", mark.marked_at, mark.marked_by, reason=[concept(mark.reason)])


def undone_provenance(mark):
    """A mark that was undone: the session counts again."""
    return _of_mark(mark, OF_UNDOING, "REACTIVATE", mark.undone_at, mark.undone_by, reason=[])


def _of_mark(mark, prefix, activity, at, by, *, reason):
    return {
        "resourceType": "Provenance",
        "id": f"{prefix}{mark.pk}",
        "target": [reference("Procedure", mark.session_id)],
        "recorded": local(at),
        "activity": _activity(activity),
        "agent": _agent("author", reference("Practitioner", by.pk, str(by))),
        **filled(reason=reason),
    }


def _activity(code):
    return concept("", coding(f"{TERMINOLOGY}/v3-DataOperation", code))


def _agent(kind, who, roles=""):
    """A list with this agent, or an empty one if the record does not name them."""
    kind_of_agent = concept("", coding(f"{TERMINOLOGY}/provenance-participant-type", kind))
    role = [concept(roles)] if roles else []
    return [filled(type=kind_of_agent, role=role, who=who)] if who else []


def _entity(role, digest, display):
    return {"role": role, "what": {"identifier": {"system": RECORD_HASH, "value": digest}, "display": display}}
