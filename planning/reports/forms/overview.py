"""The period of the overview."""

from django import forms

from planning.reports.overview_figures import SPANS

WHY_NOT = "Choose 12, 24 or 60 months. These are 12."


class MonthsForm(forms.Form):
    months = forms.TypedChoiceField(
        choices=[(months, f"{months} months") for months in SPANS],
        coerce=int,
        error_messages={"required": WHY_NOT, "invalid_choice": WHY_NOT},
        widget=forms.Select({"class": "form-select form-select-sm"}),
    )

    @classmethod
    def of(cls, query):
        return cls(query if "months" in query else None)

    def chosen(self):
        return self.cleaned_data["months"] if self.is_valid() else SPANS[0]
