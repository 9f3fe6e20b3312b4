"""That a clinician is running late. It belongs to one date, so it ends by itself."""

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from simple_history.models import HistoricalRecords

from clinic.models import LockingQuerySet, Versioned
from clinic.records.date_fields import TypedDate
from clinic.records.dates import format_date
from clinic.records.numbers import Count

SHORTEST_DELAY, LONGEST_DELAY = 5, 240  # minutes


class DelayQuerySet(LockingQuerySet):
    def current(self, today):
        return self.filter(day=today, ended_at=None).select_related("clinician", "noted_by").order_by("pk")

    def by_clinician(self, today):
        """The current delays by the id of their clinician."""
        return {delay.clinician_id: delay for delay in self.current(today)}


class Delay(Versioned):
    """About how many minutes a clinician is late on a date, as a user noted it. It never changes a visit.

    Version 0 until it is stored for the first time.
    """

    clinician = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, editable=False, related_name="delays"
    )
    day = TypedDate(editable=False)
    minutes = Count(validators=[MinValueValidator(SHORTEST_DELAY), MaxValueValidator(LONGEST_DELAY)])
    noted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, editable=False, related_name="+")
    noted_at = models.DateTimeField(default=timezone.now, editable=False)
    ended_at = models.DateTimeField(null=True, editable=False)

    objects = DelayQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["clinician", "day"], name="patients_delay_is_unique_for_clinician_and_day"),
            models.CheckConstraint(
                name="patients_delay_lasts_five_minutes_to_four_hours",
                condition=Q(minutes__gte=SHORTEST_DELAY, minutes__lte=LONGEST_DELAY),
            ),
        ]

    @classmethod
    def of_today(cls, clinician):
        """The stored one, or one that is not stored yet."""
        today = timezone.localdate()
        stored = cls.objects.filter(clinician=clinician, day=today).first()
        return stored or cls(clinician=clinician, day=today, version=0)

    def __str__(self):
        return f"{self.clinician}, {self.as_text()}, {format_date(self.day)}"

    @property
    def is_current(self):
        return self.version > 0 and self.ended_at is None and self.day == timezone.localdate()

    def as_text(self):
        return f"about {self.minutes} minutes late"

    def in_short(self):
        return f"about {self.minutes} min late"
