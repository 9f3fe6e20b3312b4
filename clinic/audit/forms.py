"""The filter of the audit trail."""

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q

from clinic.accounts.models import User
from clinic.audit import labels, ready_made, subjects
from clinic.records.date_fields import DayInput, TypedDateFormField
from clinic.records.dates import on_day, start_of
from clinic.records.models import AuditEntry
from clinic.records.numbers import LARGEST_ID, CountFormField

NOBODY = "nobody"
OUTCOMES = [("", "Every outcome"), *AuditEntry._meta.get_field("outcome").choices]
UNKNOWN_NUMBER = "No patient has this record number. Check its letters and digits, and try again."


class AuditForm(forms.Form):
    """Which entries to show. A form with errors shows none, because all of them would look like the answer."""

    person = forms.ChoiceField(required=False, label="Person")
    record_number = forms.CharField(required=False, max_length=30, label="Patient’s record number")
    action = forms.ChoiceField(required=False, label="Action")
    outcome = forms.ChoiceField(required=False, choices=OUTCOMES, label="Outcome")
    since = TypedDateFormField(required=False, widget=DayInput(), label="From")
    until = TypedDateFormField(required=False, widget=DayInput(), label="To")
    before = CountFormField(required=False, min_value=1, max_value=LARGEST_ID, widget=forms.HiddenInput)

    def __init__(self, data):
        super().__init__(data, label_suffix="")
        self.people = {user.pk: user for user in User.objects.all()}
        everyone = [(str(pk), str(user)) for pk, user in self.people.items()]
        self.fields["person"].choices = [("", "Everyone"), *everyone, (NOBODY, "not logged in")]
        self.fields["action"].choices = _actions()
        self.patients = []
        for name, field in self.fields.items():
            kind = "form-select" if isinstance(field, forms.ChoiceField) else "form-control"
            field.widget.attrs |= {"class": kind, "autocomplete": "off"} if name != "before" else {}

    def clean_record_number(self):
        number = self.cleaned_data["record_number"]
        self.patients = subjects.patient_ids(record_number=number) if number else []
        if number and not self.patients:
            raise ValidationError(UNKNOWN_NUMBER)
        return number

    def clean(self):
        since, until = self.cleaned_data.get("since"), self.cleaned_data.get("until")
        if since and until and until < since:
            self.add_error("until", "This day is before the first one. Choose the same day or a later one.")
        return self.cleaned_data

    @property
    def visible(self):
        return [self[name] for name in self.fields if name != "before"]

    @property
    def is_filtered(self):
        return bool(self.active_filters())

    def active_filters(self):
        """The filters that were sent, without the page."""
        values = ((field.html_name, field.value()) for field in self.visible)
        return {name: value for name, value in values if value}

    @property
    def number(self):
        return self.cleaned_data.get("record_number", "")

    @property
    def begins_before(self):
        return self.cleaned_data.get("before")

    def chosen(self):
        """The entries, latest first, on all pages."""
        entries = AuditEntry.objects.latest_first()
        if self.errors.keys() - {"before"}:
            return entries.none()
        entries = entries.filter(_who(self.cleaned_data["person"]), _what(self.cleaned_data["action"]))
        entries = entries.filter(*self._days())
        if outcome := self.cleaned_data["outcome"]:
            entries = entries.filter(outcome=outcome)
        return entries.about(self.patients) if self.number else entries

    def _days(self):
        since, until = self.cleaned_data["since"], self.cleaned_data["until"]
        if since:
            yield Q(at__gte=start_of(since))
        if until:
            yield Q(at__lt=on_day("at", until)["at__lt"])

    def filter_text(self):
        """For the heading of a file or a page."""
        return ", ".join(f"{field.label.lower()}: {_shown(field)}" for field in self.visible if field.value())


class SealsForm(forms.Form):
    """Which seals to show: those before a number, or the latest."""

    before = CountFormField(required=False, min_value=1, max_value=LARGEST_ID)

    @property
    def begins_before(self):
        return self.cleaned_data.get("before") if self.is_valid() else None


def _shown(field):
    flat = dict(_flat(getattr(field.field, "choices", ())))
    return flat.get(str(field.value()), field.value())


def _flat(choices):
    for value, label in choices:
        yield from label if isinstance(label, list) else [(value, label)]


def _who(person):
    if not person:
        return Q()
    return Q(actor=None) if person == NOBODY else Q(actor=person)


def _actions():
    """Ready-made queries, pages by what opening them is called, and everything that was done to a record."""
    done = sorted({(labels.action_label(action), action) for action in labels.actions()})
    return [
        ("", "Every action"),
        ("Ready-made", list(ready_made.TITLES.items())),
        ("Done", [(f"did {action}", label) for label, action in done]),
        ("Opened, listed or printed", [(page, page.capitalize()) for page in sorted(labels.pages_read())]),
    ]


def _what(action):
    if not action:
        return Q()
    if action in ready_made.TITLES:
        return ready_made.conditions()[action]
    if action.startswith("did "):
        return Q(action=action.removeprefix("did "))
    return Q(action__in=[labels.READ, labels.EXPORTED], route__in=labels.pages_read()[action])
