"""Which lot is looked for."""

from django import forms

from planning.reports.lot_search import lot_to_look_up
from planning.sessions.scans import read_scan


class LotOrCodeField(forms.CharField):
    """A lot number as somebody typed it, or a code as it was scanned, of which the lot is taken."""

    def to_python(self, value):
        value = super().to_python(value)
        return value if value in self.empty_values else lot_to_look_up(value)


class LotForm(forms.Form):
    lot = LotOrCodeField(
        label="Lot number",
        error_messages={"required": "Type a lot number."},
        # No maxlength: it would cut a paste, and another lot be looked for.
        widget=forms.TextInput(
            {"class": "form-control", "autocomplete": "off", "spellcheck": "false", "data-scan": ""}
        ),
    )

    @property
    def was_a_code(self):
        return read_scan(self["lot"].value()) is not None
