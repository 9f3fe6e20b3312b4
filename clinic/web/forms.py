"""What Collum's forms share: CSS classes, errors of actions, stale versions and repeated submissions."""

import datetime as dt
import uuid

from django import forms
from django.core.exceptions import ValidationError
from django.forms.models import ModelFormMetaclass

from clinic.records.actions import submit_once
from clinic.records.dates import format_date
from clinic.records.exceptions import Conflict, Refused
from clinic.records.numbers import VersionField
from clinic.records.partial_dates import PartialDate
from clinic.web.seen import INCOMPLETE


class ActionForm(forms.Form, metaclass=ModelFormMetaclass):
    """A form whose values go to an action; what the action rejects is shown in the form.

    Its `Meta` is that of a ModelForm. It is not one, because the action validates and saves the record.
    `field_names` maps an action's parameters to form fields with another name.
    """

    field_names = {}
    refused = False
    incomplete = False

    def __init__(self, *args, **kwargs):
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        self.fields |= self.extra_fields()
        for field in self.fields.values():
            _add_css_class(field.widget)

    def extra_fields(self):
        """Fields that the class cannot list, by name: they are added, or replace those of the class."""
        return {}

    def run(self, action, **more):
        """The result of the action, or None with the error added to the form."""
        try:
            return action(**more, **self.values())
        except Conflict as conflict:
            self.refused = True
            return self.handle_conflict(conflict)
        except Refused as refused:
            self.refused = True
            self.add_error(self._field_for(refused.field), refused.message)
            self.handle_refusal(refused)
        except ValidationError as error:
            self.add_errors_of(error)
        return None

    def add_errors_of(self, error):
        by_field = error.error_dict if hasattr(error, "error_dict") else {None: error}
        for name, errors in by_field.items():
            self.add_error(self._field_for(name), errors)

    def add_error(self, field, error):
        """An error of a hidden field is shown above the form, where it is visible."""
        if field in self.fields and self.fields[field].widget.is_hidden:
            if self.incomplete:
                return
            self.incomplete, field, error = True, None, INCOMPLETE
        super().add_error(field, error)

    def _field_for(self, name):
        name = self.field_names.get(name, name)
        return name if name in self.fields else None

    @property
    def status(self):
        if self.incomplete:
            return 422
        return 409 if self.refused else 200

    def values(self):
        return dict(self.cleaned_data)

    def handle_refusal(self, refused):
        """Subclasses add more than the message here."""

    def handle_conflict(self, conflict):
        self.add_error(None, conflict.message)

    def note_who_stored(self, conflict):
        self.stored_by = "You, in another tab," if conflict.is_own else "Another user"


class CreationForm(ActionForm):
    """Contains a key, so that the same form sent twice creates one record."""

    submission_key = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["submission_key"].initial = uuid.uuid4

    @property
    def was_sent(self):
        return self.is_bound and self.add_prefix("submission_key") in self.data

    def values(self):
        return {name: value for name, value in super().values().items() if name != "submission_key"}

    def run_once(self, action, *, request, **more):
        """As run(), but returns the same object if this form was sent before."""
        return self.run(
            submit_once,
            key=self.cleaned_data["submission_key"],
            by=request.user,
            route=request.path,
            body=self._sent(request),
            create=action,
            **more,
        )

    def _sent(self, request):
        left_out = {"csrfmiddlewaretoken", *self._names_of_passwords()}
        return {name: values for name, values in request.POST.lists() if name not in left_out}

    def _names_of_passwords(self):
        """A hash of the body is stored, and would be a fast way to guess passwords."""
        return [field.html_name for field in self if isinstance(field.field.widget, forms.PasswordInput)]


NO_VALUE = object()


class ChangeForm(ActionForm):
    """Contains the version that was read; a stale form shows stored and typed values."""

    version = VersionField()

    def handle_conflict(self, conflict):
        current = conflict.current
        if current is not None and self._is_stored_already(current):
            return current
        super().handle_conflict(conflict)
        if current is None:
            return None
        self.data = self.data.copy()
        self.data[self.add_prefix("version")] = str(current.version)
        self.note_who_stored(conflict)
        self.stored_values = {name: self.stored_text(current, name) for name in self._stored_otherwise(current)}
        for name, value in self.stored_values.items():
            self.add_error(name, f"Stored now: {value}. Saving again replaces it with what is shown here.")
        return None

    def _is_stored_already(self, current):
        """Whether this save arrives a second time because its first response was lost."""
        typed = self.cleaned_data.keys() - {"version"}
        is_known = all(self.stored_value(current, name) is not NO_VALUE for name in typed)
        return bool(typed) and is_known and not self._stored_otherwise(current)

    def _stored_otherwise(self, current):
        return [
            name
            for name in self.cleaned_data
            if name != "version" and self.stored_value(current, name) not in (NO_VALUE, self.typed_value(name))
        ]

    # A form whose fields are not those of one record overrides the next two methods.

    def stored_value(self, current, name):
        return getattr(current, name, NO_VALUE)

    def typed_value(self, name):
        return self.cleaned_data[name]

    def stored_text(self, current, name):
        stored = getattr(current, name)
        if isinstance(stored, bool):
            return "yes" if stored else "no"
        if isinstance(stored, dt.date):
            return format_date(stored)
        if isinstance(stored, PartialDate):
            return stored.as_text()
        display = getattr(current, f"get_{name}_display", None)
        return (display() if display else stored) or "(empty)"


class RecordForm(ChangeForm):
    """Changes the fields of its Meta in a stored record."""

    def __init__(self, *args, record, **kwargs):
        self.record = record
        super().__init__(*args, initial=values_of(record, *self._meta.fields), **kwargs)


def _add_css_class(widget):
    if widget.is_hidden:
        return
    if isinstance(widget, forms.CheckboxInput | forms.RadioSelect | forms.CheckboxSelectMultiple):
        css = "form-check-input"
    elif isinstance(widget, forms.Select):
        css = "form-select"
    else:
        css = "form-control"
    widget.attrs["class"] = f"{widget.attrs.get('class', '')} {css}".strip()


def value_text(field):
    """What a bound field has, as the page shows it: *yes* for a ticked box, the label of a choice, or the text."""
    typed = field.value()
    if typed is True:
        return "yes"
    choices = getattr(field.field, "choices", ())
    return next((str(label) for value, label in choices if str(value) == str(typed)), typed)


def values_of(record, *names):
    return {name: getattr(record, name) for name in ("version", *names)}
