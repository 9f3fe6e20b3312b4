"""Other treatments of a patient, current and earlier."""

from django.db import models
from django.db.models import Case, Q, When
from django.urls import reverse
from simple_history.models import HistoricalRecords

from clinic.models import ACTIVE_FIRST, Correctable, CorrectableQuerySet
from clinic.records.text import Line
from patients.people.models.patient import Patient


class TherapyKind(models.TextChoices):
    PHYSICAL_THERAPY = "physical_therapy", "Physical therapy"
    ORAL_MEDICATION = "oral_medication", "Oral medication"
    NERVE_BLOCK = "nerve_block", "Nerve block"
    EARLIER_TOXIN = "earlier_toxin", "Earlier toxin"
    OTHER = "other", "Other"


class TherapyQuerySet(CorrectableQuerySet):
    def running_first(self):
        return self.order_by(ACTIVE_FIRST, Case(When(stopped="", then=0), default=1), "pk")


class Therapy(Correctable):
    """Another treatment, at the same time as the injections or before them."""

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="therapies", editable=False)
    kind = models.CharField(max_length=20, choices=TherapyKind)
    description = Line(max_length=300, blank=True, help_text="What it is, without doses.")
    started = Line(max_length=60, blank=True, help_text="As precisely as known.")
    stopped = Line(max_length=60, blank=True, help_text="Leave empty while it continues.")
    provider = Line(max_length=200, blank=True, help_text="Who gives it.")

    objects = TherapyQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta(Correctable.Meta):
        verbose_name_plural = "therapies"
        ordering = [ACTIVE_FIRST, "pk"]
        constraints = [
            *Correctable.Meta.constraints,
            models.CheckConstraint(name="patients_therapy_kind_is_known", condition=Q(kind__in=TherapyKind.values)),
        ]

    def __str__(self):
        return f"{self.get_kind_display()}: {self.description}" if self.description else self.get_kind_display()

    def get_absolute_url(self):
        return reverse("patients:therapy-change", args=[self.pk])

    def time_text(self):
        if self.started and self.stopped:
            return f"{self.started} to {self.stopped}"
        return f"since {self.started}" if self.started else f"until {self.stopped}" if self.stopped else ""

    def facts(self):
        facts = (
            ("Kind", self.get_kind_display()),
            ("What", self.description),
            ("When", self.time_text()),
            ("Provider", self.provider),
        )
        return [(label, text) for label, text in facts if text]
