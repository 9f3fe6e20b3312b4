"""The forms of exports: each requires a reason."""

from django import forms
from django.core.exceptions import ValidationError

from clinic.records.date_fields import DayInput, TypedDateFormField
from clinic.records.exceptions import Refused
from clinic.web.forms import ActionForm
from planning.exports.models import DataExport, ResearchDates
from planning.exports.pseudonyms import research_key


class EverythingForm(ActionForm):
    prefix = "everything"

    class Meta:
        model = DataExport
        fields = ("reason",)


class ResearchForm(ActionForm):
    prefix = "research"
    field_order = ("dates", "reason")

    key = b""
    dates = forms.ChoiceField(choices=[("", "Choose"), *ResearchDates.choices])

    class Meta:
        model = DataExport
        fields = ("reason",)

    def clean(self):
        try:
            self.key = research_key()
        except Refused as refused:
            raise ValidationError(refused.message) from refused
        return self.cleaned_data


class SessionsForm(ActionForm):
    prefix = "sessions"

    since = TypedDateFormField(label="Given from", widget=DayInput())
    until = TypedDateFormField(label="Given until", widget=DayInput())

    class Meta:
        model = DataExport
        fields = ("reason",)

    def clean(self):
        since, until = self.cleaned_data.get("since"), self.cleaned_data.get("until")
        if since and until and until < since:
            self.add_error("until", "This day is before the first one. Choose the same day or a later one.")
        return self.cleaned_data
