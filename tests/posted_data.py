"""Whose record a URL of the pages is about; what a form of that address carries besides what is typed."""

from clinic.web.seen import PATIENT
from patients.models import Coverage, FollowUp, Patient, Therapy, Visit, WaitingEntry
from planning.models import AdverseEvent, Assessment, Consent, InformationGiven, InjectionSession, Letter, Response

# By the first word of the URL: the record with the id after it, and the way from it to its patient.
RECORDS = {
    "patients": (Patient, "pk"),
    "visits": (Visit, "patient"),
    "sessions": (InjectionSession, "visit__patient"),
    "follow-ups": (FollowUp, "patient"),
    "waiting-list": (WaitingEntry, "patient"),
    "coverage": (Coverage, "patient"),
    "therapies": (Therapy, "patient"),
    "consents": (Consent, "patient"),
    "information": (InformationGiven, "patient"),
    "assessments": (Assessment, "visit__patient"),
    "letters": (Letter, "session__visit__patient"),
    "responses": (Response, "visit__patient"),
    "adverse-events": (AdverseEvent, "session__visit__patient"),
}


def patient_of(path):
    """The id of the patient of the URL; None where there is none."""
    first, _, rest = path.partition("?")[0].strip("/").partition("/")
    pk = rest.partition("/")[0]
    if first not in RECORDS or not pk.isdigit():
        return None
    if "/same-person/" in path and (main_record := rest.rpartition("/")[2]).isdigit():
        pk = main_record
    model, lookup = RECORDS[first]
    return model.objects.filter(pk=pk).values_list(lookup, flat=True).first()


def with_patient(path, data):
    """The data with the patient of the page at this URL, unless it already names one."""
    if not isinstance(data, dict | None) or PATIENT in (data or {}):
        return data
    patient = patient_of(path)
    return data if patient is None else {**(data or {}), PATIENT: patient}


def shown_version(record):
    """The version that a page opened now would show."""
    return {"version": type(record)._default_manager.get(pk=record.pk).version}
