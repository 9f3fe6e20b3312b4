"""Forms for booking and moving a visit, and the filter of the diary."""

import datetime as dt
from urllib.parse import urlencode

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from clinic.models import User
from clinic.records.date_fields import DayInput, TypedDateFormField, TypedTimeFormField
from clinic.records.dates import possible_day, start_of
from clinic.records.numbers import LARGEST_ID, CountFormField, VersionField
from clinic.web.choices import offer
from clinic.web.forms import CreationForm
from patients.diary.free_times import nearest_free_times, next_free_times
from patients.diary.models.opening_hours import VisitLength
from patients.diary.models.visit import LONGEST_VISIT_MINUTES, Visit, VisitKind, possible_local_time
from patients.diary.open_days import can_be_booked
from patients.followups.forms import WeeksField
from patients.followups.models.followup import FollowUp
from patients.front_desk.actions.visits import TimeTaken
from patients.waiting.models.waiting_entry import WaitingEntry

ROUND_TO_MINUTES = 5


class _TimeForm(CreationForm):
    """Clinician, time and length; times are in the clinic's time zone.

    `take` is one of the listed free times, when selected: it replaces clinician, date and time.
    """

    field_names = {"starts_at": "time"}
    nearest = ()

    clinician = forms.ModelChoiceField(queryset=User.objects.none(), empty_label="Choose the clinician", required=False)
    day = TypedDateFormField(widget=DayInput(), validators=[possible_day], required=False)
    time = TypedTimeFormField(required=False)
    minutes = CountFormField(
        required=False,
        min_value=1,
        max_value=LONGEST_VISIT_MINUTES,
        label="Minutes",
        error_messages={"invalid": "Type the minutes as a whole number."},
    )
    outside_note = Visit._meta.get_field("outside_note").formfield(label="Reason for booking outside hours")
    although_past = forms.BooleanField(required=False, label="Book it in the past")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["clinician"].queryset = User.objects.clinicians()

    def clean(self):
        typed = super().clean()
        if taken := self.data.get("take"):
            self._read_free_time(taken, typed)
        else:
            self._read_time(typed)
        return typed

    def _read_free_time(self, taken, typed):
        clinician, _, timestamp = taken.partition("@")
        try:
            self.starts_at = dt.datetime.strptime(timestamp, "%Y-%m-%dT%H:%MZ").replace(tzinfo=dt.UTC)
            typed["clinician"] = self.fields["clinician"].clean(clinician)
            possible_local_time(self.starts_at)
        except (ValueError, ValidationError):
            self.add_error(None, "This time cannot be read. Choose another.")

    def _read_time(self, typed):
        for name, message in (
            ("clinician", "Choose the clinician."),
            ("day", "Choose the day."),
            ("time", "Choose the time."),
        ):
            if not typed.get(name) and name not in self.errors:
                self.add_error(name, message)
        if typed.get("day") and typed.get("time"):
            self.starts_at = dt.datetime.combine(typed["day"], typed["time"], timezone.get_current_timezone())
            try:
                Visit._meta.get_field("starts_at").run_validators(self.starts_at)
            except ValidationError as error:
                self.add_error("time", error)

    def values(self):
        typed = super().values()
        del typed["day"], typed["time"]
        return {**typed, "starts_at": self.starts_at}

    def handle_refusal(self, refused):
        if isinstance(refused, TimeTaken):
            visit = refused.visit
            self.nearest = nearest_free_times(
                clinician=visit.clinician, minutes=visit.minutes, to=visit.starts_at, moving=visit.moved_from_id
            )


class BookForm(_TimeForm):
    """A visit of a patient, and the follow-up that it belongs to."""

    class Meta:
        model = Visit
        fields = ("kind",)

    follow_up = forms.ModelChoiceField(
        queryset=FollowUp.objects.none(),
        required=False,
        empty_label="None",
        label="For follow-up",
        error_messages={"invalid_choice": "This follow-up is no longer open."},
    )

    # The entry of the waiting list from which the booking began; it can have ended since.
    waiting_entry = forms.ModelChoiceField(
        queryset=WaitingEntry.objects.none(), required=False, widget=forms.HiddenInput()
    )

    field_order = ("clinician", "kind", "day", "time", "minutes", "follow_up", "outside_note", "although_past")

    def __init__(self, *args, patient, by, follow_up=None, follow_ups=None, chosen=None, **kwargs):
        """`follow_ups` are those of the patient that are open, if the page has read them."""
        waiting = FollowUp.objects.open_of(patient)
        answered = waiting[:2] if follow_ups is None else follow_ups[:2]
        initial = {**_initial(by=by, follow_up=follow_up, waiting=answered), **(chosen or {})}
        super().__init__(*args, initial=initial, **kwargs)
        self.fields["kind"].choices = [("", "Choose the kind"), *VisitKind.choices]
        offer(self.fields["follow_up"], waiting, empty_label="None", known=follow_ups)
        self.fields["waiting_entry"].queryset = patient.waiting_entries.all()
        self.fields["follow_up"].label_from_instance = lambda one: f"{one.get_kind_display()}: {one.request_text()}"
        self.fields["minutes"].help_text = "If empty, the usual length for this kind of visit is used."

    def _read_time(self, typed):
        if "here_now" not in self.data:
            super()._read_time(typed)
        elif not typed.get("clinician"):
            self.add_error("clinician", "Choose the clinician.")
        else:
            self.starts_at = _now_at_the_clinic()

    def values(self):
        return {**super().values(), "arrived": "here_now" in self.data}


def _now_at_the_clinic():
    now = timezone.now()
    return now - dt.timedelta(minutes=now.minute % ROUND_TO_MINUTES, seconds=now.second, microseconds=now.microsecond)


def _initial(*, by, follow_up, waiting):
    """Initial values: a clinician's own name; a follow-up's clinician, kind, and date unless it has passed.

    A single follow-up in `waiting` is preselected: if it were forgotten, it would stay open.
    """
    if follow_up is None:
        answered = waiting[0].pk if len(waiting) == 1 else None
        return {"clinician": by.pk if by.is_clinician else None, "follow_up": answered}
    day = follow_up.due_on if follow_up.due_on >= timezone.localdate() else None
    return {
        "clinician": follow_up.clinician_id,
        "day": day,
        "follow_up": follow_up.pk,
        "kind": follow_up.visit_kind,
    }


class MoveForm(_TimeForm):
    """Another time for a booked visit; the version is that of the visit."""

    version = VersionField()

    def __init__(self, *args, visit, chosen=None, **kwargs):
        starts_at = timezone.localtime(visit.starts_at)
        initial = {
            "clinician": visit.clinician_id,
            "day": starts_at.date(),
            "time": starts_at.time(),
            "minutes": visit.minutes,
            "outside_note": visit.outside_note,
            "version": visit.version,
            **(chosen or {}),
        }
        super().__init__(*args, initial=initial, **kwargs)
        self.fields["minutes"].required = True

    def handle_conflict(self, conflict):
        super().handle_conflict(conflict)
        self.data = self.data.copy()
        self.data["version"] = str(conflict.current.version)


class ChosenTime(forms.Form):
    """The query string of a time: from the diary to the form, and between pages of the diary."""

    clinician = forms.ModelChoiceField(queryset=User.objects.none(), required=False)
    day = TypedDateFormField(required=False, validators=[possible_day])
    time = TypedTimeFormField(required=False)
    kind = forms.ChoiceField(required=False, choices=VisitKind)
    minutes = CountFormField(required=False, min_value=1, max_value=LONGEST_VISIT_MINUTES)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["clinician"].queryset = User.objects.clinicians()

    def chosen(self):
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value not in (None, "")}

    def starts_at(self):
        """None without a clinician, a date and a time, or if this time does not exist."""
        chosen = self.chosen()
        if not {"clinician", "day", "time"} <= chosen.keys():
            return None
        starts_at = dt.datetime.combine(chosen["day"], chosen["time"], timezone.get_current_timezone())
        return starts_at if can_be_booked(starts_at) else None

    def query_string(self):
        return urlencode({name: self.data[name] for name in self.chosen()})


class FreeTimesForm(forms.Form):
    """Filters for free times: clinician, length, and first date (or a number of weeks from today)."""

    clinician = forms.ModelChoiceField(queryset=User.objects.none(), required=False)
    kind = forms.ChoiceField(required=False, choices=VisitKind)
    minutes = CountFormField(required=False, min_value=1, max_value=LONGEST_VISIT_MINUTES)
    since = TypedDateFormField(required=False, widget=DayInput(), validators=[possible_day], label="from")
    weeks = WeeksField(required=False, label="or in")
    any_clinician = forms.BooleanField(required=False, label="any clinician")
    moving = CountFormField(required=False, min_value=1, max_value=LARGEST_ID)

    def __init__(self, data):
        # Next to a visit's form, the search begins with the date entered there.
        super().__init__({"since": data.get("day"), **dict(data.items())}, auto_id="free-%s", label_suffix="")
        self.fields["clinician"].queryset = User.objects.clinicians()
        for name in ("since", "weeks"):
            self.fields[name].widget.attrs["class"] = "form-control form-control-sm"
        self.fields["any_clinician"].widget.attrs["class"] = "form-check-input"

    def chosen(self):
        self.is_valid()
        return self.cleaned_data

    def length(self):
        chosen = self.chosen()
        if chosen.get("minutes"):
            return chosen["minutes"]
        return VisitLength.objects.get(kind=chosen["kind"]).minutes if chosen.get("kind") else None

    def of_the_visit(self):
        names = ("clinician", "kind", "minutes", "follow_up", "waiting_entry", "moving")
        return {name: self.data[name] for name in names if self.data.get(name)}

    def from_day(self):
        chosen, today = self.chosen(), timezone.localdate()
        if chosen.get("weeks"):
            return today + dt.timedelta(weeks=chosen["weeks"])
        return max(chosen.get("since") or today, today)

    def found(self):
        chosen, minutes = self.chosen(), self.length()
        if minutes is None:
            return []
        one = chosen.get("clinician") if not chosen.get("any_clinician") else None
        since = max(start_of(self.from_day()), timezone.now())
        clinicians = [one] if one else self.fields["clinician"].queryset
        return next_free_times(clinicians=clinicians, minutes=minutes, since=since, moving=chosen.get("moving"))


class DiaryForm(forms.Form):
    view = forms.ChoiceField(required=False, choices=[("day", "Day"), ("week", "Week")])
    day = TypedDateFormField(required=False, widget=DayInput(), validators=[possible_day], label="Go to")
    weeks = WeeksField(required=False)
    clinician = forms.TypedChoiceField(required=False, empty_value=None)

    def __init__(self, *args, clinicians=(), **kwargs):
        super().__init__(*args, auto_id="diary-%s", **kwargs)
        by_pk = {str(one.pk): one for one in clinicians}
        self.fields["clinician"].choices, self.fields["clinician"].coerce = by_pk.items(), by_pk.get
        for name, css in (("day", "form-control"), ("weeks", "form-control"), ("clinician", "form-select")):
            self.fields[name].widget.attrs["class"] = f"{css} {css}-sm"

    def chosen_day(self):
        """*in N weeks from today* has priority over a date; today if neither is valid."""
        self.is_valid()
        if weeks := self.cleaned_data.get("weeks"):
            return timezone.localdate() + dt.timedelta(weeks=weeks)
        return self.cleaned_data.get("day") or timezone.localdate()

    def chosen_clinician(self):
        self.is_valid()
        return self.cleaned_data.get("clinician")

    def is_week(self):
        self.is_valid()
        return self.cleaned_data.get("view") == "week"
