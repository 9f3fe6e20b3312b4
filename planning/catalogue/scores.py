"""Scores: a number within the range of its instrument. A score is not a dose, so its range is checked."""

import re
from decimal import Decimal

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from rest_framework import serializers

DIGITS, PLACES = 6, 2
READABLE = re.compile(rf"-?[0-9]{{1,{DIGITS - PLACES}}}(\.[0-9]{{1,{PLACES}}})?", re.ASCII)
UNREADABLE = "Cannot read this score as a number. Use a point, with at most two digits after it."


def read_score(text):
    """The typed number. Raises ValidationError if it is not a number."""
    if not READABLE.fullmatch(text):
        raise ValidationError(UNREADABLE, code="unreadable")
    return Decimal(text)


def in_figures(score):
    """*20*, *12.5*: without trailing zeros."""
    text = f"{score:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


class _BoundFormField(forms.DecimalField):
    """A limit of an instrument's range, as typed."""

    widget = forms.TextInput

    def to_python(self, value):
        return None if value in self.empty_values else read_score(str(value).strip())


class ScoreValueField(models.DecimalField):
    """A score, or a limit of an instrument's range."""

    def __init__(self, *args, **kwargs):
        kwargs.update(max_digits=DIGITS, decimal_places=PLACES)
        super().__init__(*args, **kwargs)

    def to_python(self, value):
        return read_score(value.strip()) if isinstance(value, str) else super().to_python(value)

    def formfield(self, **kwargs):
        return super().formfield(**{"form_class": _BoundFormField, **kwargs})


class ScoreField(forms.CharField):
    """A score as typed, within the range of its instrument."""

    def __init__(self, *, instrument, **kwargs):
        self.instrument = instrument
        super().__init__(required=False, label=instrument.name, **kwargs)
        self.widget.attrs.update(autocomplete="off")

    def to_python(self, value):
        value = super().to_python(value)
        return None if value in self.empty_values else read_score(value)

    def validate(self, value):
        super().validate(value)
        if value is not None and (message := self.instrument.obstacle_of(value)):
            raise ValidationError(message)


def score_field(instrument):
    if choices := instrument.choices():
        worded = [("", ""), *((value, f"{value} · {text}") for value, text in choices)]
        return ScoreField(instrument=instrument, widget=forms.Select(choices=worded))
    return ScoreField(instrument=instrument)


class ScoreValue(serializers.CharField):
    """A score in the API: text such as `12.5`, which no program rounds; a whole JSON number is taken too."""

    def to_internal_value(self, data):
        if isinstance(data, bool) or not isinstance(data, str | int):
            raise serializers.ValidationError(UNREADABLE)
        try:
            return read_score(str(data).strip())
        except ValidationError as error:
            raise serializers.ValidationError(error.messages) from error

    def to_representation(self, value):
        return in_figures(value)
