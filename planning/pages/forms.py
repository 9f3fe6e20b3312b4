"""Forms for visits, and the filter of the page Today."""

from django import forms
from django.utils import timezone

from clinic.accounts.permissions import Permission, may
from clinic.records.date_fields import DayInput, TypedDateFormField
from clinic.records.dates import possible_day
from clinic.records.numbers import VersionField
from clinic.web.forms import ActionForm, CreationForm
from patients.followups.forms import SeeAgainForm
from patients.models import VisitState


class PlanForm(CreationForm):
    pass


class VisitStateForm(SeeAgainForm):
    """The new state and its reason; at the end of a visit also when the patient should be seen again."""

    state = forms.TypedChoiceField(choices=VisitState, coerce=VisitState)
    version = VersionField()
    reason = forms.CharField(max_length=300, required=False)

    def __init__(self, *args, visit, **kwargs):
        # Whether an answer is required is known only after the visit is locked.
        super().__init__(
            *args, with_clinician=visit.clinician_id, counted_from=visit.day, needed=False, auto_id="again-%s", **kwargs
        )


class RestoredBackupForm(ActionForm):
    day = TypedDateFormField(
        label="Backup restored on", error_messages={"required": "Type the day on which you restored a backup."}
    )


class DayForm(forms.Form):
    """Which date, and whose visits."""

    day = TypedDateFormField(
        required=False, widget=DayInput({"class": "form-control form-control-sm"}), validators=[possible_day]
    )
    whose = forms.ChoiceField(required=False, choices=[("mine", "Mine"), ("all", "All clinicians")])

    def chosen_day(self):
        return (self.is_valid() and self.cleaned_data["day"]) or timezone.localdate()

    def chosen_whose(self, user):
        chosen = self.is_valid() and self.cleaned_data["whose"]
        return chosen or ("mine" if may(user, Permission.CHANGE_SESSIONS) else "all")
