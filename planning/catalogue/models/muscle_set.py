"""A user's own sets of muscles and sides, to add to a plan at once. They do not contain anything else."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from clinic.models import LockingQuerySet, Versioned
from clinic.records.text import Line
from planning.catalogue.models.muscle import Muscle, Side


class MuscleSetQuerySet(LockingQuerySet):
    def of(self, user):
        return self.filter(owner=user).prefetch_related("entries__muscle__group").order_by(Lower("name"), "pk")


class MuscleSet(Versioned):
    """Belongs to one user; other users cannot see or use it."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="muscle_sets")
    name = Line(max_length=60)

    objects = MuscleSetQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint("owner", Lower("name"), name="planning_muscleset_names_are_unique_ignoring_case"),
            models.CheckConstraint(name="planning_muscleset_has_a_name", condition=~Q(name="")),
        ]

    def __str__(self):
        return self.name

    def as_text(self):
        return " · ".join(str(entry) for entry in self.entries.all())


class MuscleSetEntry(models.Model):
    muscle_set = models.ForeignKey(MuscleSet, on_delete=models.CASCADE, related_name="entries")
    muscle = models.ForeignKey(Muscle, on_delete=models.PROTECT, related_name="set_entries")
    side = models.CharField(max_length=10, choices=Side)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["muscle_set", "muscle", "side"], name="planning_musclesetentry_is_unique"),
            models.CheckConstraint(name="planning_musclesetentry_side_is_known", condition=Q(side__in=Side.values)),
        ]

    def __str__(self):
        return f"{self.muscle} {self.side}"
