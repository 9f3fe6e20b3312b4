"""Forms of the waiting list."""

from django import forms

from clinic.models import User
from clinic.records.date_fields import DayInput
from clinic.web.forms import ActionForm, ChangeForm, CreationForm, RecordForm
from patients.diary.models.opening_hours import WEEKDAYS
from patients.diary.models.visit import VisitKind
from patients.waiting.models.waiting_entry import WaitingEntry


class _WishFields(ActionForm):
    """What the patient waits for; the weekdays are shown together."""

    class Meta:
        model = WaitingEntry
        fields = WaitingEntry.WISHES
        widgets = {"from_on": DayInput(), "until": DayInput()}

    def __init__(self, *args, clinician=None, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [("", "Choose the kind"), *VisitKind.choices]
        self.fields["clinician"] = forms.ModelChoiceField(
            queryset=User.objects.clinicians_and(clinician),
            required=False,
            empty_label="Any clinician",
            widget=forms.Select({"class": "form-select"}),
        )
        self.fields["note"].widget.attrs["autocomplete"] = "off"

    def weekdays(self):
        return [self[weekday] for weekday in WEEKDAYS]

    def before_weekdays(self):
        return [self[name] for name in ("kind", "clinician", "from_on", "until", "part_of_day")]


class NewEntryForm(_WishFields, CreationForm):
    pass


class EntryForm(_WishFields, RecordForm):
    def __init__(self, *args, record, **kwargs):
        super().__init__(*args, record=record, clinician=record.clinician_id, **kwargs)


class RemoveEntryForm(ChangeForm):
    """One of the usual reasons by its button, or another that is typed."""

    reason = WaitingEntry._meta.get_field("removed_reason").formfield(
        label="Another reason", required=True, error_messages={"required": "Enter a reason for removing it."}
    )

    def __init__(self, *args, entry, **kwargs):
        super().__init__(*args, auto_id="remove-%s", initial={"version": entry.version}, **kwargs)
