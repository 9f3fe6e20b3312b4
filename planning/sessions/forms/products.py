"""The hidden product in every form that writes a row or a vial."""

from django import forms

from clinic.web.choices import KnownChoiceField
from clinic.web.forms import ActionForm, ChangeForm, value_text
from planning.catalogue.models.product import Product
from planning.sessions.actions.products import ProductChanged, require_product


class UnderProduct(forms.Form):
    """Text typed for one product is shown as plain text, and in no field, once the session has another."""

    product_changed = False
    typed_for = None

    def __init__(self, *args, session, **kwargs):
        super().__init__(*args, **kwargs)
        widget = forms.HiddenInput({"data-typed-for": "", "id": False})
        self.fields["product"] = KnownChoiceField(Product.objects.all(), required=False, widget=widget)
        self.fields["product"].known = [session.product] if session.product else []
        self.fields["product"].initial = session.product_id

    def clean(self):
        self.typed_for = self.cleaned_data.pop("product", None)
        return super().clean()

    def values(self):
        return {**super().values(), "product": self.typed_for}

    def handle_conflict(self, conflict):
        if not isinstance(conflict, ProductChanged):
            return super().handle_conflict(conflict)
        self.refused = self.product_changed = True
        self.message = conflict.message
        self.add_error(None, conflict.message)
        return None

    def compare_product(self, session):
        """Even text that is not valid is not shown in a field of another product."""
        is_sent = self.add_prefix("product") in self.data
        is_unreadable = bool(self.errors) and self.incomplete
        if self.product_changed or not is_sent or is_unreadable:
            return
        try:
            require_product(self.typed_for, session)
        except ProductChanged as changed:
            self.handle_conflict(changed)

    def as_typed(self):
        return " · ".join(f"{field.label}: {value_text(field)}" for field in self._typed() if field.value())

    def _typed(self):
        return [field for field in self.visible_fields() if field.name in self.changed_data]


class ProductSeenForm(UnderProduct, ActionForm):
    """No typed values, only the product that the page showed."""


class RemoveForm(UnderProduct, ChangeForm):
    """No typed values, only the version and the product that the page showed."""
