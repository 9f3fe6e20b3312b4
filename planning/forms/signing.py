"""What is typed when a session is signed, amended, or ended."""

from django import forms
from django.core.exceptions import ValidationError

from clinic.accounts import password_is_right
from clinic.forms import ActionForm, ChangeForm, CreationForm, DayInput
from clinic.models import User
from patients.models import FollowUpKind
from planning.actions.signing import LATEST_WEEKS, SeeAgain
from planning.forms.sessions import clinicians_and
from planning.models import (
    Amendment,
    AmendmentKind,
)

SEE_AGAIN_FIELDS = ("on", "weeks", "no_follow_up", "no_follow_up_reason", "kind", "clinician", "why")


class SignForm(ActionForm):
    """The password again, and when the patient should be seen again: empty at first, and one of three required."""

    on = forms.DateField(required=False, widget=DayInput(), label="on")
    weeks = forms.IntegerField(
        required=False,
        min_value=1,
        max_value=LATEST_WEEKS,
        label="weeks",
        widget=forms.TextInput({"inputmode": "numeric", "autocomplete": "off"}),
        error_messages={"invalid": "Type the number of weeks as a whole number."},
    )
    no_follow_up = forms.BooleanField(required=False, label="No follow-up needed")
    no_follow_up_reason = forms.CharField(required=False, max_length=300, label="because")
    kind = forms.ChoiceField(choices=FollowUpKind, initial=FollowUpKind.NEXT_INJECTION, label="for")
    clinician = forms.ModelChoiceField(queryset=User.objects.none(), label="with", empty_label=None)
    why = forms.CharField(
        required=False, max_length=300, label="why", help_text="For the desk to read: no findings, no doses."
    )
    password = forms.CharField(
        strip=False,
        widget=forms.PasswordInput({"autocomplete": "current-password"}),
        label="Your password",
        error_messages={"required": "Type your password to sign."},
    )
    content_hash = forms.CharField(widget=forms.HiddenInput, max_length=64)

    def __init__(self, *args, session, request, **kwargs):
        self.session, self.request = session, request
        kwargs.setdefault("initial", {"clinician": session.visit.clinician_id})
        super().__init__(*args, **kwargs)
        self.fields["clinician"].queryset = clinicians_and(session.visit.clinician_id)
        if session.is_being_amended:
            # The follow-up was arranged with the first signature, and stands on the desk's list.
            for name in SEE_AGAIN_FIELDS:
                del self.fields[name]

    @property
    def asks_see_again(self):
        return "weeks" in self.fields

    def clean(self):
        cleaned = super().clean()
        return self._clean_see_again(cleaned) if self.asks_see_again else cleaned

    def _clean_see_again(self, cleaned):
        answers = [name for name in ("on", "weeks", "no_follow_up") if cleaned.get(name)]
        if not {"on", "weeks"} & self.errors.keys() and len(answers) != 1:
            self.add_error(
                None,
                "Say when the patient should be seen again: a number of weeks, a date, or that no follow-up is needed."
                if not answers
                else "Weeks, a date or “no follow-up needed”: give one of them only.",
            )
        if cleaned.get("no_follow_up") and not cleaned.get("no_follow_up_reason"):
            self.add_error("no_follow_up_reason", "Say why no follow-up is needed.")
        if cleaned.get("on") and cleaned["on"] <= self.session.day_given:
            self.add_error("on", "Choose a day after the injections.")
        return cleaned

    def meet(self, conflict):
        """The page says it, beside the content as it is now."""

    def clean_password(self):
        try:
            password_is_right(self.request, self.cleaned_data["password"])
        except ValidationError as error:
            raise ValidationError(error.messages) from error
        return self.cleaned_data["password"]

    def values(self):
        return {"content_hash": self.cleaned_data["content_hash"], "see_again": self.see_again()}

    def see_again(self):
        typed = self.cleaned_data
        if not self.asks_see_again:
            return None
        return SeeAgain(
            on=typed["on"],
            weeks=typed["weeks"],
            no_follow_up_reason=typed["no_follow_up_reason"] if typed["no_follow_up"] else "",
            kind=typed["kind"],
            clinician=typed["clinician"],
            why=typed["why"],
        )


class AmendForm(CreationForm):
    """Why a signed record is opened again; nothing is chosen beforehand."""

    kind = forms.ChoiceField(
        choices=AmendmentKind,
        widget=forms.RadioSelect,
        label="What was wrong?",
        error_messages={"required": "Say what was wrong."},
    )

    def __init__(self, *args, **kwargs):
        reason = Amendment._meta.get_field("reason").formfield(label="In words")
        reason.widget.attrs["rows"] = 3
        reason.error_messages["required"] = "Say in words what is amended."
        self.base_fields = {**self.base_fields, "reason": reason}
        super().__init__(*args, **kwargs)


class NotDoneForm(ChangeForm):
    """Why a plan was not carried out."""

    reason = forms.CharField(max_length=300, error_messages={"required": "Say why it was not done."})


class ErrorForm(ActionForm):
    """Why a session should not be there."""

    reason = forms.CharField(max_length=1000, error_messages={"required": "Say why it was entered in error."})
