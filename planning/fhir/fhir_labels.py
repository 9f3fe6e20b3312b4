"""The labels of the audit trail for what programs read as FHIR."""

from clinic.audit.labels import Noun

FHIR = {
    "appointment": Noun("the visit as an appointment", "visits as appointments"),
    "encounter": Noun("the visit as an encounter", "visits as encounters"),
    "practitioner": Noun("a user’s name", "users’ names"),
    "condition": Noun("the patient’s diagnosis", "diagnoses"),
    "procedure": Noun("the session", "sessions"),
    "medication-administration": Noun("an injection of the signed record", "injections of signed records"),
    "provenance": Noun("who signed the record", "who signed records"),
    "observation": Noun("a score", "scores"),
    "audit-event": Noun("the audit trail", "the audit trail"),
    "metadata": "open the description of the server",
    "everything": "open everything about the patient",
    "export": "begin an export",
    "patient-export": "begin an export",
    "export-files": "list the files of an export",
    "export-lines": "download a file of an export",
}
