"""An injection session at another clinic, before the patient was treated here. It has no dose and is never signed."""

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from simple_history.models import HistoricalRecords

from clinic.models import ACTIVE_FIRST, Correctable, CorrectableQuerySet, not_in_the_future
from clinic.records.date_fields import TypedPartialDate
from clinic.records.text import Line, Lines
from patients.models import Patient

ELSEWHERE = "Elsewhere, before Collum"


def _has_a_year(date):
    if date.is_unknown:
        raise ValidationError("Write at least the year.")
    not_in_the_future(date.earliest)


class SessionElsewhereQuerySet(CorrectableQuerySet):
    def in_order(self):
        return self.order_by(ACTIVE_FIRST, "given_on", "pk")


class SessionElsewhere(Correctable):
    """Everything is text as the other clinic wrote it, so nothing of it can be repeated into a plan."""

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="sessions_elsewhere", editable=False)
    given_on = TypedPartialDate("date", validators=[_has_a_year])
    product = Line(max_length=100, blank=True)
    lot = Line(max_length=60, blank=True)
    muscles = Lines("muscles and sides", max_length=1000, blank=True)
    response = Lines(max_length=2000, blank=True)

    objects = SessionElsewhereQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta(Correctable.Meta):
        verbose_name = "session elsewhere"
        verbose_name_plural = "sessions elsewhere"
        constraints = [
            *Correctable.Meta.constraints,
            models.CheckConstraint(name="planning_sessionelsewhere_has_a_date", condition=~Q(given_on="")),
        ]

    def __str__(self):
        return f"{ELSEWHERE}, {self.given_on.as_text()}"

    def facts(self):
        facts = (
            ("Date", self.given_on.as_text()),
            ("Product", self.product),
            ("Lot", self.lot),
            ("Muscles and sides", self.muscles),
            ("Response", self.response),
        )
        return [(label, text) for label, text in facts if text]

    def summary(self):
        return "; ".join(" ".join(text.split()) for text in (self.product, self.muscles, self.response) if text)
