"""Which part of the audit trail is looked at."""

from django import forms

from clinic.records.models import LARGEST_ID


class AuditForm(forms.Form):
    """Whose record, and from which entry backwards."""

    record_number = forms.CharField(
        required=False, max_length=30, widget=forms.TextInput({"class": "form-control", "autocomplete": "off"})
    )
    before = forms.IntegerField(required=False, min_value=1, max_value=LARGEST_ID)

    def asked(self, name):
        """What was asked under that name; None where it is nothing that can be read."""
        return None if name in self.errors else self.cleaned_data[name]
