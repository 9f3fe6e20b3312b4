"""The filter of the audit trail."""

from django import forms

from clinic.records.numbers import LARGEST_ID, CountFormField


class AuditForm(forms.Form):
    record_number = forms.CharField(
        required=False, max_length=30, widget=forms.TextInput({"class": "form-control", "autocomplete": "off"})
    )
    before = CountFormField(required=False, min_value=1, max_value=LARGEST_ID)

    def value_of(self, name):
        return None if name in self.errors else self.cleaned_data[name]
