"""A row of an import: what it says, and what becomes of it."""

from contextlib import contextmanager

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Q

from clinic.records.exceptions import Refused
from clinic.records.text import printable
from patients.imports.models.import_batch import ImportBatch


class RowOutcome(models.TextChoices):
    CREATE = "create", "Create"
    UPDATE = "update", "Update"
    UNCHANGED = "unchanged", "Unchanged"
    SKIP = "skip", "Skipped"
    ASK = "ask", "To decide"


class ImportRowQuerySet(models.QuerySet):
    def in_order(self):
        return self.order_by("number")

    def to_store(self):
        return self.filter(is_done=False, outcome__in=(RowOutcome.CREATE, RowOutcome.UPDATE)).in_order()

    def stored(self):
        return self.filter(is_done=True)

    def undecided(self):
        return self.filter(outcome=RowOutcome.ASK)


class ImportRow(models.Model):
    """`values` are those of the matched columns, checked and ready to be stored.

    `alike` lists the similar patients, as {"patient": id}, and the similar earlier rows, as {"row": number}.
    `same_as_row` is the number of the earlier row that is the same person.
    """

    batch = models.ForeignKey(ImportBatch, on_delete=models.PROTECT, related_name="rows", db_index=False)
    number = models.PositiveIntegerField()
    source_id = models.CharField(max_length=100, blank=True)
    label = models.CharField(max_length=300, blank=True)
    values = models.JSONField(default=dict)
    outcome = models.CharField(max_length=10, choices=RowOutcome)
    message = models.CharField(max_length=500, blank=True)
    alike = models.JSONField(default=list)
    # Ids without a foreign key: what an import created can be removed by undoing it.
    record = models.BigIntegerField(null=True)
    patient = models.BigIntegerField(null=True)
    same_as_row = models.PositiveIntegerField(null=True)
    seen_version = models.PositiveIntegerField(null=True)
    is_new = models.BooleanField(default=False)
    is_done = models.BooleanField(default=False)
    # For undo: the version after the import, and what the record and its source had before.
    stored_version = models.PositiveIntegerField(null=True)
    before = models.JSONField(default=dict)

    objects = ImportRowQuerySet.as_manager()

    class Meta:
        ordering = ["number"]
        indexes = [
            models.Index(fields=["batch", "outcome", "number"], name="patients_importrow_by_outcome"),
            models.Index(fields=["batch", "source_id"], name="patients_importrow_by_source"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["batch", "number"], name="patients_importrow_number_is_unique"),
            models.CheckConstraint(
                name="patients_importrow_outcome_is_known", condition=Q(outcome__in=RowOutcome.values)
            ),
        ]

    def __str__(self):
        return f"row {self.number}"

    def skip(self, message):
        self.outcome, self.message = RowOutcome.SKIP, printable(message)[:500]

    @contextmanager
    def skipped_if_rejected(self):
        """Skip the row if an action rejects it, and undo what was written for it."""
        try:
            with transaction.atomic():
                yield
        except Refused as refused:
            self.skip(refused.message)
        except ValidationError as error:
            self.skip(" ".join(error.messages))

    @property
    def is_changed(self):
        """Whether it changed a record that existed before."""
        return self.is_done and not self.is_new
