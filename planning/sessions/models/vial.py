"""A vial of a session, as typed."""

from django.db import models
from django.db.models import Q

from clinic.models import LockingQuerySet, Versioned
from clinic.records.text import Line
from planning.sessions.models.lot import LONGEST_LOT, LotQuerySet, WithLot

# What is typed about a vial.
VIAL_FIELDS = ("lot_number", "expiry", "size", "diluent", "discarded", "shared")


class VialQuerySet(LotQuerySet, LockingQuerySet):
    def with_lots(self, spellings):
        # The index contains only vials with a lot.
        return self.exclude(lot_number="").filter(lot_number__in=spellings)


class Vial(WithLot, Versioned):
    """A vial, as typed. Collum does not calculate from it."""

    session = models.ForeignKey("planning.InjectionSession", on_delete=models.PROTECT, related_name="vials")
    lot_number = Line(max_length=LONGEST_LOT, blank=True)
    expiry = Line(max_length=30, blank=True)
    size = Line("size as printed", max_length=60, blank=True)
    diluent = Line("diluent and volume", max_length=100, blank=True)
    discarded = Line("discarded, with unit", max_length=60, blank=True)
    shared = models.CharField(
        "shared with another patient", max_length=3, blank=True, choices=[("yes", "Yes"), ("no", "No")]
    )
    added_at = models.DateTimeField(auto_now_add=True)

    objects = VialQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        indexes = [
            models.Index(fields=["added_at"], name="planning_vial_by_day"),
            models.Index(fields=["lot_number"], condition=~Q(lot_number=""), name="planning_vial_by_lot"),
        ]
        constraints = [
            models.CheckConstraint(name="planning_vial_shared_is_known", condition=Q(shared__in=["", "yes", "no"]))
        ]

    def __str__(self):
        return f"Lot {self.lot_number}" if self.lot_number else "Vial without a lot number"
