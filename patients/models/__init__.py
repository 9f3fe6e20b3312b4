"""People, their visits, and the obligation to see them again."""

from patients.models.contact import ContactAttempt, ContactOutcome, ContactWay
from patients.models.coverage import Coverage, Decision
from patients.models.duplicates import NotSamePerson, PossibleDuplicate
from patients.models.followup import FollowUp, FollowUpKind
from patients.models.frame import Absence, Closure, VisitLength, WorkingHours
from patients.models.keys import PatientKey
from patients.models.outbound import CalendarFeed, Reminder, ReminderText
from patients.models.patient import Patient, PatientStatus, Sex
from patients.models.person import Alert, joined_with
from patients.models.recordnumber import RecordNumberCounter
from patients.models.sameperson import SamePerson
from patients.models.therapy import Therapy, TherapyKind
from patients.models.visit import Visit, VisitKind, VisitState

__all__ = [
    "Absence",
    "Alert",
    "CalendarFeed",
    "Closure",
    "ContactAttempt",
    "ContactOutcome",
    "ContactWay",
    "Coverage",
    "Decision",
    "FollowUp",
    "FollowUpKind",
    "NotSamePerson",
    "Patient",
    "PatientKey",
    "PatientStatus",
    "PossibleDuplicate",
    "RecordNumberCounter",
    "Reminder",
    "ReminderText",
    "SamePerson",
    "Sex",
    "Therapy",
    "TherapyKind",
    "Visit",
    "VisitKind",
    "VisitLength",
    "VisitState",
    "WorkingHours",
    "joined_with",
]
