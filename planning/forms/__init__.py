"""What is typed on the pages of sessions, signatures, muscle sets and visits."""

from planning.forms.rows import NewVialForm, VialForm, row_form, row_prefix
from planning.forms.sessions import (
    AddInjectionForm,
    ConsentForm,
    GuidanceForm,
    ProductForm,
    QuickBoxForm,
    SessionForm,
    VersionForm,
)
from planning.forms.sets import AddSetForm, SetNameForm, SetRenameForm
from planning.forms.signing import AmendForm, ErrorForm, NotDoneForm, SignForm
from planning.forms.visits import DayForm, PlanForm, VisitStateForm

__all__ = [
    "AddInjectionForm",
    "AddSetForm",
    "AmendForm",
    "ConsentForm",
    "DayForm",
    "ErrorForm",
    "GuidanceForm",
    "NewVialForm",
    "NotDoneForm",
    "PlanForm",
    "ProductForm",
    "QuickBoxForm",
    "SessionForm",
    "SetNameForm",
    "SetRenameForm",
    "SignForm",
    "VersionForm",
    "VialForm",
    "VisitStateForm",
    "row_form",
    "row_prefix",
]
