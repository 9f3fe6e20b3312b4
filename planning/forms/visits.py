"""What is typed about a visit, and which day is looked at."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from clinic.forms import ActionForm, CreationForm, DayInput
from clinic.permissions import Permission, may
from patients.models import VisitState
from patients.models.visit import FIRST_DAY, LAST_DAY


class PlanForm(CreationForm):
    """A new session of a visit."""


class VisitStateForm(ActionForm):
    state = forms.TypedChoiceField(choices=VisitState, coerce=VisitState)
    version = forms.IntegerField(min_value=1, max_value=2**31 - 1)
    reason = forms.CharField(max_length=300, required=False)


class DayForm(forms.Form):
    """Which day, and whose visits."""

    day = forms.DateField(required=False, widget=DayInput({"class": "form-control form-control-sm"}))
    whose = forms.ChoiceField(required=False, choices=[("mine", "Mine"), ("all", "Everybody’s")])

    def clean_day(self):
        day = self.cleaned_data["day"]
        if day and not FIRST_DAY <= day < LAST_DAY:
            raise ValidationError("There are no visits that far away.")
        return day

    def chosen_day(self):
        return (self.is_valid() and self.cleaned_data["day"]) or timezone.localdate()

    def chosen_whose(self, user):
        """`mine` or `all`; clinicians begin with their own."""
        chosen = self.is_valid() and self.cleaned_data["whose"]
        return chosen or ("mine" if may(user, Permission.CHANGE_SESSIONS) else "all")
