"""What is told of the course after a session: a response, an adverse event."""

import datetime as dt

from django import forms
from django.forms.models import fields_for_model
from django.utils import timezone

from clinic.days import start_of
from clinic.forms import ActionForm, ChangeForm, CreationForm, DayInput
from patients.models import Visit
from planning.models import (
    AdverseEvent,
    Benefit,
    Effect,
    EventKind,
    Impression,
    Outcome,
    Response,
    Severity,
    YesNo,
)
from planning.models.course import DOMAINS

RESPONSE_FIELDS = (
    "effect", "onset_day", "onset_on", "peak_day", "peak_on", "wearing_off_day", "wearing_off_on", *DOMAINS,
    "impression", "words", "share", "share_on", "share_withdrawn_on", "note",
)  # fmt: skip
EVENT_FIELDS = (
    "kind", "description", "began_day", "began_on", "severity", "serious", "measures", "outcome", "ended_day",
    "ended_on", "visit", "reported_to", "reported_on", "report_reference",
)  # fmt: skip


def _pressed(label, choices, *, empty=""):
    """Radio buttons, the first of which says that nothing was answered."""
    choices = [("", empty), *choices] if empty else choices
    return forms.ChoiceField(required=not empty, choices=choices, widget=forms.RadioSelect, label=label)


class _ToldForm(ActionForm):
    """Fields of a record of the course; its days are typed as a number or as a date."""

    model = None
    names = ()
    pressed = {}

    def __init__(self, *args, session, **kwargs):
        self.session = session
        days = {name: DayInput() for name in self.names if name.endswith("_on")}
        self.base_fields = {**self.base_fields, **fields_for_model(self.model, fields=self.names, widgets=days)}
        super().__init__(*args, **kwargs)
        for name in self.names:
            field = self.fields[name]
            field.widget.attrs["autocomplete"] = "off"
            if name.endswith("_day"):
                field.widget = forms.TextInput({"class": "form-control", "inputmode": "numeric", "autocomplete": "off"})
                field.error_messages["invalid"] = "Type a number of days."

    def day_pair(self, name):
        return {
            "label": self[f"{name}_day"].label.partition(",")[0],
            "number": self[f"{name}_day"],
            "date": self[f"{name}_on"],
            "said": self._said(name),
        }

    def _said(self, name):
        """The stored day, as number and date."""
        record = getattr(self, "record", None)
        return record.day_of(name) if record is not None else None


class _ResponseFields(_ToldForm):
    model = Response
    names = RESPONSE_FIELDS

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["effect"] = _dressed(_pressed("Effect", Effect.choices))
        self.fields["effect"].error_messages["required"] = "Say whether there was a response."
        for name in DOMAINS:
            self.fields[name] = _dressed(_pressed(self.fields[name].label, Benefit.choices, empty="Not asked"))
        self.fields["impression"].choices = [("", "Not asked"), *Impression.choices]
        self.fields["share"] = _dressed(
            _pressed("May these words be shared with others?", YesNo.choices, empty="Not asked")
        )

    def days(self):
        return [self.day_pair(name) for name in Response.DAYS]

    def domains(self):
        return [self[name] for name in DOMAINS]


class _EventFields(_ToldForm):
    model = AdverseEvent
    names = EVENT_FIELDS

    def __init__(self, *args, visit=None, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["severity"] = _dressed(_pressed("Severity: how strong", Severity.choices, empty="Not known"))
        self.fields["kind"].choices = [("", "Choose what happened"), *EventKind.choices]
        self.fields["outcome"].choices = [("", "Not recorded"), *Outcome.choices]
        help_text = self.fields["serious"].help_text
        self.fields["serious"] = _dressed(_pressed("Serious", YesNo.choices, empty="Not judged"))
        self.fields["serious"].help_text = help_text
        self.fields["visit"].queryset = _visits_since(self.session)
        self.fields["visit"].empty_label = "between visits"
        self.fields["visit"].help_text = ""
        if visit is not None:
            self.initial.setdefault("visit", visit)

    def began(self):
        return self.day_pair("began")

    def ended(self):
        return self.day_pair("ended")


def _dressed(field):
    field.widget.attrs["class"] = "form-check-input"
    return field


def _visits_since(session):
    """At which something of this session can have been told."""
    tomorrow = start_of(timezone.localdate() + dt.timedelta(days=1))
    return (
        Visit.objects.standing()
        .filter(patient__in=_everybody(session), starts_at__gte=session.visit.starts_at, starts_at__lt=tomorrow)
        .order_by("-starts_at")
    )


def _everybody(session):
    """The records of the session's patient, and of the one that it is the same person as."""
    patient = session.visit.patient
    return {*patient.record_ids(), *(patient.same_as.record_ids() if patient.same_as_id else ())}


class NewResponseForm(_ResponseFields, CreationForm):
    """What is told for the first time at this visit."""


class ResponseForm(_ResponseFields, ChangeForm):
    def __init__(self, *args, record, **kwargs):
        self.record = record
        super().__init__(*args, session=record.session, initial=_values_of(record, RESPONSE_FIELDS), **kwargs)


class NewEventForm(_EventFields, CreationForm):
    """An untoward event."""


class EventForm(_EventFields, ChangeForm):
    def __init__(self, *args, record, **kwargs):
        self.record = record
        super().__init__(*args, session=record.session, initial=_values_of(record, EVENT_FIELDS), **kwargs)


def _values_of(record, names):
    return {name: getattr(record, name) for name in ("version", *names)}
