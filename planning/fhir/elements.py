"""Parts of FHIR resources, as dictionaries."""

import datetime as dt
import hashlib

from django.utils import timezone

from planning.fhir.json_text import json_text

# Names of what FHIR has no element for. They are names only: there is no document at them.
OWN = "urn:collum:"
DATA_ABSENT_REASON = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"
TERMINOLOGY = "http://terminology.hl7.org/CodeSystem"


def filled(**elements):
    """The elements that have a value: FHIR has neither null nor empty texts and lists."""
    return {name: value for name, value in elements.items() if value not in (None, "", [], {})}


def reference(kind, pk, display=""):
    return filled(reference=f"{kind}/{pk}", display=display) if pk is not None else None


def coding(code_system, code, display=""):
    return filled(system=code_system, code=code, display=display)


def concept(text, *codings):
    return filled(coding=[each for each in codings if each], text=text)


def extension(name, **value):
    return {"url": f"{OWN}{name}", **value}


def absent(reason):
    """Why a value is missing, from HL7's list of such reasons."""
    return {"extension": [{"url": DATA_ABSENT_REASON, "valueCode": reason}]}


def note(*texts):
    return [{"text": text} for text in texts if text]


def local(at):
    """A timestamp in the clinic's time zone, with its offset."""
    return timezone.localtime(at).isoformat()


def latest(*timestamps):
    return max(filter(None, timestamps), default=None)


def versioned(resource, changed_at):
    """The resource with its meta element.

    Its version is a digest of what it shows, because that depends on more than one row of the database.
    """
    digest = hashlib.sha256(json_text(resource).encode()).hexdigest()[:32]
    meta = filled(versionId=digest, lastUpdated=changed_at and changed_at.astimezone(dt.UTC).isoformat())
    return {"resourceType": resource["resourceType"], "id": resource["id"], "meta": meta, **resource}
