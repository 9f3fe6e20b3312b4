"""Forms of the session page other than its rows."""

from dataclasses import dataclass

from django import forms

from clinic.models import User
from clinic.records.dates import format_date
from clinic.records.numbers import VersionField, whole_number
from clinic.web.choices import ReadChoiceField, offer
from clinic.web.forms import ActionForm, ChangeForm
from planning.catalogue.forms import QuickBoxForm
from planning.catalogue.models.muscle import Muscle, Side
from planning.catalogue.models.muscle_set import MuscleSet
from planning.catalogue.models.product import Product
from planning.sessions.forms.papers import ConsentFields
from planning.sessions.forms.products import UnderProduct
from planning.sessions.models.consent import Consent
from planning.sessions.models.injection import Guidance
from planning.sessions.models.session import InjectionSession
from planning.sessions.models.session_fields import RECORDING_FIELDS, SESSION_FIELDS


@dataclass(frozen=True)
class Offered:
    """The choices of the forms, if the page has read them."""

    products: list | None = None
    operators: list | None = None
    consents: list | None = None
    muscle_sets: list | None = None


NOT_READ = Offered()


def details_prefix(session_id):
    return f"s{session_id}-details"


class SessionForm(ChangeForm):
    class Meta:
        model = InjectionSession
        fields = SESSION_FIELDS
        widgets = {
            "complications": forms.Textarea({"rows": 2}),
            "notes": forms.Textarea({"rows": 2}),
        }
        labels = {"operator": "Who injected"}
        help_texts = {"operator": ""}

    def __init__(self, *args, session, offered=NOT_READ, **kwargs):
        kwargs.setdefault("prefix", details_prefix(session.pk))
        stored = forms.model_to_dict(session, SESSION_FIELDS)
        kwargs.setdefault("initial", {"version": session.version, **stored})
        super().__init__(*args, **kwargs)
        clinicians = User.objects.clinicians_and(session.operator_id)
        offer(self.fields["operator"], clinicians, empty_label="", known=offered.operators)
        # A consent entered in error is offered only if it is already selected.
        theirs = Consent.objects.filter(patient__in=session.visit.patient.record_ids())
        theirs = theirs.active() | theirs.filter(pk=session.consent_id)
        offer(self.fields["consent"], theirs, empty_label="", known=offered.consents)
        self.fields["consent"].label_from_instance = lambda consent: (
            f"{consent}{' (entered in error)' if consent.is_in_error else ''}"
        )
        day = format_date(session.visit.day)
        self.fields["given_on"].help_text = f"If empty: {day}, the date of the visit."
        if not session.is_recording:
            # These fields belong to the recording phase. Values typed before another user returned to planning stay in
            # the form, so that the action can report them.
            for name in RECORDING_FIELDS:
                if not self.data.get(self.add_prefix(name)):
                    del self.fields[name]


class ProductForm(ActionForm):
    """Product before dose; the version is that of the session."""

    product = ReadChoiceField(queryset=Product.objects.none(), empty_label="Choose the product")
    version = VersionField()
    empties_confirmed = forms.BooleanField(required=False, widget=forms.HiddenInput)
    text_on_page = forms.BooleanField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args, session, offered=NOT_READ, **kwargs):
        kwargs.setdefault("prefix", f"s{session.pk}-product")
        kwargs.setdefault("initial", {"product": session.product_id, "version": session.version})
        super().__init__(*args, **kwargs)
        products = Product.objects.offered() | Product.objects.filter(pk=session.product_id)
        offer(self.fields["product"], products, empty_label="Choose the product", known=offered.products)
        self.fields["product"].label_from_instance = lambda product: (
            f"{product.brand_name} — {product.nonproprietary_name}{' (retired)' if product.is_retired else ''}"
        )

    def handle_conflict(self, conflict):
        stored = conflict.current.product or "none yet"
        self.add_error(None, f"{conflict.message} Its product is {stored}. Choose again to change that.")
        self.note_who_stored(conflict)
        self.stored_values = {"product": stored}
        self.data = self.data.copy()
        self.data[self.add_prefix("version")] = str(conflict.current.version)


class AddInjectionForm(UnderProduct, ActionForm):
    """Selected on the map or in the list."""

    muscle = forms.ModelChoiceField(queryset=Muscle.objects.all())
    side = forms.TypedChoiceField(choices=Side, coerce=Side)
    another_vial = forms.BooleanField(required=False)


class AddTypedForm(UnderProduct, QuickBoxForm):
    """The quick box of a session."""


class GuidanceForm(ActionForm):
    """For all rows, with the version of each that the page showed."""

    guidance = forms.ChoiceField(choices=[("", "Choose"), *Guidance.choices])

    def __init__(self, *args, **kwargs):
        super().__init__(*args, auto_id="all-rows-%s", **kwargs)

    def values(self):
        rows = {name.removeprefix("row-"): value for name, value in self.data.items() if name.startswith("row-")}
        seen = {whole_number(row): whole_number(version) for row, version in rows.items()}
        return {**super().values(), "seen": {row: seen[row] for row in seen.keys() - {None} if seen[row] is not None}}


class ConsentForm(ConsentFields):
    def __init__(self, *args, session, **kwargs):
        kwargs.setdefault("prefix", f"s{session.pk}-consent")
        super().__init__(*args, **kwargs)
        self.fields["given_by"].help_text = ""


class AddSetForm(UnderProduct, ActionForm):
    """One of the user's own sets."""

    muscle_set = ReadChoiceField(
        MuscleSet.objects.none(),
        label="My sets",
        empty_label="Choose",
        error_messages={"required": "Choose a set.", "invalid_choice": "This set no longer exists."},
    )

    def __init__(self, *args, session, user, offered=NOT_READ, **kwargs):
        super().__init__(*args, session=session, auto_id="my-%s", **kwargs)
        sets = MuscleSet.objects.of(user)
        offer(self.fields["muscle_set"], sets, empty_label="Choose", known=offered.muscle_sets)
        self.fields["muscle_set"].label_from_instance = lambda muscle_set: (
            f"{muscle_set.name} — {muscle_set.as_text() or 'empty'}"
        )
