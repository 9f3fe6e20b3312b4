"""What is typed on the pages of patients, bookings, follow-ups and the audit trail."""

import datetime as dt

from django import forms
from django.core.exceptions import ValidationError
from django.forms.models import fields_for_model
from django.utils import timezone

from clinic.forms import ActionForm, ChangeForm, CreationForm, DayInput
from clinic.models import User
from patients.models import Alert, FollowUp, Patient, SamePerson, Visit
from patients.models.visit import possible_day, possible_local_time

IDENTITY = ("family_name", "given_name", "date_of_birth", "sex", "record_number")
CONTACT = ("phone", "email", "address", "language", "agreed_to_reminders")
DIAGNOSIS = ("diagnosis", "diagnosis_code", "onset", "referred_by", "note")
STATUS = ("status", "status_since")
LARGEST_ID = 2**63 - 1


class _DetailsForm(ActionForm):
    """A patient's details, in groups of the same fields on every page."""

    groups_of_fields = {}

    def __init__(self, *args, **kwargs):
        names = [name for names in self.groups_of_fields.values() for name in names]
        days = {"date_of_birth": DayInput()}
        self.base_fields = {**fields_for_model(Patient, fields=names, widgets=days), **self.base_fields}
        super().__init__(*args, **kwargs)

    def groups(self):
        """(heading, fields), for the template."""
        return [(heading, [self[name] for name in names]) for heading, names in self.groups_of_fields.items()]


class RegisterForm(_DetailsForm, CreationForm):
    groups_of_fields = {"Identity": IDENTITY, "Contact": CONTACT, "Diagnosis": DIAGNOSIS}

    # Never drawn: the button that says it brings it.
    although_alike = forms.BooleanField(required=False)
    alike = ()

    def meet_refusal(self, refused):
        """Name those who are like the one that is registered."""
        self.alike = getattr(refused, "patients", ())


class PatientForm(_DetailsForm, ChangeForm):
    groups_of_fields = {"Identity": IDENTITY, "Contact": CONTACT, "Diagnosis": DIAGNOSIS}

    def __init__(self, *args, patient, **kwargs):
        names = [name for names in self.groups_of_fields.values() for name in names]
        super().__init__(*args, initial=_values_of(patient, "version", *names), **kwargs)
        self.fields["record_number"].help_text = ""


def _values_of(record, *names):
    return {name: getattr(record, name) for name in names}


class StatusForm(ChangeForm):
    """Whether the patient is treated here, and since when not."""

    def __init__(self, *args, patient, **kwargs):
        days = {"status_since": DayInput()}
        self.base_fields = {**fields_for_model(Patient, fields=STATUS, widgets=days), **self.base_fields}
        super().__init__(*args, initial=_values_of(patient, "version", *STATUS), **kwargs)
        self.fields["status_since"].label = "Since"
        self.fields["status_since"].help_text = "Left empty: today."


class SamePersonForm(ActionForm):
    """Which other record is the same person."""

    record_number = forms.CharField(max_length=30, label="Record number of the other record")


class ConfirmForm(ActionForm):
    """Why two records are one patient."""

    reason = SamePerson._meta.get_field("reason").formfield(
        label="Why they are one person", error_messages={"required": "Say why they are one person."}
    )


class AlertsForm(ChangeForm):
    """What is asked of everybody; that nothing is known is said anew at each review."""

    none_known = forms.BooleanField(required=False, label="None known: everything above was asked")

    def __init__(self, *args, patient, **kwargs):
        self.base_fields = {**fields_for_model(Patient, fields=Alert.values), **self.base_fields}
        super().__init__(*args, initial=_values_of(patient, "version", *Alert.values), **kwargs)


class BookForm(CreationForm):
    """A visit; times are those of the clinic."""

    beside = {"starts_at": "time"}

    clinician = forms.ModelChoiceField(queryset=User.objects.none(), empty_label="Choose the clinician")
    day = forms.DateField(widget=DayInput(), validators=[possible_day])
    time = forms.TimeField(widget=forms.TimeInput({"type": "time"}, format="%H:%M"))
    follow_up = forms.ModelChoiceField(
        queryset=FollowUp.objects.none(),
        required=False,
        empty_label="None",
        label="Answers the follow-up",
        error_messages={"invalid_choice": "This follow-up is no longer open."},
    )

    field_order = ("clinician", "kind", "day", "time", "minutes", "follow_up")

    def __init__(self, *args, patient, by, follow_up=None, **kwargs):
        self.base_fields = {**fields_for_model(Visit, fields=("kind", "minutes")), **self.base_fields}
        clinicians = User.objects.clinicians()
        super().__init__(*args, initial=_beginning(clinicians, by=by, follow_up=follow_up), **kwargs)
        self.fields["clinician"].queryset = clinicians
        self.fields["follow_up"].queryset = patient.follow_ups.open().select_related("clinician").due_first()
        self.fields["follow_up"].label_from_instance = lambda asked: f"{asked}, with {asked.clinician}"

    def clean(self):
        typed = super().clean()
        if typed.get("day") and typed.get("time"):
            self.starts_at = dt.datetime.combine(typed["day"], typed["time"], timezone.get_current_timezone())
            try:
                possible_local_time(self.starts_at)
            except ValidationError as error:
                self.add_error("time", error)
        return typed

    def values(self):
        typed = super().values()
        del typed["day"], typed["time"]
        return {**typed, "starts_at": self.starts_at}


def _beginning(clinicians, *, by, follow_up):
    """A clinician begins with themself; a follow-up brings its clinician, and its day unless that is over."""
    if follow_up is None:
        return {"clinician": by.pk if clinicians.filter(pk=by.pk).exists() else None}
    day = follow_up.due_on if follow_up.due_on >= timezone.localdate() else None
    return {"clinician": follow_up.clinician_id, "day": day, "follow_up": follow_up.pk}


class CloseForm(ChangeForm):
    """Stands in the follow-up's own row."""

    reason = FollowUp._meta.get_field("closed_reason").formfield(
        label="Reason", required=True, error_messages={"required": "Say why it is closed."}
    )

    def __init__(self, *args, follow_up, **kwargs):
        super().__init__(*args, auto_id=f"close-{follow_up.pk}-%s", initial={"version": follow_up.version}, **kwargs)


class AuditForm(forms.Form):
    """Whose record, and from which entry backwards."""

    record_number = forms.CharField(
        required=False, max_length=30, widget=forms.TextInput({"class": "form-control", "autocomplete": "off"})
    )
    before = forms.IntegerField(required=False, min_value=1, max_value=LARGEST_ID)

    def asked(self, name):
        """What was asked under that name; None where it is nothing that can be read."""
        return None if name in self.errors else self.cleaned_data[name]
