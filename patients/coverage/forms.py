"""Forms for coverage and other therapies."""

from clinic.records.dates import possible_day
from clinic.web.forms import ActionForm, CreationForm, RecordForm
from patients.coverage.models.coverage import Coverage, Decision
from patients.coverage.models.therapy import Therapy, TherapyKind


class _GroupedFields(ActionForm):
    """The fields of a record, in groups; two narrow fields share a line."""

    groups_of_fields = {}
    narrow = ()

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name in self._meta.fields:
            self.fields[name].widget.attrs.setdefault("autocomplete", "off")

    def lines(self):
        return [
            (heading, [(self[name], name in self.narrow) for name in names])
            for heading, names in self.groups_of_fields.items()
        ]


class _CoverageFields(_GroupedFields):
    groups_of_fields = {
        "Who pays": ("payer", "plan", "member_number"),
        "Authorisation": ("decision", "authorisation_number", "valid_from", "valid_until", "sessions_authorised"),
        "Amounts, and a note": ("amount_charged", "patients_share", "note"),
    }
    narrow = (
        "plan", "member_number", "decision", "authorisation_number", "valid_from", "valid_until",
        "amount_charged", "patients_share",
    )  # fmt: skip

    class Meta:
        model = Coverage
        fields = Coverage.details()
        error_messages = {"sessions_authorised": {"invalid": "Type the number of sessions as a whole number."}}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["decision"].choices = [("", "Not recorded"), *Decision.choices]
        for name in ("valid_from", "valid_until"):
            self.fields[name].validators.append(possible_day)


class NewCoverageForm(_CoverageFields, CreationForm):
    """A new payer or a new authorisation."""


class CoverageForm(_CoverageFields, RecordForm):
    pass


class _TherapyFields(_GroupedFields):
    groups_of_fields = {"": Therapy.details()}
    narrow = ("started", "stopped")

    class Meta:
        model = Therapy
        fields = Therapy.details()

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [("", "Choose the kind"), *TherapyKind.choices]


class NewTherapyForm(_TherapyFields, CreationForm):
    pass


class TherapyForm(_TherapyFields, RecordForm):
    pass
