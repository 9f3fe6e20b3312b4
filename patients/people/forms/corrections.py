"""The form that marks a record as entered in error."""

from django import forms

from clinic.web.forms import ChangeForm


class ErrorMarkForm(ChangeForm):
    field_names = {"error_reason": "reason"}

    reason = forms.CharField(
        max_length=300, label="Why", error_messages={"required": "Enter why it was entered in error."}
    )

    def __init__(self, *args, record, **kwargs):
        super().__init__(*args, initial={"version": record.version}, **kwargs)
        self.fields["reason"].widget.attrs["autocomplete"] = "off"
