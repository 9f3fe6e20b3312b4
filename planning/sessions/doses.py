"""The dose: a string that a clinician typed, stored and shown as typed. Collum neither suggests nor checks it."""

import re

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from rest_framework import serializers

# ASCII digits with at most one point between digits. Anything else is rejected, and never reinterpreted.
GRAMMAR = re.compile(r"[0-9]+(\.[0-9]+)?", re.ASCII)
LONGEST = 32
UNREADABLE = "Cannot read this as a number."


def validate_dose(text):
    """Raises ValidationError unless `text` has the format of a dose. Its size is not checked."""
    if len(text) > LONGEST or not GRAMMAR.fullmatch(text):
        raise ValidationError(UNREADABLE, code="unreadable")


class DoseInput(forms.TextInput):
    """An empty text field, without suggestion, limit, completion or correction."""

    def __init__(self, attrs=None):
        super().__init__({"autocomplete": "off", "spellcheck": "false", "class": "dose", **(attrs or {})})


class DoseFormField(forms.CharField):
    """The typed text, trimmed; without a maxlength, which would truncate a pasted text."""

    widget = DoseInput

    def __init__(self, **kwargs):
        super().__init__(required=False, strip=False, label=kwargs.get("label"))
        self.validators = []

    def clean(self, value):
        text = (value or "").strip(" ")
        if text:
            validate_dose(text)
        return text


class DoseField(models.CharField):
    """A typed dose; empty if none was typed."""

    def __init__(self, *args, **kwargs):
        kwargs.update(max_length=LONGEST, blank=True)
        super().__init__(*args, **kwargs)

    def to_python(self, value):
        """Only text is accepted: a number was not typed, and converting it could change it."""
        if value is None or isinstance(value, str):
            return value
        raise ValidationError(UNREADABLE, code="unreadable")

    def validate(self, value, model_instance):
        super().validate(value, model_instance)
        if value:
            validate_dose(value)

    def formfield(self, **kwargs):
        return DoseFormField(label=kwargs.get("label", self.verbose_name))


class DoseValue(serializers.CharField):
    """A dose in the API: the string as it was typed, or `null`. A number has been through a program’s arithmetic."""

    NO_TEXT = "Send the dose as the string that was typed."

    def __init__(self, **kwargs):
        super().__init__(allow_null=True, required=False, help_text="As typed. Null if no dose was typed.", **kwargs)

    def run_validation(self, data=serializers.empty):
        if data is serializers.empty:
            raise serializers.SkipField
        return self.to_internal_value(data)

    def to_internal_value(self, data):
        if data is None:
            return ""
        if not isinstance(data, str):
            raise serializers.ValidationError(self.NO_TEXT)
        text = data.strip(" ")
        if text:
            try:
                validate_dose(text)
            except ValidationError as error:
                raise serializers.ValidationError(error.messages) from error
        return text

    def to_representation(self, value):
        return value or None


def sum_of_typed(doses):
    """The exact sum in plain notation, with as many decimals as the longest dose; None if none was typed."""
    typed = [dose for dose in doses if dose]
    if not typed:
        return None
    parts = [dose.partition(".") for dose in typed]
    decimals = max(len(fraction) for _, _, fraction in parts)
    total = str(sum(int(whole + fraction.ljust(decimals, "0")) for whole, _, fraction in parts))
    if not decimals:
        return total
    total = total.rjust(decimals + 1, "0")
    return f"{total[:-decimals]}.{total[-decimals:]}"
