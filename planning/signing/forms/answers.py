"""Questions with radio buttons side by side, without a default answer."""

from django import forms

NOT_ASKED = "Not asked"


def answer(label, choices, *, unanswered="", **kwargs):
    """With `unanswered`, the first button has this label; otherwise a choice is required."""
    choices = [("", unanswered), *choices] if unanswered else choices
    return forms.ChoiceField(required=not unanswered, choices=choices, widget=forms.RadioSelect, label=label, **kwargs)


def answers(model, names, choices, *, unanswered):
    return {name: answer(model._meta.get_field(name).verbose_name, choices, unanswered=unanswered) for name in names}
