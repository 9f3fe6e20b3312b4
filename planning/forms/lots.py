"""Which lot is looked for."""

from django import forms
from django.core.exceptions import ValidationError

from clinic.text import Line
from planning.models.lot import LONGEST_LOT, NO_LOT, is_a_lot


class LotForm(forms.Form):
    """A lot number, as somebody typed it."""

    lot = Line("lot number").formfield(
        error_messages={"required": "Type a lot number."},
        # No maxlength: it would cut a paste, and another lot be looked for.
        widget=forms.TextInput({"class": "form-control", "autocomplete": "off", "spellcheck": "false"}),
    )

    def clean_lot(self):
        lot = self.cleaned_data["lot"]
        if len(lot) > LONGEST_LOT:
            raise ValidationError(f"A lot number has up to {LONGEST_LOT} characters. This has {len(lot)}.")
        if not is_a_lot(lot):
            raise ValidationError(NO_LOT)
        return lot
