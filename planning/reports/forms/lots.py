"""The lot search form."""

from django import forms

from planning.reports.lot_search import lot_to_look_up
from planning.sessions.scans import read_scan


class LotOrCodeField(forms.CharField):
    """A lot number as typed, or a scanned code, from which the lot is read."""

    def to_python(self, value):
        value = super().to_python(value)
        return value if value in self.empty_values else lot_to_look_up(value)


class LotForm(forms.Form):
    lot = LotOrCodeField(
        label="Lot number",
        error_messages={"required": "Type a lot number."},
        # No maxlength: it would truncate a pasted text, and another lot would be searched for.
        widget=forms.TextInput(
            {"class": "form-control", "autocomplete": "off", "spellcheck": "false", "data-scan": ""}
        ),
    )

    @property
    def was_a_code(self):
        return read_scan(self["lot"].value()) is not None
