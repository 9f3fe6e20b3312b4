"""The hidden fields of a decision about two patients."""

from django import forms

from clinic.records.exceptions import Incomplete
from clinic.web.seen import INCOMPLETE


class _SeenForm(forms.Form):
    """Only hidden fields, so there is no typed text to restore."""

    def seen(self):
        if not self.is_valid():
            raise Incomplete(INCOMPLETE)
        return self.cleaned_data


class NotSamePersonForm(_SeenForm):
    version = forms.IntegerField(min_value=1, max_value=2**31 - 1)
    other_version = forms.IntegerField(min_value=1, max_value=2**31 - 1)


class UndoNotSamePersonForm(_SeenForm):
    decision = forms.IntegerField(min_value=1, max_value=2**63 - 1)
