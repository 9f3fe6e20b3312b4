"""The instruments of the catalogue: name, range and which direction is worse; no item texts."""

from django.db import models
from django.db.models import Q
from simple_history.models import HistoricalRecords

from clinic.records.numbers import Count
from clinic.records.text import Line, Lines, counted, search_key
from planning.catalogue.models.entry import Retirable, RetirableQuerySet, deletion_obstacle
from planning.catalogue.scores import ScoreValueField, in_figures


class InstrumentQuerySet(RetirableQuerySet):
    def to_choose_from(self):
        return self.offered().select_related("part_of")


class Instrument(Retirable):
    """A rating scale whose total, or subscale total, is entered as a score. A subscale refers to its total."""

    NAMED_BY = ("name",)
    PARENT = "part_of"

    name = Line(max_length=60)
    full_name = Line(max_length=200, blank=True)
    part_of = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="subscales",
        help_text="The total that this is a subscale of.",
    )  # fmt: skip
    lowest = ScoreValueField("lowest score")
    highest = ScoreValueField("highest score")
    allows_fractions = models.BooleanField(default=False, help_text="Otherwise a score is a whole number.")
    higher_is_worse = models.BooleanField(default=True)
    levels = Lines(
        max_length=1000,
        blank=True,
        help_text=(
            "The meaning of each whole score, one per line, starting with the lowest. "
            "Only if these texts are free to use."
        ),
    )
    source = Line(max_length=300, blank=True, help_text="Where the range comes from.")
    order = Count(default=0)

    objects = InstrumentQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        ordering = ["order", "name"]
        constraints = [
            models.UniqueConstraint(
                models.functions.Lower("name"),
                name="planning_instrument_names_are_unique_ignoring_case",
                violation_error_message="Another instrument has this name.",
            ),
            models.CheckConstraint(name="planning_instrument_has_a_name", condition=~Q(name="")),
            models.CheckConstraint(
                name="planning_instrument_has_a_range",
                condition=Q(highest__gt=models.F("lowest")),
                violation_error_message="The highest score must be above the lowest.",
            ),
            models.CheckConstraint(
                name="planning_instrument_is_not_part_of_itself", condition=Q(part_of=None) | ~Q(part_of=models.F("pk"))
            ),
        ]

    def __str__(self):
        return self.name

    def unique_keys(self):
        return {search_key(self.name)}

    def _checks(self, catalogue):
        taken = catalogue.owner(search_key(self.name), besides=self)
        return {
            "name": f"{taken} has this name." if taken else None,
            "part_of": self._part_obstacle(catalogue),
            "highest": self._range_obstacle(),
            "levels": self._levels_obstacle(),
            **self._use_obstacles(catalogue.stored(self)),
        }

    def _part_obstacle(self, catalogue):
        if self.part_of is None:
            return None
        if self.part_of == self or self.part_of.part_of is not None:
            return "A subscale belongs to a total that is not itself a subscale."
        if part := catalogue.part_of(self):
            return f"{part.name} is a subscale of this, so this cannot become a subscale itself."
        return None

    def _range_obstacle(self):
        if self.lowest is None or self.highest is None or self.lowest < self.highest:
            return None
        return "The highest score must be above the lowest."

    def _levels_obstacle(self):
        if not self.levels or self.lowest is None or self.highest is None:
            return None
        whole = not self.allows_fractions and all(bound % 1 == 0 for bound in (self.lowest, self.highest))
        if not whole or len(self.levels.splitlines()) != self.highest - self.lowest + 1:
            return "A line for each whole score is needed, from the lowest to the highest."
        return None

    def _use_obstacles(self, stored):
        ranges = ("lowest", "highest", "allows_fractions", "higher_is_worse")
        if stored is None or all(getattr(stored, name) == getattr(self, name) for name in ranges):
            return {}
        if not self.scores.exists() or self.lowest is None or self.highest is None:
            return {}
        obstacles = {}
        if stored.higher_is_worse != self.higher_is_worse:
            obstacles["higher_is_worse"] = "Stored scores would mean the opposite."
        if self.scores.filter(Q(value__lt=self.lowest) | Q(value__gt=self.highest)).exists():
            obstacles["highest"] = "Some stored scores are outside this range."
        if not self.allows_fractions and any(value % 1 for value in self.scores.values_list("value", flat=True)):
            obstacles["allows_fractions"] = "Some stored scores are not whole numbers."
        return obstacles

    def range_text(self):
        return f"{in_figures(self.lowest)} to {in_figures(self.highest)}"

    def direction_text(self):
        return "higher is worse" if self.higher_is_worse else "higher is better"

    def choices(self):
        return [(str(int(self.lowest) + place), text) for place, text in enumerate(self.levels.splitlines())]

    def obstacle_of(self, value):
        """Why this score is not valid, as a message; None if it is. A score is not a dose, so its range is checked."""
        if not self.lowest <= value <= self.highest:
            return f"{self.name} must be between {in_figures(self.lowest)} and {in_figures(self.highest)}."
        if value % 1 and not self.allows_fractions:
            return f"{self.name} must be a whole number."
        return None

    def usages(self):
        count = self.scores.count()
        return [counted(count, "score")] if count else []

    def deletion_obstacle(self):
        return deletion_obstacle(
            self,
            ("named in {}", "score", self.scores.count()),
            ("the total of {}", "subscale", self.subscales.count()),
        )

    def naming(self):
        scores = self.scores.count()
        return [counted(scores, "score")] if scores else []
