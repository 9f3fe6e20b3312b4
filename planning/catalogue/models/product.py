"""The products of the catalogue: names and unit labels, and no numbers."""

from django.db import models
from django.db.models import Q
from simple_history.models import HistoricalRecords

from clinic.records.numbers import Count
from clinic.records.text import Line, search_key
from planning.catalogue.models.entry import Retirable, deletion_obstacle, session_counts


class UnitLabel(models.TextChoices):
    """How a product's units are written; units of different products are not interchangeable."""

    UNITS = "units", "units"
    U = "U", "U"


class Product(Retirable):
    """A botulinum toxin product: brand, non-proprietary name, unit label; no strength, no dose, no dilution."""

    NAMED_BY = ("brand_name", "nonproprietary_name")

    brand_name = Line(max_length=100)
    nonproprietary_name = Line("non-proprietary name", max_length=100)
    unit_label = models.CharField(max_length=10, choices=UnitLabel, default=UnitLabel.UNITS)
    order = Count(default=0)

    history = HistoricalRecords()

    class Meta:
        ordering = ["order", "brand_name"]
        constraints = [
            models.UniqueConstraint(
                models.functions.Lower("brand_name"),
                name="planning_product_brand_names_are_unique_ignoring_case",
                violation_error_message="Another product has this brand name.",
            ),
            models.CheckConstraint(
                name="planning_product_has_both_names", condition=~Q(brand_name="") & ~Q(nonproprietary_name="")
            ),
            models.CheckConstraint(
                name="planning_product_unit_label_is_known", condition=Q(unit_label__in=UnitLabel.values)
            ),
        ]

    def __str__(self):
        return f"{self.brand_name} ({self.nonproprietary_name})"

    def unique_keys(self):
        return {search_key(self.brand_name)}

    def _checks(self, catalogue):
        taken = catalogue.owner(search_key(self.brand_name), besides=self)
        return {
            "brand_name": f"{taken} has this brand name." if taken else None,
            "unit_label": self._unit_obstacle(catalogue.stored(self)),
        }

    def _unit_obstacle(self, stored):
        if stored is None or stored.unit_label == self.unit_label or not self.sessions.exists():
            return None
        return f"Doses of sessions are written in “{stored.unit_label}”. A unit in use cannot be changed."

    def deletion_obstacle(self):
        return deletion_obstacle(
            self,
            ("named in {}", "session", self.sessions.count()),
            ("attached to {}", "scanned code", self.gtins.count()),
            ("named with {}", "scanned code", self.scans.count()),
        )

    def usages(self):
        return self.naming()

    def naming(self):
        return session_counts(self.sessions.all())
