"""Questions that are answered by a press: radio buttons side by side, none of which is an answer beforehand."""

from django import forms

NOT_ASKED = "Not asked"


def answer(label, choices, *, unanswered="", **kwargs):
    """Where `unanswered` has words, the first button says that; else one of the choices has to be pressed."""
    choices = [("", unanswered), *choices] if unanswered else choices
    return forms.ChoiceField(required=not unanswered, choices=choices, widget=forms.RadioSelect, label=label, **kwargs)


def answers(model, names, choices, *, unanswered):
    """The same question of several fields of a model."""
    return {name: answer(model._meta.get_field(name).verbose_name, choices, unanswered=unanswered) for name in names}
