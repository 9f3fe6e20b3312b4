"""What a decision about two patients carries of what was on the page."""

from django import forms

from clinic.records.exceptions import Incomplete
from clinic.web.seen import INCOMPLETE


class _SeenForm(forms.Form):
    """Only hidden fields, so that there is nothing to type anew."""

    def seen(self):
        if not self.is_valid():
            raise Incomplete(INCOMPLETE)
        return self.cleaned_data


class NotSamePersonForm(_SeenForm):
    """The versions of both records."""

    version = forms.IntegerField(min_value=1, max_value=2**31 - 1)
    other_version = forms.IntegerField(min_value=1, max_value=2**31 - 1)


class UndoNotSamePersonForm(_SeenForm):
    """The decision that is undone."""

    decision = forms.IntegerField(min_value=1, max_value=2**63 - 1)
