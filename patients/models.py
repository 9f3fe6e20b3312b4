"""Patients, visits and follow-ups."""

from patients.coverage.models.coverage import Coverage, Decision
from patients.coverage.models.therapy import Therapy, TherapyKind
from patients.diary.models.opening_hours import Absence, Closure, VisitLength, WorkingHours
from patients.diary.models.reminder_runs import ReminderRun
from patients.diary.models.reminders import CalendarFeed, ChangeMessage, Reminder, ReminderText
from patients.diary.models.visit import Visit, VisitKind, VisitState
from patients.followups.models.contact import ContactAttempt, ContactOutcome, ContactWay
from patients.followups.models.followup import FollowUp, FollowUpKind
from patients.people.models.duplicates import NotSamePerson, PossibleDuplicate
from patients.people.models.keys import PatientKey
from patients.people.models.patient import Patient, PatientStatus, Sex
from patients.people.models.person import Alert, joined_with
from patients.people.models.record_number import RecordNumberCounter
from patients.people.models.same_person import SamePerson

__all__ = [
    "Absence",
    "Alert",
    "CalendarFeed",
    "ChangeMessage",
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
    "ReminderRun",
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
