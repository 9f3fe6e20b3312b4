"""Forms for responses and adverse events."""

import datetime as dt

from django.db.models import Q
from django.utils import timezone

from clinic.records.dates import start_of
from clinic.web.forms import ActionForm, ChangeForm, CountInput, CreationForm, DayInput, values_of
from patients.models import Visit
from planning.course.models.adverse_event import AdverseEvent, EventKind, Outcome
from planning.course.models.findings import Severity
from planning.course.models.response import DOMAINS, Benefit, Effect, Impression, Response, YesNo
from planning.signing.forms.answers import NOT_ASKED, answer, answers

RESPONSE_FIELDS = (
    "effect", "onset_day", "onset_on", "peak_day", "peak_on", "wearing_off_day", "wearing_off_on", *DOMAINS,
    "impression", "words", "share", "share_on", "share_withdrawn_on", "note",
)  # fmt: skip
EVENT_FIELDS = (
    "kind", "description", "began_day", "began_on", "severity", "serious", "measures", "outcome", "ended_day",
    "ended_on", "visit", "reported_to", "reported_on", "report_reference",
)  # fmt: skip


def _widgets(names):
    days = {name: DayInput() for name in names if name.endswith("_on")}
    return days | {name: CountInput() for name in names if name.endswith("_day")}


class _ToldForm(ActionForm):
    """Fields of a response or an adverse event; its days are entered as a number or as a date."""

    def __init__(self, *args, session, **kwargs):
        self.session = session
        super().__init__(*args, **kwargs)
        for name in self._meta.fields:
            self.fields[name].widget.attrs["autocomplete"] = "off"
            if name.endswith("_day"):
                self.fields[name].error_messages["invalid"] = "Type a number of days."

    def day_pair(self, name):
        return {
            "label": self[f"{name}_day"].label.partition(",")[0],
            "number": self[f"{name}_day"],
            "date": self[f"{name}_on"],
            "said": self._said(name),
        }

    def _said(self, name):
        record = getattr(self, "record", None)
        return record.day_of(name) if record is not None else None


class _ResponseFields(_ToldForm):
    class Meta:
        model = Response
        fields = RESPONSE_FIELDS
        widgets = _widgets(RESPONSE_FIELDS)

    effect = answer("Effect", Effect.choices, error_messages={"required": "Select whether there was a response."})
    share = answer("Can these words be shared with others?", YesNo.choices, unanswered=NOT_ASKED)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["impression"].choices = [("", NOT_ASKED), *Impression.choices]

    def extra_fields(self):
        return answers(Response, DOMAINS, Benefit.choices, unanswered=NOT_ASKED)

    def days(self):
        return [self.day_pair(name) for name in Response.DAYS]

    def domains(self):
        return [self[name] for name in DOMAINS]


class _EventFields(_ToldForm):
    class Meta:
        model = AdverseEvent
        fields = EVENT_FIELDS
        widgets = _widgets(EVENT_FIELDS)
        help_texts = {"visit": ""}

    severity = answer("Severity: how strong", Severity.choices, unanswered="Not known")
    serious = answer(
        "Serious", YesNo.choices, unanswered="Not judged",
        help_text=AdverseEvent._meta.get_field("serious").help_text,
    )  # fmt: skip

    def __init__(self, *args, visit=None, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [("", "Choose what happened"), *EventKind.choices]
        self.fields["outcome"].choices = [("", "Not recorded"), *Outcome.choices]
        self.fields["visit"].queryset = _visits_since(self.session)
        self.fields["visit"].empty_label = "between visits"
        if visit is not None:
            self.initial.setdefault("visit", visit)

    def began(self):
        return self.day_pair("began")

    def ended(self):
        return self.day_pair("ended")


def _visits_since(session):
    tomorrow = start_of(timezone.localdate() + dt.timedelta(days=1))
    person = session.visit.patient.person_id
    return (
        Visit.objects.active()
        .filter(Q(patient=person) | Q(patient__same_as=person))
        .filter(starts_at__gte=session.visit.starts_at, starts_at__lt=tomorrow)
        .order_by("-starts_at")
    )


class NewResponseForm(_ResponseFields, CreationForm):
    """The first report at this visit."""


class ResponseForm(_ResponseFields, ChangeForm):
    def __init__(self, *args, record, **kwargs):
        self.record = record
        super().__init__(*args, session=record.session, initial=values_of(record, *RESPONSE_FIELDS), **kwargs)


class NewEventForm(_EventFields, CreationForm):
    pass


class EventForm(_EventFields, ChangeForm):
    def __init__(self, *args, record, **kwargs):
        self.record = record
        super().__init__(*args, session=record.session, initial=values_of(record, *EVENT_FIELDS), **kwargs)
