"""Forms for a row of a session, and for a vial."""

from django import forms

from clinic.web.choices import KnownChoiceField
from clinic.web.forms import ActionForm, ChangeForm, CreationForm, values_of
from planning.sessions.doses import DoseFormField
from planning.sessions.forms.products import UnderProduct
from planning.sessions.forms.scans import ScannedLotMixin
from planning.sessions.models.injection import Guidance, Injection
from planning.sessions.models.vial import VIAL_FIELDS, Vial


def row_prefix(injection):
    """Unique to the session and the row, so that browsers do not autofill it with earlier values."""
    return f"s{injection.session_id}-i{injection.pk}"


class RowForm(UnderProduct, ChangeForm):
    """The fields of a row in both phases, planning and recording."""

    class Meta:
        model = Injection
        fields = ()
        field_classes = {"vial": KnownChoiceField}

    def __init__(self, *args, injection, session, vials, **kwargs):
        self.injection = injection
        kwargs.setdefault("prefix", row_prefix(injection))
        kwargs.setdefault("initial", values_of(injection, *self._meta.fields))
        super().__init__(*args, session=session, **kwargs)
        self._in_product = f", {session.unit_text()} of {session.product.brand_name}" if session.product else ""
        self._offer_vials(vials)
        self.fields["guidance"].choices = [("", ""), *Guidance.choices]
        for name in self._meta.fields:
            self._describe(name)
        self.fields["sites"].error_messages["invalid"] = "Type the number of sites as a whole number."

    def as_typed(self):
        typed = super().as_typed()
        return typed and f"{self.injection}, {typed}"

    def _offer_vials(self, vials):
        if "vial" not in self.fields:
            return
        if len(vials) < 2:
            del self.fields["vial"]
            return
        self.fields["vial"].known = vials
        self.fields["vial"].queryset = self.injection.session.vials.all()
        numbered = ((vial.pk, f"{number} · {vial}") for number, vial in enumerate(vials, start=1))
        self.fields["vial"].choices = [("", ""), *numbered]
        self.initial["vial"] = self.injection.vial_id

    def _describe(self, name):
        if name not in self.fields:
            return
        field = self.fields[name]
        label = f"{field.label}, {self.injection.muscle}, {self.injection.side}"
        field.widget.attrs["aria-label"] = label + (self._in_product if isinstance(field, DoseFormField) else "")
        field.widget.attrs["data-field"] = name
        # The cells of a table row cannot be inside the row's form, so they refer to it by its id.
        field.widget.attrs["form"] = f"row-form-{self.injection.pk}"


class PlannedRowForm(RowForm):
    class Meta(RowForm.Meta):
        fields = ("planned_dose", "sites", "guidance", "note")


class PlannedRowFormWithoutProduct(RowForm):
    """A dose cannot be typed before a product is chosen."""

    class Meta(RowForm.Meta):
        fields = ("sites", "guidance", "note")


class GivenRowForm(RowForm):
    class Meta(RowForm.Meta):
        fields = ("given_dose", "not_given", "not_given_reason", "sites", "guidance", "vial", "note")

    def clean(self):
        cleaned = super().clean()
        if not cleaned.get("not_given") and "not_given_reason" in cleaned:
            cleaned["not_given_reason"] = ""
        return cleaned


def row_form(row, *, session, vials, data=None):
    """The form for the session's phase; for sent data, the phase in which it was typed.

    The form of another phase would drop the typed dose and clear the stored one.
    """
    if data is not None:
        kind = _kind_sent(data)
    elif session.is_recording:
        kind = GivenRowForm
    elif session.product_id:
        kind = PlannedRowForm
    else:
        kind = PlannedRowFormWithoutProduct
    return kind(data, injection=row, session=session, vials=vials)


def _kind_sent(data):
    if any(name.endswith("-given_dose") for name in data):
        return GivenRowForm
    if any(name.endswith("-planned_dose") for name in data):
        return PlannedRowForm
    return PlannedRowFormWithoutProduct


def vial_prefix(vial):
    return f"s{vial.session_id}-v{vial.pk}"


class _VialFields(ScannedLotMixin, UnderProduct, ActionForm):
    class Meta:
        model = Vial
        fields = VIAL_FIELDS

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["shared"].choices = [("", ""), *Vial.shared.field.choices]
        for field in self.fields.values():
            if isinstance(field.widget, forms.TextInput):
                field.widget.attrs["autocomplete"] = "off"
        # It accepts a scanned code, which is longer than a lot number: a maxlength would truncate it.
        self.fields["lot_number"].widget.attrs |= {"data-scan": "", "spellcheck": "false"}
        self.fields["lot_number"].widget.attrs.pop("maxlength", None)


class VialForm(_VialFields, ChangeForm):
    def __init__(self, *args, vial, **kwargs):
        kwargs.setdefault("prefix", vial_prefix(vial))
        kwargs.setdefault("initial", values_of(vial, *VIAL_FIELDS))
        super().__init__(*args, session=vial.session, **kwargs)


class NewVialForm(_VialFields, CreationForm):
    def __init__(self, *args, session, **kwargs):
        kwargs.setdefault("prefix", f"s{session.pk}-vial")
        super().__init__(*args, session=session, **kwargs)
