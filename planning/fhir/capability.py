"""The CapabilityStatement: what a program can read here, and how."""

from planning.fhir.elements import filled, versioned
from planning.fhir.kinds import OF_A_PATIENT, SOURCES, parameters_of

WRITTEN_ON = "2026-11-30"
BULK = "http://hl7.org/fhir/uv/bulkdata/OperationDefinition"
SECURITY = "A token for programs, as for the API: its owner chooses what it can read. Every read is in the audit trail."
IN_THE_BODY = "Only in the body of a POST to _search, because servers log URLs."


def capability_statement(base):
    return versioned(
        {
            "resourceType": "CapabilityStatement",
            "id": "collum",
            "status": "active",
            "date": WRITTEN_ON,
            "kind": "instance",
            "software": {"name": "Collum"},
            "implementation": {"description": "Collum, read-only", "url": base},
            "fhirVersion": "4.0.1",
            "format": ["json"],
            "rest": [
                {
                    "mode": "server",
                    "security": {"description": SECURITY},
                    "resource": [_resource(kind) for kind in SOURCES],
                    "operation": [{"name": "export", "definition": f"{BULK}/export"}],
                }
            ],
        },
        None,
    )


def _resource(kind):
    operations = {
        "everything": "http://hl7.org/fhir/OperationDefinition/Patient-everything",
        "export": f"{BULK}/patient-export",
    }
    return {
        "type": kind,
        "interaction": [{"code": "read"}, {"code": "search-type"}],
        "versioning": "no-version",
        "conditionalRead": "not-match",
        "searchParam": [_parameter(name, parameter) for name, parameter in parameters_of(kind).items()],
        **filled(
            operation=[{"name": name, "definition": url} for name, url in operations.items()]
            if kind == "Patient"
            else []
        ),
        **filled(documentation=_documentation(kind)),
    }


def _documentation(kind):
    return "Searches by patient include the other records of the same person." if kind in OF_A_PATIENT else ""


def _parameter(name, parameter):
    return {"name": name, "type": parameter.kind, **filled(documentation=IN_THE_BODY if parameter.private else "")}
