"""What is typed about a person’s own muscle sets."""

from django import forms

from clinic.forms import ActionForm, ChangeForm, CreationForm
from planning.forms.products import UnderProduct
from planning.models import (
    MuscleSet,
)


class SetNameForm(CreationForm):
    """A new set of muscles."""

    name = forms.CharField(max_length=60, label="Name of the set", error_messages={"required": "Name the set."})


class SetRenameForm(ChangeForm):
    name = forms.CharField(max_length=60, label="Name", error_messages={"required": "Name the set."})


class AddSetForm(UnderProduct, ActionForm):
    """One of the person's own sets."""

    muscle_set = forms.ModelChoiceField(
        MuscleSet.objects.none(),
        label="My sets",
        empty_label="Choose",
        error_messages={"required": "Choose a set.", "invalid_choice": "This set is not there any more."},
    )

    def __init__(self, *args, session, user, **kwargs):
        super().__init__(*args, session=session, auto_id="my-%s", **kwargs)
        self.fields["muscle_set"].queryset = MuscleSet.objects.of(user)
        self.fields["muscle_set"].label_from_instance = lambda muscle_set: (
            f"{muscle_set.name} — {muscle_set.in_words() or 'empty'}"
        )
