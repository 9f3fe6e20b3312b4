"""Fields of forms and models for dates and times that are typed."""

import datetime as dt
import json

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.query_utils import DeferredAttribute
from django.urls import reverse
from django.utils import timezone
from django.utils.dateformat import format as in_format
from django.utils.html import format_html

from clinic.records.dates import format_date
from clinic.records.partial_dates import PartialDate
from clinic.records.typed_dates import read_date, read_partial_date, read_time


class TypedDateInput(forms.TextInput):
    """A known date as text, repeated in full on the page."""

    is_partial = False
    url_name = None  # of the view that repeats a date, in a later subpackage; set when the app is ready

    def __init__(self, attrs=None):
        super().__init__({"autocomplete": "off", **(attrs or {})})

    def format_value(self, value):
        return format_date(value) if isinstance(value, dt.date) else super().format_value(value)

    def get_context(self, name, value, attrs):
        """When the text is changed, the server repeats the date in the next element."""
        context = super().get_context(name, value, attrs)
        context["widget"]["attrs"] |= {
            "hx-post": reverse(self.url_name),
            "hx-trigger": "change",
            "hx-params": f"field,partial,{name}",
            "hx-vals": json.dumps({"field": name, "partial": "yes" if self.is_partial else ""}),
            "hx-target": "next output",
            "hx-swap": "outerHTML",
        }
        return context

    def render(self, name, value, attrs=None, renderer=None):
        try:
            read = date_repeated(self.format_value(value) or "", is_partial=self.is_partial)
        except ValidationError:
            read = {}
        return format_html("{} {}", super().render(name, value, attrs, renderer), date_output(**read))


def date_output(*, date=None, text=""):
    """A typed date as it was read, or why it cannot be read; `data-date` is for scripts."""
    named = format_html(' data-date="{}"', date) if date else ""
    return format_html('<output class="date-text hint"{}>{}</output>', named, text)


def date_repeated(text, *, is_partial):
    """What the page shows of a date as typed. Raises ValidationError if it cannot be read."""
    if not text.strip():
        return {}
    date = read_partial_date(text) if is_partial else PartialDate(read_date(text).isoformat())
    shown = in_format(date.earliest, "l j F Y") if date.is_complete else date.as_text()
    return {"date": date, "text": f"{shown}, {date.age_text(timezone.localdate())}" if is_partial else shown}


class TypedDateFormField(forms.DateField):
    widget = TypedDateInput

    def to_python(self, value):
        return read_date(value) if isinstance(value, str) and value.strip() else super().to_python(value or None)


class TypedDate(models.DateField):
    def formfield(self, **kwargs):
        return super().formfield(**{"form_class": TypedDateFormField, **kwargs})

    def deconstruct(self):
        """In migrations it is the field of Django whose column it has."""
        name, _, args, kwargs = super().deconstruct()
        return name, "django.db.models.DateField", args, kwargs


class PartialDateInput(TypedDateInput):
    """A birth date, repeated with the age."""

    is_partial = True

    def format_value(self, value):
        if not isinstance(value, PartialDate):
            return super().format_value(value)
        return value.as_text().partition(" (")[0]


class PartialDateFormField(forms.CharField):
    widget = PartialDateInput

    def to_python(self, value):
        value = super().to_python(value)
        return value if value in self.empty_values else read_partial_date(value)


class _PartialDateAttribute(DeferredAttribute):
    def __set__(self, instance, value):
        instance.__dict__[self.field.attname] = self.field.as_partial(value)


class TypedPartialDate(models.CharField):
    """Stored as the text of a PartialDate."""

    descriptor_class = _PartialDateAttribute
    default_error_messages = {"invalid": "Write this date as YYYY-MM-DD, YYYY-MM, YYYY, or unknown."}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **{"max_length": len("1932-03-14"), **kwargs})

    def as_partial(self, value):
        """Text that is not a date stays as it is; `full_clean()` rejects it."""
        text = value.isoformat() if isinstance(value, dt.date) else value
        try:
            return PartialDate(text) if isinstance(text, str) else text
        except ValueError:
            return text

    def from_db_value(self, value, expression, connection):
        return value and PartialDate(value)

    def to_python(self, value):
        found = self.as_partial(value)
        if found and not isinstance(found, PartialDate):
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return found

    def get_prep_value(self, value):
        return None if value is None else str(value)

    def formfield(self, **kwargs):
        return super().formfield(**{"form_class": PartialDateFormField, "max_length": None, **kwargs})

    def deconstruct(self):
        """In migrations it is the field of Django whose column it has."""
        name, _, args, kwargs = super().deconstruct()
        return name, "django.db.models.CharField", args, kwargs


class DayInput(forms.DateInput):
    """The browser's own calendar, for a date that is chosen and not known: of a visit, of a filter."""

    input_type = "date"

    def __init__(self, attrs=None):
        super().__init__(attrs, format="%Y-%m-%d")


class TypedTimeFormField(forms.TimeField):
    """A time in 24-hour format, as text: a browser's own time field follows the language of the browser."""

    def __init__(self, **kwargs):
        widget = forms.TimeInput({"autocomplete": "off", "class": "time"}, format="%H:%M")
        super().__init__(**{"widget": widget, "help_text": "In 24-hour format, such as 14:30.", **kwargs})

    def to_python(self, value):
        return read_time(value) if isinstance(value, str) and value.strip() else super().to_python(value or None)
