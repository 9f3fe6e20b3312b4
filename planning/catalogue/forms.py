"""The quick box, and a user’s own muscle sets."""

from django import forms
from django.core.exceptions import ValidationError

from clinic.records.exceptions import Refused
from clinic.web.forms import ActionForm, ChangeForm, CreationForm
from planning.catalogue import quick_box
from planning.catalogue.models.muscle import Muscle


class SetNameForm(CreationForm):
    name = forms.CharField(
        max_length=60, label="Name of the set", error_messages={"required": ("Enter a name for the set.")}
    )


class SetRenameForm(ChangeForm):
    name = forms.CharField(max_length=60, label="Name", error_messages={"required": "Enter a name for the set."})


class QuickBoxForm(ActionForm):
    """A muscle and its sides as text; errors of the action are shown next to it."""

    field_names = {None: "typed", "muscle": "typed", "side": "typed"}

    typed = forms.CharField(max_length=100, error_messages={"required": "Type a muscle and a side."})

    def clean(self):
        if typed := self.cleaned_data.get("typed"):
            try:
                muscle, sides = quick_box.meant(typed, list(Muscle.objects.to_choose_from()))
            except Refused as refused:
                raise ValidationError({"typed": refused.sentence}) from refused
            return {"muscle": muscle, "sides": sides}
        return None
