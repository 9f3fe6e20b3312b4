"""Forms for signing, amending and ending a session."""

from django import forms
from django.core.exceptions import ValidationError

from clinic.accounts.lockout import counted, password_is_right
from clinic.accounts.second_factor.ceremonies import NOT_ACCEPTED, CredentialField, is_confirmed, options_for
from clinic.accounts.second_factor.rules import has_passkey
from clinic.web.forms import ActionForm, ChangeForm, CreationForm
from patients.followups.forms import SeeAgainForm
from planning.catalogue.models.reason import ReasonNotGiven
from planning.sessions.models.corrections import Amendment, AmendmentKind


class SignForm(SeeAgainForm):
    """The password again, or a passkey where the clinic allows it, and when the patient should be seen again."""

    password = forms.CharField(
        strip=False,
        widget=forms.PasswordInput({"autocomplete": "current-password"}),
        label="Your password",
        error_messages={"required": "Type your password to sign."},
    )
    finish_visit = forms.BooleanField(required=False, initial=True, label="and mark the visit finished")
    content_hash = forms.CharField(widget=forms.HiddenInput, max_length=64)
    credential = CredentialField(message=NOT_ACCEPTED, required=False)

    def __init__(self, *args, session, request, **kwargs):
        self.session, self.request = session, request
        super().__init__(*args, with_clinician=session.visit.clinician_id, counted_from=session.day_given, **kwargs)
        if session.is_being_amended:
            # The follow-up was arranged with the first signature, and is on the front desk's list.
            self.remove_see_again()
        if not session.can_finish_visit():
            del self.fields["finish_visit"]
        if not (request.clinic.passkey_signs and has_passkey(request.user)):
            del self.fields["credential"]
        elif self.data.get("credential"):
            self.fields["password"].required = False

    def passkey_options(self, content_hash):
        """Bound to this session and this content; "" if a passkey cannot sign."""
        return options_for(self.request, self._purpose(content_hash)) if "credential" in self.fields else ""

    def _purpose(self, content_hash):
        return f"sign session {self.session.pk} {content_hash}"

    def handle_conflict(self, conflict):
        """The page shows the message next to the current content."""

    def clean_password(self):
        if self.fields["password"].required or self.cleaned_data["password"]:
            password_is_right(self.request, self.cleaned_data["password"])
        return self.cleaned_data["password"]

    def clean_credential(self):
        credential = self.cleaned_data["credential"]
        if credential is not None and not self._is_confirmed_by(credential):
            raise ValidationError(NOT_ACCEPTED)
        return credential

    def _is_confirmed_by(self, credential):
        """A passkey that fails counts like a wrong password."""
        purpose = self._purpose(self.cleaned_data.get("content_hash", ""))
        return counted(
            self.request,
            self.request.user.username,
            lambda: is_confirmed(self.request, purpose, credential) or None,
            failure="second factor failed",
        )

    def add_error(self, field, error):
        """A script fills the hidden field of the passkey, so its error is shown above the form."""
        super().add_error(None if field == "credential" else field, error)

    def values(self):
        return {
            "content_hash": self.cleaned_data["content_hash"],
            "see_again": self.see_again(),
            "finish_visit": self.finishes_visit(),
        }

    def finishes_visit(self):
        return self.cleaned_data.get("finish_visit", False)


class AmendForm(CreationForm, ChangeForm):
    """Why a signed record is amended; without a default."""

    kind = forms.ChoiceField(
        choices=AmendmentKind,
        widget=forms.RadioSelect,
        label="What was wrong?",
        error_messages={"required": "Select what was wrong."},
    )

    reason = Amendment._meta.get_field("reason").formfield(
        label="Explanation", error_messages={"required": "Explain what is amended."}
    )


class DiscardForm(ActionForm):
    """No typed values, only the content to discard, as it was shown."""

    content_hash = forms.CharField(widget=forms.HiddenInput, max_length=64)


class NotDoneForm(SeeAgainForm, ChangeForm):
    """Why a plan was not carried out, and when the patient should be seen again."""

    reason = forms.CharField(max_length=300, error_messages={"required": "Enter why it was not done."})


class NotTodayForm(ChangeForm):
    """A reason of the clinic’s list; the end of the visit asks when the patient should be seen again."""

    reason = forms.ModelChoiceField(
        ReasonNotGiven.objects.offered(),
        error_messages={
            "required": "Choose a reason.",
            "invalid_choice": "This reason is no longer in the list. Choose another.",
        },
    )

    def values(self):
        return {**super().values(), "reason": self.cleaned_data["reason"].name, "asked_at_end_of_visit": True}


class ErrorForm(ChangeForm):
    reason = forms.CharField(max_length=1000, error_messages={"required": "Enter why it was entered in error."})
