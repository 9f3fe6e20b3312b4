"""The forms of the catalogue in the admin site."""

from django import forms

from clinic.accounts.read_form import ReadForm
from planning.catalogue.models.entry import NameMeaning, renaming_obstacles
from planning.catalogue.models.instrument import Instrument


class CatalogueForm(ReadForm):
    """Asks for the meaning of a new name if records use the entry."""

    meaning = forms.ChoiceField(
        required=False,
        choices=NameMeaning.choices,
        widget=forms.RadioSelect,
        label="If the name changes, it is",
    )
    reason = forms.CharField(required=False, max_length=100, label="Why the name changes")

    def _post_clean(self):
        super()._post_clean()
        if self.instance.pk and not self.errors:
            renaming = {name: self.cleaned_data.get(name, "") for name in ("meaning", "reason")}
            for name, message in renaming_obstacles(self.instance, **renaming).items():
                self.add_error(name, message)


class InstrumentForm(CatalogueForm):
    """Offers the totals that an instrument can be part of, except the instrument itself."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if "part_of" in self.fields:
            self.fields["part_of"].queryset = Instrument.objects.filter(part_of=None).exclude(pk=self.instance.pk)
