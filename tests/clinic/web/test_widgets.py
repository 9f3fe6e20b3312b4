"""Widgets that are rendered as strings are Django's own, also with text that HTML would read."""

import pytest
from django import forms
from django.forms.renderers import DjangoTemplates

from clinic.web.forms import PlainRenderer

HOSTILE = "\"><script>alert('1')</script>&amp;"


class AnyForm(forms.Form):
    text = forms.CharField(widget=forms.TextInput({"placeholder": HOSTILE}))
    hidden = forms.CharField(widget=forms.HiddenInput)
    ticked = forms.BooleanField(widget=forms.CheckboxInput({"aria-label": HOSTILE}))
    chosen = forms.ChoiceField(choices=[("", "None"), (HOSTILE, HOSTILE)], widget=forms.Select({"title": HOSTILE}))


@pytest.mark.parametrize("name", AnyForm.base_fields)
@pytest.mark.parametrize("value", [None, HOSTILE])
def test_widget_is_escaped_as_by_django(name, value):
    ours, djangos = (
        AnyForm(initial={name: value}, renderer=renderer)[name].as_widget()
        for renderer in (PlainRenderer(), DjangoTemplates())
    )
    assert "<script" not in ours
    assert "".join(ours.split()) == "".join(djangos.split())
