"""Forms for patients."""

from django import forms

from clinic.records.numbers import VersionField
from clinic.web.forms import ActionForm, CreationForm, RecordForm
from patients.people.models.patient import CONTACT, DIAGNOSIS, IDENTITY, Patient, Sex
from patients.people.models.person import Alert
from patients.people.models.same_person import SamePerson


class _DetailsForm(ActionForm):
    """A patient's details, in the same groups of fields on every page."""

    groups_of_fields = {"Identity": IDENTITY, "Contact": CONTACT, "Diagnosis": DIAGNOSIS}

    # Never rendered: it is the name of the confirming button.
    although_alike = forms.BooleanField(required=False)
    alike = ()

    class Meta:
        model = Patient
        fields = (*IDENTITY, *CONTACT, *DIAGNOSIS)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["sex"].choices = [("", "Choose"), *Sex.choices]

    def handle_refusal(self, refused):
        self.alike = getattr(refused, "patients", ())

    def groups(self):
        return [(heading, [self[name] for name in names]) for heading, names in self.groups_of_fields.items()]


class RegisterForm(_DetailsForm, CreationForm):
    pass


class PatientForm(_DetailsForm, RecordForm):
    class Meta(_DetailsForm.Meta):
        help_texts = {"record_number": ""}

    def stored_value(self, current, name):
        return self.typed_value(name) if name == "although_alike" else super().stored_value(current, name)


class StatusForm(RecordForm):
    """Whether the patient is treated here, and if not, since when."""

    class Meta:
        model = Patient
        fields = ("status", "status_since")
        labels = {"status_since": "Since"}
        help_texts = {"status_since": "If empty, today."}


class SamePersonForm(ActionForm):
    """Selects the other record of the same person."""

    record_number = forms.CharField(max_length=30, label="Record number of the other record")


class ConfirmForm(ActionForm):
    """Why two records are one patient, with the versions that were shown."""

    version = VersionField()
    other_version = VersionField()
    reason = SamePerson._meta.get_field("reason").formfield(
        label="Why they are the same person", error_messages={"required": "Enter why they are the same person."}
    )

    def __init__(self, *args, patient, other, **kwargs):
        self.read = {"version": patient.version, "other_version": other.version}
        super().__init__(*args, initial=self.read, **kwargs)

    def values(self):
        typed = super().values()
        return {"reason": typed["reason"], "versions": (typed["version"], typed["other_version"])}

    def handle_conflict(self, conflict):
        super().handle_conflict(conflict)
        self.data = self.data.copy()
        for name, version in self.read.items():
            self.data[name] = str(version)


class AlertsForm(RecordForm):
    """Safety questions for every patient; *none known* must be confirmed at each review."""

    none_known = forms.BooleanField(required=False, label="None known: everything above was asked")

    class Meta:
        model = Patient
        fields = Alert.values
