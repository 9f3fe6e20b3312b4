"""MedicationAdministration: one injection of a signed record, with its dose as the string that was typed."""

from clinic.records.partial_dates import PartialDate
from planning.catalogue.models.muscle import Side, code_key
from planning.fhir.elements import TERMINOLOGY, absent, coding, concept, extension, filled, note, reference
from planning.fhir.json_text import NumberAsTyped, is_json_number
from planning.fhir.procedures import person_reference, site_text
from planning.fhir.signed_versions import amendment_text, error_mark_of, is_last, row_in_records

PRODUCT = "product"  # the id of the contained Medication
NOT_RECORDED = "not recorded"
LATERALITY = {Side.RIGHT: "R", Side.LEFT: "L"}
UBERON, FMA = "http://purl.obolibrary.org/obo/uberon.owl", "http://purl.obolibrary.org/obo/fma.owl"


def administration_resource(injection):
    """None if the row is in no signed record. Of the stored row, only its ids are used."""
    record, row = row_in_records(injection.session, injection.pk)
    if record is None:
        return None
    content = record.content
    error = _error_of(record)
    return {
        "resourceType": "MedicationAdministration",
        "id": str(injection.pk),
        "contained": [_medication(content, row)],
        "partOf": [reference("Procedure", injection.session_id)],
        "status": "entered-in-error" if error else "not-done" if row["not_given"] else "completed",
        "medicationReference": {"reference": f"#{PRODUCT}"},
        "subject": reference("Patient", injection.session.visit.patient_id),
        "context": reference("Encounter", injection.session.visit_id),
        "effectiveDateTime": content["given_on"],
        "dosage": _dosage(row, content["product"], injection.muscle),
        **filled(
            statusReason=[concept(reason)] if (reason := error or row["not_given_reason"]) else [],
            performer=[{"actor": person_reference(content["operator"])}] if content["operator"] else [],
            note=note(amendment_text(content), row["note"]),
        ),
    }


def _error_of(record):
    """Why the injection does not apply: its session was marked, or an amendment removed the row. Empty if it does."""
    if mark := error_mark_of(record.session):
        return mark.reason
    return "" if is_last(record) else "Removed by an amendment"


def _medication(content, row):
    product = content["product"]
    return {
        "resourceType": "Medication",
        "id": PRODUCT,
        "code": concept(f"{product['brand_name']} ({product['nonproprietary_name']})"),
        **filled(batch=_batch(_vial(content["vials"], row["vial"]))),
    }


def _vial(vials, number):
    """A row names its vial only if there are several."""
    return next((vial for vial in vials if number == vial["number"] or len(vials) == 1), None)


def _batch(vial):
    if vial is None:
        return None
    expiry = vial["expiry"]
    return filled(
        lotNumber=vial["lot_number"],
        extension=[extension("expiry-as-typed", valueString=expiry)] if expiry else [],
        expirationDate=_day(expiry),
    )


def _day(typed):
    """The expiry if it was typed as a date of FHIR. It is never converted."""
    try:
        return "" if PartialDate(typed).is_unknown else typed
    except ValueError:
        return ""


def _dosage(row, product, muscle):
    typed, unit = row["given_dose"], f"{product['unit_label']} {product['brand_name']}"
    sites = row["sites"]
    return filled(
        extension=[
            *([extension("dose-as-typed", valueString=typed)] if typed else []),
            *([extension("number-of-sites", valuePositiveInt=sites)] if sites else []),
        ],
        text=f"{typed} {unit}" if typed else NOT_RECORDED,
        site=_site(row, muscle),
        method=concept(f"Guidance: {row['guidance']}") if row["guidance"] else None,
        dose=_quantity(typed, unit),
    )


def _quantity(typed, unit):
    """The value is there only if the typed string is a JSON number, and is that string.

    The unit has no code and no system: units of different products cannot be compared.
    """
    if not typed:
        return absent("unknown")
    if not is_json_number(typed):
        return {**absent("as-text"), "unit": unit}
    return {"value": NumberAsTyped(typed), "unit": unit}


def _site(row, muscle):
    """The codes are those of the catalogue, whose entries never become another muscle."""
    side = coding(f"{TERMINOLOGY}/v2-0495", LATERALITY[row["side"]]) if row["side"] in LATERALITY else None
    return {
        "extension": [extension("side", valueCodeableConcept=concept(row["side"], side))],
        **concept(
            site_text(row),
            _muscle_coding(UBERON, "uberon", muscle.uberon),
            _muscle_coding(FMA, "fma", muscle.fma),
        ),
    }


def _muscle_coding(ontology, name, code):
    _, _, number = code_key(name, code).partition(":")
    return coding(ontology, f"{name.upper()}:{number}") if number else None
