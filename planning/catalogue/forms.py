"""The quick box, a user’s own muscle sets, and the decision about a scanned product code."""

from django import forms
from django.core.exceptions import ValidationError

from clinic.records.exceptions import Refused
from clinic.web.choices import ReadChoiceField
from clinic.web.forms import ActionForm, ChangeForm, CreationForm
from planning.catalogue import quick_box
from planning.catalogue.models.muscle import Muscle
from planning.catalogue.models.product import Product


class SetNameForm(CreationForm):
    name = forms.CharField(
        max_length=60, label="Name of the set", error_messages={"required": ("Enter a name for the set.")}
    )


class SetRenameForm(ChangeForm):
    name = forms.CharField(max_length=60, label="Name", error_messages={"required": "Enter a name for the set."})


class QuickBoxForm(ActionForm):
    """A muscle and its sides as text; errors of the action are shown next to it."""

    field_names = {None: "typed", "muscle": "typed", "side": "typed"}

    typed = forms.CharField(max_length=100, error_messages={"required": "Type a muscle and a side."})

    def clean(self):
        if typed := self.cleaned_data.get("typed"):
            try:
                muscle, sides = quick_box.meant(typed, list(Muscle.objects.to_choose_from()))
            except Refused as refused:
                raise ValidationError({"typed": refused.message}) from refused
            return {"muscle": muscle, "sides": sides}
        return None


class AttachGtinForm(ChangeForm):
    """No product is selected: neither the scan nor the product of the session decides."""

    product = ReadChoiceField(
        Product.objects.none(), empty_label="Choose", error_messages={"required": "Choose the product."}
    )

    def __init__(self, *args, noted, products=None, **kwargs):
        self.noted = noted
        super().__init__(*args, initial={"version": noted.version}, prefix=f"gtin-{noted.pk}", **kwargs)
        field = self.fields["product"]
        field.queryset, field.known = Product.objects.offered(), products
        field.label = f"Product of {noted}"
