"""Whole numbers as typed: in the digits 0 to 9 only. Python would also read `1_0`, `+7` and digits of any script."""

import re

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.functional import cached_property

LARGEST_SMALL = 2**15 - 1
LARGEST_VERSION = 2**31 - 1
LARGEST_ID = 2**63 - 1
UNREADABLE = "Type a whole number, in the digits 0 to 9 only."
_FIGURES = re.compile(r"[0-9]{1,19}")


def whole_number(text):
    """The number that a text states; None if it does not state one that a database can store."""
    number = int(text) if _FIGURES.fullmatch(text) else None
    return number if number is not None and number <= LARGEST_ID else None


class CountInput(forms.TextInput):
    """A whole number as a text input: a number input would change with the mouse wheel, and read `1e1`."""

    def __init__(self, attrs=None):
        super().__init__({"inputmode": "numeric", "autocomplete": "off", **(attrs or {})})


class CountFormField(forms.IntegerField):
    widget = CountInput
    default_error_messages = {"invalid": UNREADABLE}

    def __init__(self, *, min_value=0, max_value=LARGEST_SMALL, **kwargs):
        super().__init__(min_value=min_value, max_value=max_value, **kwargs)

    def to_python(self, value):
        if value in self.empty_values:
            return None
        number = whole_number(str(value).strip())
        if number is None:
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return number


class VersionField(CountFormField):
    """The hidden version of what was read."""

    widget = forms.HiddenInput({"id": False})  # no label refers to it

    def __init__(self, *, min_value=1, **kwargs):
        super().__init__(min_value=min_value, max_value=LARGEST_VERSION, **kwargs)


class Count(models.PositiveSmallIntegerField):
    """A whole number with the same limits on every database engine."""

    default_error_messages = {"invalid": UNREADABLE}

    @cached_property
    def validators(self):
        """Those of Django depend on the engine."""
        own = [*self.default_validators, *self._validators]
        limits = ((MinValueValidator, 0), (MaxValueValidator, LARGEST_SMALL))
        return [*own, *(kind(limit) for kind, limit in limits if not any(isinstance(each, kind) for each in own))]

    def to_python(self, value):
        if isinstance(value, str):
            value = whole_number(value.strip())
        elif value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int):
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return value

    def formfield(self, **kwargs):
        limits = {type(each): each.limit_value for each in self.validators}
        return super().formfield(
            **{
                "form_class": CountFormField,
                "min_value": limits[MinValueValidator],
                "max_value": limits[MaxValueValidator],
                **kwargs,
            }
        )

    def deconstruct(self):
        """In migrations it is the field of Django whose column it has."""
        name, _, args, kwargs = super().deconstruct()
        return name, "django.db.models.PositiveSmallIntegerField", args, kwargs
