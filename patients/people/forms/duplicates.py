"""The hidden fields of a decision about two patients."""

from django import forms

from clinic.records.exceptions import Incomplete
from clinic.records.numbers import LARGEST_ID, CountFormField, VersionField
from clinic.web.seen import INCOMPLETE


class _SeenForm(forms.Form):
    """Only hidden fields, so there is no typed text to restore."""

    def seen(self):
        if not self.is_valid():
            raise Incomplete(INCOMPLETE)
        return self.cleaned_data


class NotSamePersonForm(_SeenForm):
    version = VersionField()
    other_version = VersionField()


class UndoNotSamePersonForm(_SeenForm):
    decision = CountFormField(min_value=1, max_value=LARGEST_ID)
