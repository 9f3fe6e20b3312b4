"""One row of a session: a muscle on one side, what was planned for it and what was given."""

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone

from clinic.models import LockingQuerySet, Versioned
from clinic.records.numbers import Count
from clinic.records.text import Line
from planning.catalogue.models.muscle import Muscle, Side
from planning.sessions.doses import DoseField, sum_of_typed
from planning.sessions.models.vial import Vial

MOST_SITES = 99


class Guidance(models.TextChoices):
    LANDMARKS = "landmarks", "Landmarks"
    EMG = "emg", "EMG"
    ULTRASOUND = "ultrasound", "Ultrasound"
    EMG_AND_ULTRASOUND = "emg_and_ultrasound", "EMG and ultrasound"
    STIMULATION = "stimulation", "Electrical stimulation"
    NONE = "none", "None"
    OTHER = "other", "Other"


class InjectionQuerySet(LockingQuerySet):
    def active(self):
        return self.filter(removed_at=None)

    def in_order(self):
        return self.order_by("pk")

    def sessions(self):
        sessions = self.model._meta.get_field("session").related_model.objects
        return sessions.filter(pk__in=self.values("session"))

    def with_session(self):
        return self.select_related("muscle", "session__visit", "session__product").in_order()

    def for_history(self):
        return self.select_related("muscle").in_order()

    def for_texts(self):
        """Which muscles and sides, and no dose."""
        return self.for_history().only("session", "side", "not_given", "removed_at", "muscle__name")


class Injection(Versioned):
    """One row of a session. Muscle and side never change: the row is removed and another added."""

    session = models.ForeignKey("planning.InjectionSession", on_delete=models.PROTECT, related_name="injections")
    muscle = models.ForeignKey(Muscle, on_delete=models.PROTECT, related_name="injections")
    side = models.CharField(max_length=10, choices=Side)
    planned_dose = DoseField("planned")
    given_dose = DoseField("given")
    # Only the user who typed a dose can restore it after its row was removed.
    planned_typed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, editable=False, related_name="+"
    )
    given_typed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, editable=False, related_name="+"
    )
    typed_at = models.DateTimeField(null=True, editable=False)
    not_given = models.BooleanField(default=False)
    not_given_reason = Line("why not", max_length=200, blank=True)
    sites = Count(null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(MOST_SITES)])
    guidance = models.CharField(max_length=20, choices=Guidance, blank=True)
    vial = models.ForeignKey(Vial, on_delete=models.PROTECT, null=True, blank=True, related_name="injections")
    note = Line(max_length=300, blank=True)
    removed_at = models.DateTimeField(null=True, editable=False)

    objects = InjectionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["session", "muscle", "side"],
                condition=Q(removed_at=None, vial=None),
                name="planning_injection_muscle_and_side_are_unique_without_a_vial",
            ),
            models.UniqueConstraint(
                fields=["session", "muscle", "side", "vial"],
                condition=Q(removed_at=None, vial__isnull=False),
                name="planning_injection_muscle_side_and_vial_are_unique",
            ),
            models.CheckConstraint(name="planning_injection_side_is_known", condition=Q(side__in=Side.values)),
            models.CheckConstraint(
                name="planning_injection_guidance_is_known", condition=Q(guidance__in=["", *Guidance.values])
            ),
            models.CheckConstraint(
                name="planning_injection_sites_are_a_small_number",
                condition=Q(sites=None) | Q(sites__gte=1, sites__lte=MOST_SITES),
            ),
            models.CheckConstraint(
                name="planning_injection_not_given_has_no_given_dose",
                condition=Q(not_given=False) | Q(given_dose=""),
            ),
            models.CheckConstraint(
                name="planning_injection_reason_only_where_not_given",
                condition=Q(not_given=True) | Q(not_given_reason=""),
            ),
        ]

    def __str__(self):
        return f"{self.muscle}, {self.side}"

    def note_typed(self, names, *, by):
        """Record the user who has just typed or cleared these doses."""
        for name in names:
            setattr(self, name.replace("_dose", "_typed_by"), by if getattr(self, name) else None)
        if names:
            self.typed_at = timezone.now()

    def typed_doses(self):
        """(field name, dose, user who typed it) of each stored dose."""
        fields = (
            ("planned_dose", self.planned_dose, self.planned_typed_by),
            ("given_dose", self.given_dose, self.given_typed_by),
        )
        return [(name, dose, by) for name, dose, by in fields if dose]


def summary_of(rows):
    """A summary of rows given as (given dose, not given): counts, and the plain sum of the typed doses."""
    rows = list(rows)
    given = [dose for dose, _ in rows if dose]
    not_given = sum(left_out for _, left_out in rows)
    return {
        "rows": len(rows),
        "given": len(given),
        "not_given": not_given,
        "without": len(rows) - len(given) - not_given,
        "sum": sum_of_typed(given),
    }
