"""All kinds of resources, in the order of an export."""

from planning.fhir.search_parameters import IdIs, LastChanged
from planning.fhir.sources_of_course import AdverseEventSource, AuditEventSource, ObservationSource
from planning.fhir.sources_of_sessions import (
    AdministrationSource,
    MarkSource,
    ProcedureSource,
    RecordSource,
    UndoneMarkSource,
)
from planning.fhir.sources_of_visits import (
    AppointmentSource,
    ConditionSource,
    EncounterSource,
    PatientSource,
    PractitionerSource,
)

_ALL = (
    PatientSource(),
    PractitionerSource(),
    ConditionSource(),
    AppointmentSource(),
    EncounterSource(),
    ProcedureSource(),
    AdministrationSource(),
    RecordSource(),
    MarkSource(),
    UndoneMarkSource(),
    ObservationSource(),
    AdverseEventSource(),
    AuditEventSource(),
)
SOURCES = {kind: [source for source in _ALL if source.kind == kind] for kind in dict.fromkeys(one.kind for one in _ALL)}
# What belongs to one patient. The audit trail does not: it is for auditors, who see no clinical content.
OF_A_PATIENT = [kind for kind, sources in SOURCES.items() if sources[0].patient]
EXPORTED = [kind for kind in SOURCES if kind != "AuditEvent"]


def knows_changes(kind):
    """A user has no time of change."""
    return kind != "Practitioner"


def parameters_of(kind):
    """Its search parameters by name."""
    changed = {"_lastUpdated": LastChanged()} if knows_changes(kind) else {}
    return {"_id": IdIs(), **changed, **SOURCES[kind][0].parameters}
