"""The form of a change in the admin site."""

import hashlib

from django import forms

from clinic.records.actions import name_who_changed
from clinic.records.models import Versioned


class ReadForm(forms.ModelForm):
    """Contains the version that was read, so that a stale save is rejected and shows stored and typed values."""

    version_read = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial["version_read"] = self._version()

    def clean(self):
        cleaned = super().clean()
        if self.instance.pk and cleaned.get("version_read") != self._version():
            self._add_conflict()
        return cleaned

    def _version(self):
        if isinstance(self.instance, Versioned):
            return str(self.instance.version)
        stored = {name: self._stored(name) for name in self._own_fields()}
        return hashlib.sha256(repr(sorted(stored.items())).encode()).hexdigest()

    def _own_fields(self):
        known = {field.name for field in (*self.instance._meta.fields, *self.instance._meta.many_to_many)}
        return [name for name in self.fields if name in known]

    def _stored(self, name):
        return self.initial.get(name) if not self._is_several(name) else sorted(map(str, self.initial.get(name, [])))

    def _is_several(self, name):
        return isinstance(self.fields[name], forms.ModelMultipleChoiceField)

    def _add_conflict(self):
        self.data = self.data.copy()
        self.data[self.add_prefix("version_read")] = self._version()
        self.add_error(None, name_who_changed(self.instance))
        for name in self._own_fields():
            if name in self.cleaned_data and self.fields[name].has_changed(self.initial.get(name), self._typed(name)):
                self.add_error(
                    name,
                    f"Stored now: {self._stored_text(name)}. Saving again replaces it with what is shown here.",
                )

    def _typed(self, name):
        return self[name].data

    def _stored_text(self, name):
        if self._is_several(name):
            return ", ".join(sorted(map(str, self.initial.get(name, [])))) or "(none)"
        display = getattr(self.instance, f"get_{name}_display", None)
        value = display() if display else getattr(self.instance, name)
        return {True: "yes", False: "no", "": "(empty)", None: "(none)"}.get(value, value)
