"""Product codes (GTIN) that clinicians scanned, and what the catalogue manager decided about each."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from simple_history.models import HistoricalRecords

from clinic.models import LockingQuerySet, Versioned
from clinic.records.text import Line
from planning.catalogue.models.product import Product


class ScannedGtinQuerySet(LockingQuerySet):
    def open(self):
        return self.filter(settled_at=None)

    def settled(self):
        return self.exclude(settled_at=None)

    def for_list(self):
        return self.select_related("chosen", "product", "settled_by").order_by("-seen_at", "-pk")


class ScannedGtin(Versioned):
    """A code that the catalogue did not contain when it was scanned.

    It is attached to a product, or dismissed, by the catalogue manager. A scan never chooses the product of a session.
    """

    gtin = Line("GTIN", max_length=14, unique=True, editable=False)
    chosen = models.ForeignKey(
        Product,
        on_delete=models.PROTECT,
        editable=False,
        related_name="scans",
        help_text="The product that the clinician had chosen for the session before the last scan.",
    )
    seen_at = models.DateTimeField(default=timezone.now, editable=False)
    product = models.ForeignKey(
        Product, on_delete=models.PROTECT, null=True, related_name="gtins", help_text="Empty if it was dismissed."
    )
    settled_at = models.DateTimeField(null=True, editable=False)
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, editable=False, related_name="+"
    )

    objects = ScannedGtinQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        ordering = ["pk"]
        verbose_name = "scanned product code"
        constraints = [
            models.CheckConstraint(name="planning_scannedgtin_has_a_code", condition=~Q(gtin="")),
            models.CheckConstraint(
                name="planning_scannedgtin_is_settled_by_a_person",
                condition=Q(settled_at=None, settled_by=None, product=None)
                | Q(settled_at__isnull=False, settled_by__isnull=False),
            ),
        ]

    def __str__(self):
        return self.gtin

    @property
    def is_settled(self):
        return self.settled_at is not None
