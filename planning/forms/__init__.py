"""What is typed on the pages of sessions, signatures, muscle sets and visits."""

from planning.forms.assessment import AssessmentForm, NewAssessmentForm
from planning.forms.course import EventForm, NewEventForm, NewResponseForm, ResponseForm
from planning.forms.lots import LotForm
from planning.forms.overview import MonthsForm
from planning.forms.papers import InformationForm, PatientConsentForm
from planning.forms.products import ProductSeenForm, RemoveForm
from planning.forms.rows import NewVialForm, RowForm, VialForm, row_form, row_prefix, vial_prefix
from planning.forms.sessions import (
    AddInjectionForm,
    AddSetForm,
    AddTypedForm,
    ConsentForm,
    GuidanceForm,
    ProductForm,
    SessionForm,
    VersionForm,
)
from planning.forms.sets import QuickBoxForm, SetNameForm, SetRenameForm
from planning.forms.signing import AmendForm, DiscardForm, ErrorForm, NotDoneForm, SignForm
from planning.forms.visits import DayForm, PlanForm, VisitStateForm

__all__ = [
    "AddInjectionForm",
    "AddSetForm",
    "AddTypedForm",
    "AmendForm",
    "AssessmentForm",
    "ConsentForm",
    "DayForm",
    "DiscardForm",
    "ErrorForm",
    "EventForm",
    "GuidanceForm",
    "InformationForm",
    "LotForm",
    "MonthsForm",
    "NewAssessmentForm",
    "NewEventForm",
    "NewResponseForm",
    "NewVialForm",
    "NotDoneForm",
    "PatientConsentForm",
    "PlanForm",
    "ProductForm",
    "ProductSeenForm",
    "QuickBoxForm",
    "RemoveForm",
    "ResponseForm",
    "RowForm",
    "SessionForm",
    "SetNameForm",
    "SetRenameForm",
    "SignForm",
    "VersionForm",
    "VialForm",
    "VisitStateForm",
    "row_form",
    "row_prefix",
    "vial_prefix",
]
