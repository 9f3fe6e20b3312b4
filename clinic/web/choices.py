"""Choices of records that a form reads once, or that the page has read."""

from django import forms
from django.forms.models import ModelChoiceIterator


class ReadChoices(ModelChoiceIterator):
    """Django's own reads the rows anew whenever it is iterated: a required field twice, and on PostgreSQL each time
    through a server-side cursor.
    """

    def __iter__(self):
        if self.field.empty_label is not None:
            yield ("", self.field.empty_label)
        if "read" not in self.__dict__:
            known = getattr(self.field, "known", None)
            self.read = list(self.queryset.all()) if known is None else known
        for record in self.read:
            yield self.choice(record)


class ReadChoiceField(forms.ModelChoiceField):
    iterator = ReadChoices


class KnownChoiceField(forms.ModelChoiceField):
    """Takes its object from `known`, which the page has already loaded, and queries the database only for another
    one.
    """

    known = ()

    def to_python(self, value):
        found = next((each for each in self.known if str(each.pk) == str(value)), None)
        return found or super().to_python(value)


def offer(field, records, *, empty_label, known=None):
    """Offer these records in a field that was made from a foreign key; `known` if the page has read them."""
    field.iterator, field.empty_label, field.known = ReadChoices, empty_label, known
    field.queryset = records
