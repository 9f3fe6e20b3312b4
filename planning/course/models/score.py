"""Scores of an assessment."""

from django.db import models
from simple_history.models import HistoricalRecords

from planning.catalogue.models.instrument import Instrument
from planning.catalogue.scores import ScoreValueField, in_figures


class ScoreQuerySet(models.QuerySet):
    def in_order(self):
        return self.select_related("instrument").order_by("instrument__order", "instrument__name")


class Score(models.Model):
    """A total or subscale total as typed, within the range of its instrument."""

    assessment = models.ForeignKey("planning.Assessment", on_delete=models.PROTECT, related_name="scores")
    instrument = models.ForeignKey(Instrument, on_delete=models.PROTECT, related_name="scores")
    value = ScoreValueField()

    objects = ScoreQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["assessment", "instrument"], name="planning_score_is_unique"),
        ]

    def __str__(self):
        return f"{self.instrument} {in_figures(self.value)}"
