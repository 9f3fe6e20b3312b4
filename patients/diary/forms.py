"""Forms for opening hours, visit lengths, reminders and calendar URLs."""

import datetime as dt

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from clinic.records.date_fields import DayInput, TypedDateFormField, TypedTimeFormField
from clinic.records.dates import possible_day
from clinic.records.numbers import CountFormField, VersionField
from clinic.web.forms import ActionForm, ChangeForm, CreationForm, RecordForm, values_of
from patients.diary.models.delay import LONGEST_DELAY, SHORTEST_DELAY
from patients.diary.models.opening_hours import WEEKDAYS, Absence, Closure, VisitLength, WorkingHours
from patients.diary.models.reminders import ReminderText
from patients.diary.models.slip import SlipText
from patients.diary.models.visit import LONGEST_VISIT_MINUTES, possible_local_time, whole_minute


class HoursForm(ChangeForm):
    """A clinician's working hours; version 0 if none are stored yet."""

    version = VersionField(min_value=0)

    class Meta:
        model = WorkingHours
        fields = WEEKDAYS

    def __init__(self, *args, stored, **kwargs):
        super().__init__(*args, initial=values_of(stored, *WEEKDAYS) if stored else {"version": 0}, **kwargs)


class AbsenceForm(CreationForm):
    """Whole days, or a part of one day."""

    field_names = {"starts_at": "first_day", "ends_at": "last_day"}

    first_day = TypedDateFormField(widget=DayInput(), validators=[possible_day], label="First day")
    last_day = TypedDateFormField(
        widget=DayInput(), validators=[possible_day], required=False, help_text="If empty, that day only."
    )
    from_time = TypedTimeFormField(required=False, help_text="In 24-hour format, such as 14:30. If empty, all day.")
    until_time = TypedTimeFormField(required=False)
    reason = Absence._meta.get_field("reason").formfield()

    def __init__(self, *args, **kwargs):
        super().__init__(*args, auto_id="absence-%s", **kwargs)

    def clean(self):
        typed = super().clean()
        if self.errors:
            return typed
        first, last = typed["first_day"], typed["last_day"] or typed["first_day"]
        whole_until = dt.timedelta(days=0 if typed["until_time"] else 1)
        self.starts_at = self._timestamp("from_time", first, typed["from_time"])
        self.ends_at = self._timestamp("until_time", last + whole_until, typed["until_time"])
        if not self.errors and self.ends_at <= self.starts_at:
            self.add_error("last_day", "An absence must end after it begins.")
        return typed

    def _timestamp(self, name, day, time):
        timestamp = dt.datetime.combine(day, time or dt.time.min, timezone.get_current_timezone())
        if time:
            try:
                possible_local_time(timestamp)
                whole_minute(timestamp)
            except ValidationError as error:
                self.add_error(name, error)
        return timestamp

    def values(self):
        return {"starts_at": self.starts_at, "ends_at": self.ends_at, "reason": self.cleaned_data["reason"]}


class ClosureForm(CreationForm):
    """Days on which the clinic is closed."""

    class Meta:
        model = Closure
        fields = ("name", "first_day", "last_day")
        widgets = {"first_day": DayInput(), "last_day": DayInput()}
        help_texts = {"last_day": "If empty, that day only."}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, auto_id="closure-%s", **kwargs)
        self.fields["last_day"].required = False

    def values(self):
        typed = super().values()
        return {**typed, "last_day": typed["last_day"] or typed["first_day"]}


class LengthsForm(ActionForm):
    def __init__(self, *args, stored, **kwargs):
        self.stored = list(stored)
        super().__init__(*args, **kwargs)

    def extra_fields(self):
        fields = {}
        for one in self.stored:
            fields[one.kind] = CountFormField(
                label=one.get_kind_display(),
                min_value=1,
                max_value=LONGEST_VISIT_MINUTES,
                help_text="minutes",
                initial=one.minutes,
            )
            fields[f"{one.kind}_version"] = VersionField(initial=one.version)
        return fields

    def values(self):
        typed = self.cleaned_data
        return {
            "versions": {one.kind: typed[f"{one.kind}_version"] for one in self.stored},
            **{one.kind: typed[one.kind] for one in self.stored},
        }

    def handle_conflict(self, conflict):
        super().handle_conflict(conflict)
        self.data = self.data.copy()
        for one in VisitLength.objects.all():
            self.data[f"{one.kind}_version"] = str(one.version)
            if one.minutes != self.cleaned_data[one.kind]:
                self.add_error(
                    one.kind, f"Stored now: {one.minutes}. Saving again replaces it with what is shown here."
                )


class ReminderTextForm(RecordForm):
    class Meta:
        model = ReminderText
        fields = ("days_before", "subject", "body", "changed_subject", "cancelled_body", "moved_body")
        widgets = dict.fromkeys(("body", "cancelled_body", "moved_body"), forms.Textarea({"rows": 8}))
        help_texts = {
            "changed_subject": "Of the message to a patient whose visit was cancelled or moved after a reminder.",
            "moved_body": "{new_day} and {new_time} are also filled in.",
        }


class SlipTextForm(RecordForm):
    """Version 0 if no text is stored yet."""

    version = VersionField(min_value=0)

    class Meta:
        model = SlipText
        fields = ("what_to_bring",)
        widgets = {"what_to_bring": forms.Textarea({"rows": 6})}
        help_texts = {"what_to_bring": "One thing a line. If empty, the slip has no such list."}


class DelayForm(ChangeForm):
    """How late a clinician is today; version 0 if no delay is stored yet."""

    version = VersionField(min_value=0)
    day = TypedDateFormField(widget=forms.HiddenInput({"id": False}))
    minutes = CountFormField(
        min_value=SHORTEST_DELAY,
        max_value=LONGEST_DELAY,
        label="About how many minutes late",
        error_messages={
            "required": "Type the minutes, or select End if the clinician is no longer late.",
            "invalid": "Type the minutes as a whole number.",
            "min_value": f"Type at least {SHORTEST_DELAY} minutes, or select End if the clinician is no longer late.",
            "max_value": f"Type at most {LONGEST_DELAY} minutes. For longer, move or cancel the visits.",
        },
    )

    def __init__(self, *args, delay, **kwargs):
        initial = {"version": delay.version, "day": timezone.localdate()}
        minutes = {"minutes": delay.minutes} if delay.is_current else {}
        super().__init__(*args, initial={**initial, **minutes}, auto_id=f"late-{delay.clinician_id}-%s", **kwargs)

    def stored_value(self, current, name):
        return None if name == "minutes" and not current.is_current else super().stored_value(current, name)

    def stored_text(self, current, name):
        return super().stored_text(current, name) if current.is_current else "no longer late"


class DelayEndForm(ActionForm):
    version = VersionField()
    day = TypedDateFormField(widget=forms.HiddenInput({"id": False}))
