"""Forms for a consent, and for information that was given."""

from clinic.web.forms import CreationForm
from planning.sessions.models.consent import Consent, InformationGiven


class ConsentFields(CreationForm):
    class Meta:
        model = Consent
        fields = ("given_by", "given_on", "form_version")


class PatientConsentForm(ConsentFields):
    """On the page of a patient's papers, together with the form below."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, auto_id="consent-%s", **kwargs)


class InformationForm(CreationForm):
    class Meta:
        model = InformationGiven
        fields = ("title", "leaflet_version", "given_by", "given_on")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, auto_id="information-%s", **kwargs)
