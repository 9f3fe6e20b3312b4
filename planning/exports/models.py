"""That data of all patients left Collum: what, who, when and why."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from clinic.records.dates import format_local_timestamp
from clinic.records.text import Line


class ExportKind(models.TextChoices):
    EVERYTHING = "everything", "Everything"
    RESEARCH = "research", "For research"
    SESSIONS = "sessions", "Sessions and muscles"


class ResearchDates(models.TextChoices):
    SHIFTED = "shifted", "Shifted, by another number of days for each patient"
    KEPT = "kept", "Kept"


class DataExport(models.Model):
    """Stored before the first row leaves. None is ever changed."""

    kind = models.CharField(max_length=20, choices=ExportKind)
    dates = models.CharField(max_length=10, choices=ResearchDates, blank=True)
    reason = Line(max_length=300, help_text="Who receives the data, and for what.")
    at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        help_text="Empty if a command on the server did it.",
    )

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(name="planning_dataexport_kind_is_known", condition=Q(kind__in=ExportKind.values)),
            models.CheckConstraint(name="planning_dataexport_has_a_reason", condition=~Q(reason="")),
            models.CheckConstraint(
                name="planning_dataexport_dates_match_its_kind",
                condition=Q(kind=ExportKind.RESEARCH, dates__in=ResearchDates.values)
                | (~Q(kind=ExportKind.RESEARCH) & Q(dates="")),
            ),
        ]

    def __str__(self):
        dates = f", dates {self.dates}" if self.dates else ""
        return f"{self.get_kind_display()}{dates}"

    def as_text(self):
        who = self.by or "a command on the server"
        return f"{self}, by {who} on {format_local_timestamp(self.at)}"
