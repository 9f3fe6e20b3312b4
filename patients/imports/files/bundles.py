"""FHIR R4: a bundle of patients, one patient, or one resource a line (NDJSON)."""

import json

from clinic.records.exceptions import Refused
from patients.imports.files.delimited import decoded
from patients.imports.files.people_columns import PEOPLE_COLUMNS, cells_of
from patients.imports.files.source_table import SourceRow, SourceTable

READ = {
    "resourceType", "id", "meta", "text", "name", "birthDate", "gender", "telecom", "address", "communication",
    "deceasedBoolean", "deceasedDateTime", "identifier",
}  # fmt: skip
NO_FHIR = "This JSON is no FHIR bundle of patients."


def read_bundle(content):
    text, _ = decoded(content)
    resources = _resources_of(text)
    patients = [(number, one) for number, one in enumerate(resources, start=1) if _is_patient(one)]
    if not patients:
        raise Refused(f"{NO_FHIR} It contains no Patient.")
    others = len(resources) - len(patients)
    description = "FHIR" + (f", without {others} other resources" if others else "")
    unread = sorted({str(name)[:60] for _, patient in patients for name in patient if name not in READ})
    rows = (_row(number, patient) for number, patient in patients)
    return SourceTable(list(PEOPLE_COLUMNS), rows, description, unread[:40])


def _resources_of(text):
    try:
        parsed = _parsed(text)
    except (ValueError, RecursionError) as error:
        raise Refused(f"{NO_FHIR} It cannot be read as JSON.") from error
    if isinstance(parsed, dict) and parsed.get("resourceType") == "Bundle":
        entries = parsed.get("entry")
        return [each.get("resource") if isinstance(each, dict) else None for each in _list(entries)]
    return parsed if isinstance(parsed, list) else [parsed]


def _parsed(text):
    """A figure stays the text that it is."""
    try:
        return json.loads(text, parse_float=str, parse_int=str, parse_constant=str)
    except ValueError:
        lines = [line for line in text.splitlines() if line.strip()]
        if len(lines) < 2:
            raise
        return [json.loads(line, parse_float=str, parse_int=str, parse_constant=str) for line in lines]


def _is_patient(resource):
    return isinstance(resource, dict) and resource.get("resourceType") == "Patient"


def _row(number, patient):
    try:
        return SourceRow(number, cells_of(_facts_of(patient)))
    except (TypeError, AttributeError, ValueError):
        return SourceRow(number, [], "This Patient is not as FHIR R4 describes it.")


def _facts_of(patient):
    name = _first(patient.get("name"), preferred="official")
    return {
        "ID": patient.get("id"),
        "Family name": name.get("family") or ("" if name.get("given") else name.get("text")),
        "Given names": " ".join(_list(name.get("given"))),
        "Birth date": patient.get("birthDate"),
        "Sex": patient.get("gender"),
        "Phone": _contact(patient, "phone"),
        "Email": _contact(patient, "email"),
        "Address": _address(_first(patient.get("address"), preferred="home")),
        "Language": _language(_first(patient.get("communication"))),
        "Deceased": patient.get("deceasedDateTime") or ("yes" if patient.get("deceasedBoolean") is True else ""),
        "Identifiers": "\n".join(filter(None, map(_identifier, _list(patient.get("identifier"))))),
    }


def _list(value):
    if value is None:
        return []
    if not isinstance(value, list):
        raise TypeError
    return value


def _first(values, preferred=""):
    values = _list(values)
    return next((each for each in values if each.get("use") == preferred), values[0] if values else {})


def _contact(patient, system):
    found = [each.get("value", "") for each in _list(patient.get("telecom")) if each.get("system") == system]
    return found[0] if found else ""


def _address(address):
    if text := address.get("text"):
        return text
    place = " ".join(filter(None, (address.get("postalCode"), address.get("city"))))
    return "\n".join(filter(None, [*_list(address.get("line")), place, address.get("state"), address.get("country")]))


def _language(communication):
    language = communication.get("language", {})
    coding = _first(language.get("coding"))
    return language.get("text") or coding.get("display") or coding.get("code")


def _identifier(identifier):
    kind = identifier.get("type", {})
    coding = _first(kind.get("coding"))
    system = kind.get("text") or coding.get("display") or identifier.get("system") or ""
    return f"{system}|{identifier['value']}" if identifier.get("value") else ""
