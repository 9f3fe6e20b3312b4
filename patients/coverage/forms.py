"""Forms for coverage and other therapies."""

from clinic.records.dates import possible_day
from clinic.web.forms import ActionForm, ChangeForm, CountInput, CreationForm, DayInput, values_of
from patients.coverage.models.coverage import Coverage, Decision
from patients.coverage.models.therapy import Therapy, TherapyKind

COVERAGE_FIELDS = (
    "payer", "plan", "member_number", "decision", "authorisation_number", "valid_from", "valid_until",
    "sessions_authorised", "amount_charged", "patients_share", "note",
)  # fmt: skip
THERAPY_FIELDS = ("kind", "description", "started", "stopped", "provider")


class _RecordForm(ActionForm):
    """The fields of a record, in groups; two narrow fields share a line."""

    groups_of_fields = {}
    narrow = ()

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name in self._meta.fields:
            self.fields[name].widget.attrs.setdefault("autocomplete", "off")

    def groups(self):
        return [(heading, [self[name] for name in names]) for heading, names in self.groups_of_fields.items()]

    def lines(self):
        return [
            (heading, [(field, field.name in self.narrow) for field in fields]) for heading, fields in self.groups()
        ]


class _ChangeRecordForm(ChangeForm):
    def __init__(self, *args, record, **kwargs):
        super().__init__(*args, initial=values_of(record, *self._meta.fields), **kwargs)


class _CoverageFields(_RecordForm):
    class Meta:
        model = Coverage
        fields = COVERAGE_FIELDS
        widgets = {"valid_from": DayInput(), "valid_until": DayInput(), "sessions_authorised": CountInput()}

    groups_of_fields = {
        "Who pays": ("payer", "plan", "member_number"),
        "Authorisation": ("decision", "authorisation_number", "valid_from", "valid_until", "sessions_authorised"),
        "Amounts, and a note": ("amount_charged", "patients_share", "note"),
    }
    narrow = (
        "plan", "member_number", "decision", "authorisation_number", "valid_from", "valid_until",
        "amount_charged", "patients_share",
    )  # fmt: skip

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["decision"].choices = [("", "Not recorded"), *Decision.choices]
        for name in ("valid_from", "valid_until"):
            self.fields[name].validators.append(possible_day)
        self.fields["sessions_authorised"].error_messages["invalid"] = "Type the number of sessions as a whole number."


class NewCoverageForm(_CoverageFields, CreationForm):
    """A new payer or a new authorisation."""


class CoverageForm(_ChangeRecordForm, _CoverageFields):
    pass


class _TherapyFields(_RecordForm):
    class Meta:
        model = Therapy
        fields = THERAPY_FIELDS

    groups_of_fields = {"": ("kind", "description", "started", "stopped", "provider")}
    narrow = ("started", "stopped")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [("", "Choose the kind"), *TherapyKind.choices]


class NewTherapyForm(_TherapyFields, CreationForm):
    pass


class TherapyForm(_ChangeRecordForm, _TherapyFields):
    pass
