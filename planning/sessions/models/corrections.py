"""Amendments of signed sessions, and sessions entered in error."""

import json

from django.conf import settings
from django.db import models
from django.db.models import Q

from clinic.records.text import Lines


class AmendmentKind(models.TextChoices):
    RECORDED_WRONGLY = "recorded_wrongly", "Recorded incorrectly"
    GIVEN_OTHERWISE = "given_otherwise", "Given differently than intended"


class AmendmentQuerySet(models.QuerySet):
    def open(self):
        return self.filter(signed_as=None, discarded_at=None)

    def signed(self):
        return self.filter(signed_as__isnull=False)


class Amendment(models.Model):
    """A signed session that is open again, until the next record is signed or the amendment is discarded."""

    session = models.ForeignKey("planning.InjectionSession", on_delete=models.PROTECT, related_name="amendments")
    record = models.ForeignKey("planning.SignedRecord", on_delete=models.PROTECT, related_name="amendments")
    kind = models.CharField("what was wrong", max_length=20, choices=AmendmentKind)
    reason = Lines("explanation", max_length=1000)
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    opened_at = models.DateTimeField()
    rows_as_signed = models.TextField(editable=False)
    signed_as = models.OneToOneField(
        "planning.SignedRecord", on_delete=models.PROTECT, null=True, related_name="amendment"
    )
    discarded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    discarded_at = models.DateTimeField(null=True, blank=True)

    objects = AmendmentQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["session"],
                condition=Q(signed_as=None, discarded_at=None),
                name="planning_amendment_is_open_once",
            ),
            models.CheckConstraint(name="planning_amendment_kind_is_known", condition=Q(kind__in=AmendmentKind.values)),
            models.CheckConstraint(name="planning_amendment_has_a_reason", condition=~Q(reason="")),
            models.CheckConstraint(
                name="planning_amendment_is_signed_or_discarded",
                condition=Q(signed_as=None) | Q(discarded_at=None),
            ),
            models.CheckConstraint(
                name="planning_amendment_discarded_at_and_by_together",
                condition=Q(discarded_at=None, discarded_by=None)
                | Q(discarded_at__isnull=False, discarded_by__isnull=False),
            ),
        ]

    def __str__(self):
        return f"amendment of record {self.record.number}: {self.get_kind_display().lower()}"

    @property
    def is_open(self):
        return self.signed_as_id is None and self.discarded_at is None

    def as_signed(self):
        return json.loads(self.rows_as_signed)


class ErrorMarkQuerySet(models.QuerySet):
    def active(self):
        return self.filter(undone_at=None)


class ErrorMark(models.Model):
    """A session that should not exist, and why; it stays visible as such until a neurologist undoes the mark."""

    session = models.ForeignKey("planning.InjectionSession", on_delete=models.PROTECT, related_name="error_marks")
    reason = Lines("why", max_length=1000)
    marked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    marked_at = models.DateTimeField()
    undone_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    undone_at = models.DateTimeField(null=True, blank=True)

    objects = ErrorMarkQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["session"], condition=Q(undone_at=None), name="planning_errormark_is_active_once"
            ),
            models.CheckConstraint(name="planning_errormark_has_a_reason", condition=~Q(reason="")),
            models.CheckConstraint(
                name="planning_errormark_undone_at_and_by_together",
                condition=Q(undone_at=None, undone_by=None) | Q(undone_at__isnull=False, undone_by__isnull=False),
            ),
        ]

    def __str__(self):
        return f"session {self.session_id} entered in error"
