"""Consent to the treatment, and the information given before it."""

from django.db import models
from django.db.models import Q

from clinic.models import ACTIVE_FIRST, Correctable, not_in_the_future
from clinic.records.date_fields import TypedDate
from clinic.records.dates import format_date, format_local_timestamp
from clinic.records.text import Line
from patients.models import Patient


class Consent(Correctable):
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="consents", editable=False)
    given_by = Line(
        "given by", max_length=100, help_text="The patient, or the person who consents on the patient’s behalf."
    )
    given_on = TypedDate("on", validators=[not_in_the_future])
    form_version = Line("version of the form", max_length=60)

    class Meta(Correctable.Meta):
        ordering = [ACTIVE_FIRST, "-given_on", "-pk"]
        constraints = [
            *Correctable.Meta.constraints,
            models.CheckConstraint(
                name="planning_consent_has_a_giver_and_a_form", condition=~Q(given_by="") & ~Q(form_version="")
            ),
        ]

    def __str__(self):
        return f"{self.given_by}, {format_date(self.given_on)}, form {self.form_version}"

    def selection_problem(self, patient):
        """Why a session of this patient cannot name it, as a predicate; None if it can."""
        if self.is_in_error:
            return f"is marked as entered in error: {self.error_reason}"
        if self.patient_id != patient.pk and self.patient_id not in patient.record_ids():
            return "belongs to another patient."
        return None

    def error_text(self):
        """For a session or a signed record that names it; empty unless it is marked as entered in error."""
        if not self.is_in_error:
            return ""
        on = format_local_timestamp(self.error_at)
        return (
            f"The consent chosen here was marked as entered in error on {on}, by {self.error_by}: {self.error_reason}"
        )

    def facts(self):
        return [("Given by", self.given_by), ("On", format_date(self.given_on)), ("Form", self.form_version)]


class InformationGiven(Correctable):
    """A leaflet that was given to the patient."""

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="information_given", editable=False)
    title = Line(max_length=200)
    leaflet_version = Line("version of the leaflet", max_length=60, blank=True)
    given_by = Line("handed out by", max_length=100)
    given_on = TypedDate("on", validators=[not_in_the_future])

    class Meta(Correctable.Meta):
        verbose_name_plural = "information given"
        ordering = [ACTIVE_FIRST, "-given_on", "-pk"]
        constraints = [
            *Correctable.Meta.constraints,
            models.CheckConstraint(
                name="planning_informationgiven_has_a_title_and_a_giver", condition=~Q(title="") & ~Q(given_by="")
            ),
        ]

    def __str__(self):
        version = f", version {self.leaflet_version}" if self.leaflet_version else ""
        return f"{self.title}{version}, {format_date(self.given_on)}"

    def facts(self):
        facts = (
            ("Title", self.title),
            ("Version", self.leaflet_version),
            ("Handed out by", self.given_by),
            ("On", format_date(self.given_on)),
        )
        return [(label, text) for label, text in facts if text]
