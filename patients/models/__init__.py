"""People, their visits, and the obligation to see them again."""

from patients.models.followup import FollowUp, FollowUpKind
from patients.models.patient import Alert, Patient, PatientKey, PatientStatus, Sex
from patients.models.sameperson import SamePerson
from patients.models.visit import Visit, VisitKind, VisitState

__all__ = [
    "Alert",
    "FollowUp",
    "FollowUpKind",
    "Patient",
    "PatientKey",
    "PatientStatus",
    "SamePerson",
    "Sex",
    "Visit",
    "VisitKind",
    "VisitState",
]
