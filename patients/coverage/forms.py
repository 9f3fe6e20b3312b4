"""Forms for coverage and other therapies."""

from django.forms.models import fields_for_model

from clinic.records.dates import possible_day
from clinic.web.forms import ActionForm, ChangeForm, CountInput, CreationForm, DayInput, values_of
from patients.coverage.models.coverage import Coverage, Decision
from patients.coverage.models.therapy import Therapy, TherapyKind


class _RecordForm(ActionForm):
    """The fields of a record, in groups; two narrow fields share a line."""

    model = None
    groups_of_fields = {}
    narrow = ()

    def __init__(self, *args, **kwargs):
        widgets = {"valid_from": DayInput(), "valid_until": DayInput(), "sessions_authorised": CountInput()}
        self.base_fields = {**self.base_fields, **fields_for_model(self.model, fields=self.names(), widgets=widgets)}
        super().__init__(*args, **kwargs)
        for name in self.names():
            self.fields[name].widget.attrs.setdefault("autocomplete", "off")

    @classmethod
    def names(cls):
        return [name for names in cls.groups_of_fields.values() for name in names]

    def groups(self):
        return [(heading, [self[name] for name in names]) for heading, names in self.groups_of_fields.items()]

    def lines(self):
        return [
            (heading, [(field, field.name in self.narrow) for field in fields]) for heading, fields in self.groups()
        ]


class _ChangeRecordForm(ChangeForm):
    def __init__(self, *args, record, **kwargs):
        super().__init__(*args, initial=values_of(record, *self.names()), **kwargs)


class _CoverageFields(_RecordForm):
    model = Coverage
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
    model = Therapy
    groups_of_fields = {"": ("kind", "description", "started", "stopped", "provider")}
    narrow = ("started", "stopped")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [("", "Choose the kind"), *TherapyKind.choices]


class NewTherapyForm(_TherapyFields, CreationForm):
    pass


class TherapyForm(_ChangeRecordForm, _TherapyFields):
    pass
