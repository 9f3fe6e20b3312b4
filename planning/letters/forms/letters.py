"""Forms for letters."""

from django import forms
from django.utils import timezone

from clinic.web.choices import ReadChoiceField
from clinic.web.forms import CreationForm, RecordForm
from planning.letters.models.letter import Letter, LetterSending
from planning.letters.models.template import LetterTemplate


class NewLetterForm(CreationForm):
    template = ReadChoiceField(LetterTemplate.objects.none(), empty_label=None)

    class Meta:
        model = Letter
        fields = ("recipient",)
        widgets = {"recipient": forms.Textarea({"rows": 4})}

    def __init__(self, *args, about, recipient="", **kwargs):
        super().__init__(*args, initial={"recipient": recipient}, **kwargs)
        self.fields["template"].queryset = LetterTemplate.objects.offered().filter(about=about)


class LetterForm(RecordForm):
    class Meta:
        model = Letter
        fields = ("recipient", "text")
        widgets = {"recipient": forms.Textarea({"rows": 4}), "text": forms.Textarea({"rows": 22})}


class SendingForm(CreationForm):
    class Meta:
        model = LetterSending
        fields = ("how", "sent_on", "note")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, initial={"sent_on": timezone.localdate()}, **kwargs)
