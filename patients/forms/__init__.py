"""What is typed on the pages of patients, the diary and follow-ups."""

from patients.forms.around import CoverageForm, NewCoverageForm, NewTherapyForm, TherapyForm
from patients.forms.corrections import ErrorMarkForm
from patients.forms.duplicates import NotSamePersonForm, UndoNotSamePersonForm
from patients.forms.followups import (
    CloseForm,
    ContactForm,
    FollowUpFilter,
    HandOverForm,
    ReturnForm,
    SeeAgainForm,
)
from patients.forms.frame import AbsenceForm, ClosureForm, HoursForm, LengthsForm, ReminderTextForm
from patients.forms.patients import AlertsForm, ConfirmForm, PatientForm, RegisterForm, SamePersonForm, StatusForm
from patients.forms.visits import AskedTime, BookForm, DiaryForm, FreeTimesForm, MoveForm

__all__ = [
    "AbsenceForm",
    "AlertsForm",
    "AskedTime",
    "BookForm",
    "CloseForm",
    "ClosureForm",
    "ConfirmForm",
    "ContactForm",
    "CoverageForm",
    "DiaryForm",
    "ErrorMarkForm",
    "FollowUpFilter",
    "FreeTimesForm",
    "HandOverForm",
    "HoursForm",
    "LengthsForm",
    "MoveForm",
    "NewCoverageForm",
    "NewTherapyForm",
    "NotSamePersonForm",
    "PatientForm",
    "RegisterForm",
    "ReminderTextForm",
    "ReturnForm",
    "SamePersonForm",
    "SeeAgainForm",
    "StatusForm",
    "TherapyForm",
    "UndoNotSamePersonForm",
]
