"""Forms for a consent, and for information that was given."""

from clinic.web.forms import CreationForm, DayInput
from planning.sessions.models.consent import Consent, InformationGiven


class ConsentFields(CreationForm):
    class Meta:
        model = Consent
        fields = ("given_by", "given_on", "form_version")
        widgets = {"given_on": DayInput()}


class PatientConsentForm(ConsentFields):
    """On the page of a patient's papers, together with the form below."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, auto_id="consent-%s", **kwargs)


class InformationForm(CreationForm):
    class Meta:
        model = InformationGiven
        fields = ("title", "leaflet_version", "given_by", "given_on")
        widgets = {"given_on": DayInput()}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, auto_id="information-%s", **kwargs)
