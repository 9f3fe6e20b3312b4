"""Forms for responses and adverse events."""

import datetime as dt

from django.db.models import Q
from django.utils import timezone

from clinic.records.dates import start_of
from clinic.web.forms import ActionForm, CreationForm, RecordForm
from patients.models import Visit
from planning.course.models.adverse_event import AdverseEvent, EventKind, Outcome
from planning.course.models.findings import Severity
from planning.course.models.response import DOMAINS, Benefit, Effect, Impression, Response, YesNo
from planning.signing.forms.answers import NOT_ASKED, answer, answers


class _AfterSessionFields(ActionForm):
    """Fields of a response or an adverse event; its days are entered as a number or as a date."""

    record = None

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
            "stored": self.record and self.record.day_of(name),
        }


class _ResponseFields(_AfterSessionFields):
    class Meta:
        model = Response
        fields = Response.details()

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


class _EventFields(_AfterSessionFields):
    class Meta:
        model = AdverseEvent
        fields = AdverseEvent.details()
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


class ResponseForm(_ResponseFields, RecordForm):
    pass


class NewEventForm(_EventFields, CreationForm):
    pass


class EventForm(_EventFields, RecordForm):
    pass
