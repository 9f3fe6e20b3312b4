"""Patient, Condition and Practitioner."""

import re

from patients.models import PatientStatus, Sex
from planning.fhir.elements import OWN, TERMINOLOGY, absent, coding, concept, filled, reference

RECORD_NUMBER = f"{OWN}record-number"
URI = re.compile(r"[a-z][a-z0-9+.-]*:[!-~]+", re.IGNORECASE)
GENDERS = {Sex.FEMALE: "female", Sex.MALE: "male", Sex.OTHER: "other", Sex.NOT_STATED: "unknown"}


def patient_resource(patient):
    return {
        "resourceType": "Patient",
        "id": str(patient.pk),
        "identifier": [_record_number(patient), *map(_identifier, patient.identifiers.all())],
        "active": patient.is_active and patient.same_as_id is None,
        "name": [_name(patient)],
        "gender": GENDERS[patient.sex],
        **_birth_date(patient),
        **_death(patient),
        **filled(
            telecom=[
                {"system": system, "value": value}
                for system, value in (("phone", patient.phone), ("email", patient.email))
                if value
            ],
            address=[{"text": patient.address, "line": lines}] if (lines := _lines(patient.address)) else [],
            communication=[{"language": concept(patient.language)}] if patient.language else [],
            link=_links(patient),
        ),
    }


def _record_number(patient):
    kind = concept("Record number", coding(f"{TERMINOLOGY}/v2-0203", "MR", "Medical record number"))
    return {"use": "usual", "type": kind, "system": RECORD_NUMBER, "value": patient.record_number}


def _identifier(identifier):
    """FHIR allows only a URI as the system. Another text names who assigned the number."""
    named = identifier.system
    return {
        **({"system": named} if URI.fullmatch(named) else {"assigner": {"display": named}}),
        "value": identifier.value,
    }


def _name(patient):
    given = [patient.given_name] if patient.given_name else []
    return filled(use="official", text=patient.full_name, family=patient.family_name, given=given)


def _birth_date(patient):
    if patient.date_of_birth.is_unknown:
        return {"_birthDate": absent("unknown")}
    return {"birthDate": patient.date_of_birth}


def _death(patient):
    if patient.status != PatientStatus.DIED:
        return {}
    return {"deceasedDateTime": day.isoformat()} if (day := patient.status_since) else {"deceasedBoolean": True}


def _lines(text):
    return [line.strip() for line in text.splitlines() if line.strip()]


def _links(patient):
    """The other records of the same person. One of them continues; the others can no longer be changed."""
    if patient.same_as_id is not None:
        return [{"other": reference("Patient", patient.same_as_id), "type": "replaced-by"}]
    others = sorted(record.pk for record in patient.others.all())
    return [{"other": reference("Patient", pk), "type": "replaces"} for pk in others]


def condition_resource(patient):
    """The diagnosis of a patient's record; None if none is recorded."""
    if not (patient.diagnosis or patient.diagnosis_code):
        return None
    return {
        "resourceType": "Condition",
        "id": str(patient.pk),
        "clinicalStatus": concept("", coding(f"{TERMINOLOGY}/condition-clinical", "active")),
        "code": concept(
            patient.diagnosis or patient.diagnosis_code,
            # As written in the clinic's coding system, which Collum does not know.
            filled(code=patient.diagnosis_code),
        ),
        "subject": reference("Patient", patient.pk),
        **filled(onsetString=patient.onset),
    }


def practitioner_resource(user):
    return {
        "resourceType": "Practitioner",
        "id": str(user.pk),
        "active": user.is_active,
        "name": [{"text": str(user)}],
    }
