"""A consent to the treatment."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from clinic.days import day_in_words
from clinic.models import not_in_the_future
from clinic.text import Line
from patients.models import Patient


class Consent(models.Model):
    """A consent to the treatment, as it was given."""

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="consents")
    given_by = Line("by whom", max_length=100, help_text="The patient, or who may consent in the patient’s place.")
    given_on = models.DateField("on", validators=[not_in_the_future])
    form_version = Line("version of the form", max_length=60)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-given_on", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="planning_consent_says_who_and_to_what", condition=~Q(given_by="") & ~Q(form_version="")
            )
        ]

    def __str__(self):
        return f"{self.given_by}, {day_in_words(self.given_on)}, form {self.form_version}"
