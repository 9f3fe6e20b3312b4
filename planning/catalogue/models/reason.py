"""Why something planned is not given today: the clinic's own list. Records store the text, not the entry."""

from django.db import models
from django.db.models import Q
from simple_history.models import HistoricalRecords

from clinic.records.numbers import Count
from clinic.records.text import Line
from planning.catalogue.models.entry import PlainEntry


class ReasonNotGiven(PlainEntry):
    """Offered for a row (*not given*) and for a whole session (*not done*)."""

    name = Line("reason", max_length=100)
    order = Count(default=0)
    needs_explanation = models.BooleanField(
        "ask for the reason",
        default=False,
        db_column="asks_for_words",
        help_text="The user types the reason in their own words, as for “other”.",
    )

    history = HistoricalRecords()

    class Meta:
        ordering = ["order", "name"]
        verbose_name = "reason not given"
        verbose_name_plural = "reasons not given"
        constraints = [
            models.UniqueConstraint(
                models.functions.Lower("name"),
                name="planning_reasonnotgiven_names_are_unique_ignoring_case",
                violation_error_message="Another reason has this name.",
            ),
            models.CheckConstraint(name="planning_reasonnotgiven_has_a_name", condition=~Q(name="")),
        ]
