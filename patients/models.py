"""Patients, visits and follow-ups."""

from patients.coverage.models.coverage import Coverage, Decision
from patients.coverage.models.therapy import Therapy, TherapyKind
from patients.diary.models.delay import Delay
from patients.diary.models.opening_hours import Absence, Closure, VisitLength, WorkingHours
from patients.diary.models.reminder_runs import ReminderRun
from patients.diary.models.reminders import CalendarFeed, ChangeMessage, Reminder, ReminderText
from patients.diary.models.slip import SlipText
from patients.diary.models.visit import Visit, VisitKind, VisitState
from patients.followups.models.contact import ContactAttempt, ContactOutcome, ContactWay
from patients.followups.models.followup import FollowUp, FollowUpKind
from patients.imports.models.import_batch import ImportBatch, ImportFile, ImportState
from patients.imports.models.import_row import ImportRow, RowOutcome
from patients.imports.models.imported_record import ColumnMatch, ImportedRecord
from patients.people.models.duplicates import NotSamePerson, PossibleDuplicate
from patients.people.models.identifier import PatientIdentifier
from patients.people.models.keys import PatientKey
from patients.people.models.patient import Patient, PatientStatus, Sex
from patients.people.models.person import Alert, joined_with
from patients.people.models.record_number import RecordNumberCounter
from patients.people.models.same_person import SamePerson
from patients.waiting.models.waiting_entry import PartOfDay, WaitingEntry

__all__ = [
    "Absence",
    "Alert",
    "CalendarFeed",
    "ChangeMessage",
    "Closure",
    "ColumnMatch",
    "ContactAttempt",
    "ContactOutcome",
    "ContactWay",
    "Coverage",
    "Decision",
    "Delay",
    "FollowUp",
    "FollowUpKind",
    "ImportBatch",
    "ImportFile",
    "ImportRow",
    "ImportState",
    "ImportedRecord",
    "NotSamePerson",
    "PartOfDay",
    "Patient",
    "PatientIdentifier",
    "PatientKey",
    "PatientStatus",
    "PossibleDuplicate",
    "RecordNumberCounter",
    "Reminder",
    "ReminderRun",
    "ReminderText",
    "RowOutcome",
    "SamePerson",
    "Sex",
    "SlipText",
    "Therapy",
    "TherapyKind",
    "Visit",
    "VisitKind",
    "VisitLength",
    "VisitState",
    "WaitingEntry",
    "WorkingHours",
    "joined_with",
]
