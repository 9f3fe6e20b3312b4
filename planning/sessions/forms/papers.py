"""Forms for a consent, and for information that was given."""

from django.forms.models import fields_for_model

from clinic.web.forms import CreationForm, DayInput
from planning.sessions.models.consent import Consent, InformationGiven


class _PaperForm(CreationForm):
    model = None
    typed = ()

    def __init__(self, *args, **kwargs):
        fields = fields_for_model(self.model, fields=self.typed, widgets={"given_on": DayInput()})
        self.base_fields = {**self.base_fields, **fields}
        super().__init__(*args, **kwargs)


class ConsentFields(_PaperForm):
    model = Consent
    typed = ("given_by", "given_on", "form_version")


class PatientConsentForm(ConsentFields):
    """On the page of a patient's papers, together with the form below."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, auto_id="consent-%s", **kwargs)


class InformationForm(_PaperForm):
    model = InformationGiven
    typed = ("title", "leaflet_version", "given_by", "given_on")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, auto_id="information-%s", **kwargs)
