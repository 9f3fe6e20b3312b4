"""What every record of a patient is: counted in versions, and marked where it is wrong instead of deleted."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from clinic.exceptions import Conflict
from clinic.text import Line


class LockingQuerySet(models.QuerySet):
    def locked(self, pk, version=None):
        """The row, locked until the transaction ends; Conflict where it is no longer at `version`."""
        # The key is not locked: nobody changes it, and whoever only refers to this row need not wait.
        current = self.select_for_update(of=("self",), no_key=True).get(pk=pk)
        if version is not None and current.version != version:
            raise Conflict(current=current)
        return current


class Versioned(models.Model):
    """Counts its saves, so that a save of what somebody else has changed is noticed."""

    version = models.PositiveIntegerField(default=1, editable=False)

    objects = LockingQuerySet.as_manager()

    class Meta:
        abstract = True

    def save(self, *args, **kwargs):
        if not self._state.adding:
            self.version += 1
        super().save(*args, **kwargs)


def now():
    """As timezone.now(), asked when it is called: the demo’s clock is set."""
    return timezone.now()


# Those entered in error stand at the end of a list.
STANDING_FIRST = F("error_at").asc(nulls_first=True)


class CorrectableQuerySet(LockingQuerySet):
    def standing(self):
        """Not entered in error."""
        return self.filter(error_at=None)


class Correctable(Versioned):
    """Never deleted: a wrong one is marked as entered in error, with a reason, and stays to be seen as such.

    Each names its `patient`.
    """

    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, editable=False, related_name="+"
    )
    recorded_at = models.DateTimeField(default=now, editable=False)
    error_reason = Line("why", max_length=300, blank=True, editable=False)
    error_at = models.DateTimeField(null=True, editable=False)
    error_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, editable=False, related_name="+"
    )

    objects = CorrectableQuerySet.as_manager()

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                name="%(app_label)s_%(class)s_error_has_reason_time_person",
                condition=Q(error_reason="", error_at=None, error_by=None)
                | (~Q(error_reason="") & Q(error_at__isnull=False, error_by__isnull=False)),
            )
        ]

    @property
    def is_in_error(self):
        """The single-row form of CorrectableQuerySet.standing(), turned round."""
        return self.error_at is not None

    def change_obstacle(self):
        """Why it cannot be changed, as a sentence; None where it can."""
        return f"This is marked as entered in error: {self.error_reason}" if self.is_in_error else None

    def return_obstacle(self):
        """Why the mark cannot be undone, as a sentence; here nothing stands in the way."""


def not_in_the_future(day):
    """A validator for days on which something happened."""
    if day > timezone.localdate():
        raise ValidationError("This day lies in the future.")
