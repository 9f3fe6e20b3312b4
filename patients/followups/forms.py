"""Forms for follow-ups."""

from django import forms

from clinic.models import User
from clinic.records.date_fields import DayInput, TypedDateFormField
from clinic.records.exceptions import Refused
from clinic.records.numbers import CountFormField
from clinic.web.choices import ReadChoiceField
from clinic.web.forms import ActionForm, ChangeForm, CreationForm
from patients.followups.actions import LATEST_WEEKS, SeeAgain
from patients.followups.models.contact import ContactAttempt, ContactOutcome, ContactWay
from patients.followups.models.followup import FollowUp, FollowUpKind


class WeeksField(CountFormField):
    """Any number of weeks; no default."""

    def __init__(self, **kwargs):
        super().__init__(
            min_value=1,
            max_value=LATEST_WEEKS,
            error_messages={"invalid": "Type the number of weeks as a whole number."},
            **kwargs,
        )


class SeeAgainForm(ActionForm):
    """When should the patient be seen again? Initially empty; one of three answers, or none if `needed` is false."""

    AGAIN = ("on", "weeks", "no_follow_up", "no_follow_up_reason", "kind", "clinician", "why")

    on = TypedDateFormField(required=False, widget=DayInput(), label="on")
    weeks = WeeksField(required=False, label="weeks")
    no_follow_up = forms.BooleanField(required=False, label="No follow-up needed")
    no_follow_up_reason = forms.CharField(required=False, max_length=300, label="because")
    kind = forms.ChoiceField(required=False, choices=FollowUpKind, initial=FollowUpKind.NEXT_INJECTION, label="for")
    clinician = ReadChoiceField(required=False, queryset=User.objects.none(), label="with", empty_label=None)
    why = forms.CharField(
        required=False, max_length=300, label="why", help_text="For the front desk to read: no findings, no doses."
    )

    def __init__(self, *args, with_clinician, counted_from, needed=True, clinicians=None, **kwargs):
        """`clinicians` are the choices if the page has read them."""
        self.counted_from, self.needed = counted_from, needed
        kwargs["initial"] = {"clinician": with_clinician, **kwargs.get("initial", {})}
        super().__init__(*args, **kwargs)
        self.fields["clinician"].known = clinicians
        self.fields["clinician"].queryset = User.objects.clinicians_and(with_clinician)

    def remove_see_again(self):
        for name in self.AGAIN:
            del self.fields[name]

    @property
    def asks_see_again(self):
        return "weeks" in self.fields

    def clean(self):
        cleaned = super().clean()
        return self._clean_see_again(cleaned) if self.asks_see_again else cleaned

    def _clean_see_again(self, cleaned):
        if cleaned.get("on") or cleaned.get("weeks"):
            self._require_clinician_and_kind(cleaned)
        if cleaned.get("no_follow_up") and not cleaned.get("no_follow_up_reason"):
            self.add_error("no_follow_up_reason", "Enter why no follow-up is needed.")
        answer = self.see_again() or (SeeAgain() if self.needed else None)
        if answer is not None and not {"on", "weeks", "no_follow_up_reason"} & self.errors.keys():
            try:
                answer.due_on(self.counted_from)
            except Refused as refused:
                self.add_error(refused.field, refused.message)
        return cleaned

    def _require_clinician_and_kind(self, cleaned):
        for name in ("kind", "clinician"):
            if not cleaned.get(name) and name not in self.errors:
                self.add_error(name, "Choose one.")

    def values(self):
        others = {name: value for name, value in super().values().items() if name not in self.AGAIN}
        return {**others, "again": self.see_again()}

    def see_again(self):
        typed = self.cleaned_data
        if not (self.asks_see_again and any(typed.get(name) for name in ("on", "weeks", "no_follow_up"))):
            return None
        return SeeAgain(
            on=typed.get("on"),
            weeks=typed.get("weeks"),
            no_follow_up_reason=typed.get("no_follow_up_reason", "") if typed["no_follow_up"] else "",
            kind=typed.get("kind"),
            clinician=typed.get("clinician"),
            why=typed.get("why"),
        )


class ReturnForm(SeeAgainForm, CreationForm):
    """The question on its own page, without a visit."""

    def values(self):
        typed = super().values()
        return {"answer": typed.pop("again"), **typed}


class FollowUpFilter(forms.Form):
    """The filter of the follow-up list."""

    clinician = ReadChoiceField(queryset=User.objects.none(), required=False, empty_label="Every clinician")
    kind = forms.ChoiceField(required=False, choices=[("", "Every kind"), *FollowUpKind.choices])
    only = forms.ChoiceField(
        required=False,
        label="Which",
        choices=[
            ("", "All to book"),
            ("overdue", "Overdue"),
            ("week", "Due this week"),
            ("uncontacted", "Never contacted"),
            ("postponed", "Postponed"),
        ],
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, auto_id="filter-%s", **kwargs)
        self.fields["clinician"].queryset = User.objects.clinicians()
        for field in self.fields.values():
            field.widget.attrs["class"] = "form-select form-select-sm"

    @property
    def is_filtered(self):
        return bool(self.changed_data)

    def filter_text(self):
        """*Overdue, Review, Dr A. Morgan*."""
        chosen = self.cleaned_data if self.is_valid() else {}
        which = dict(self.fields["only"].choices)[chosen.get("only", "")]
        kind = FollowUpKind(chosen["kind"]).label if chosen.get("kind") else ""
        return ", ".join(filter(None, (which, kind, str(chosen.get("clinician") or ""))))

    def chosen(self, today):
        chosen = self.cleaned_data if self.is_valid() else {}
        sets = {
            "overdue": FollowUp.objects.overdue,
            "week": FollowUp.objects.due_this_week,
            "uncontacted": lambda on: FollowUp.objects.to_book(on).never_contacted(),
            "postponed": FollowUp.objects.postponed,
        }
        found = sets.get(chosen.get("only"), FollowUp.objects.to_book)(today)
        if chosen.get("clinician"):
            found = found.filter(clinician=chosen["clinician"])
        if chosen.get("kind"):
            found = found.filter(kind=chosen["kind"])
        return found.due_first()


class CloseForm(ChangeForm):
    reason = FollowUp._meta.get_field("closed_reason").formfield(
        label="Reason", required=True, error_messages={"required": "Enter a reason for closing it."}
    )

    def __init__(self, *args, follow_up, **kwargs):
        super().__init__(*args, auto_id=f"close-{follow_up.pk}-%s", initial={"version": follow_up.version}, **kwargs)


class ContactForm(CreationForm, ChangeForm):
    """The result of a call about the follow-up that was read."""

    class Meta:
        model = ContactAttempt
        fields = ("how", "outcome", "note", "call_again_on")
        widgets = {"call_again_on": DayInput()}

    def __init__(self, *args, follow_up, **kwargs):
        initial = {"version": follow_up.version}
        super().__init__(*args, auto_id=f"contact-{follow_up.pk}-%s", initial=initial, **kwargs)
        for name, all_of in (("how", ContactWay), ("outcome", ContactOutcome)):
            self.fields[name].choices = [("", "Choose"), *all_of.choices]


class HandOverForm(ChangeForm):
    clinician = forms.ModelChoiceField(
        queryset=User.objects.none(),
        empty_label="Choose",
        label="Hand over to",
        error_messages={"required": "Choose who sees the patient."},
    )

    def __init__(self, *args, follow_up, **kwargs):
        super().__init__(*args, auto_id=f"hand-{follow_up.pk}-%s", initial={"version": follow_up.version}, **kwargs)
        self.fields["clinician"].queryset = User.objects.clinicians().exclude(pk=follow_up.clinician_id)
